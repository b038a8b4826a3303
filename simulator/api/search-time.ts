/**
 * What a time in a `query:` filter means. Three kinds of stretches come out of it:
 *
 * - `'2026-11-01T10:00:00Z'`, quoted: that second. `>` behaves like `>=` and `<` like `<=`, because the shop
 *   keeps microseconds and prints seconds.
 * - `2026-11-01T10:00:00Z`, unquoted: the colon ends the value as far as the filter is concerned, and what is
 *   left is a *day in the shop's time zone*. The bug that half the world's integrations carry.
 * - `2026-11-01`, `2026-11`, `2026`: that day, month or year in the shop's time zone.
 */
import type { Comparator } from './search-syntax.ts';

/** From `start` to just before `end`, milliseconds. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Whether a strict comparison leaves the stretch itself out. */
  readonly strict: boolean;
}

export interface TimeZone {
  /** How far the shop's clock is ahead of UTC. */
  readonly offsetMinutes: number;
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const DAY_MS = 24 * 60 * 60_000;
const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/;

/** Null when the value is no time: the filter is then ignored, as an unknown one is. */
export function stretchOf(value: string, quoted: boolean, zone: TimeZone, now: number): Stretch | null {
  if (value === 'now') return { start: now, end: now + 1, strict: false };
  const match = DATE.exec(value);
  if (!match) return null;
  if (quoted && value.includes('T')) return secondOf(value, zone);
  const [, year, month, day] = match;
  const start = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
  const end = month === undefined ? Date.UTC(Number(year) + 1, 0) : endOf(start, day);
  const shift = zone.offsetMinutes * 60_000;
  return { start: start - shift, end: end - shift, strict: true };
}

function endOf(start: number, day: string | undefined): number {
  if (day !== undefined) return start + DAY_MS;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** A timestamp without a zone is meant in the shop's. */
function secondOf(value: string, zone: TimeZone): Stretch | null {
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(value);
  const parsed = Date.parse(hasZone ? value : `${value}Z`);
  if (Number.isNaN(parsed)) return null;
  const start = Math.floor(parsed / 1000) * 1000 - (hasZone ? 0 : zone.offsetMinutes * 60_000);
  return { start, end: start + 1000, strict: false };
}

/** The whole day, in the shop's time zone, in which the stretch begins. */
export function wholeDayOf({ start }: Stretch, { offsetMinutes }: TimeZone): Stretch {
  const shift = offsetMinutes * 60_000;
  const day = Math.floor((start + shift) / DAY_MS) * DAY_MS - shift;
  return { start: day, end: day + DAY_MS, strict: true };
}

/** The times a comparison lets through: `low` inclusive, `high` exclusive. */
export function boundsOf(comparator: Comparator, { start, end, strict }: Stretch): Bounds {
  switch (comparator) {
    case ':':
      return { low: start, high: end };
    case ':>':
      return { low: strict ? end : start, high: Number.POSITIVE_INFINITY };
    case ':>=':
      return { low: start, high: Number.POSITIVE_INFINITY };
    case ':<':
      return { low: Number.NEGATIVE_INFINITY, high: strict ? start : end };
    case ':<=':
      return { low: Number.NEGATIVE_INFINITY, high: end };
  }
}
