import type { Timing } from '../src/clock.ts';
import type { Entity } from '../src/entities/entity.ts';
import { Transient } from '../src/failures.ts';
import type { SyncState } from '../src/run.ts';
import type { Head } from '../src/shopify/heads.ts';

/**
 * The window of a sweep: from the watermark minus the overlap, with no upper bound (whatever changes meanwhile may
 * come along). Once a day it reaches back 48 hours, for what the index showed late.
 */
export interface SweepWindow {
  readonly from: number;
  readonly deep: boolean;
  /** The filter may match whole days in either zone: ask from the day before and filter here. */
  readonly byWholeDay: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** All from Shopify's own times, which have whole seconds; `watermark` must be set. */
export function windowOf(
  entity: Entity,
  state: Pick<SyncState, 'watermark' | 'lastDeepSweepAt'>,
  timing: Timing,
): SweepWindow {
  const watermark = state.watermark ?? 0;
  const { lastDeepSweepAt } = state;
  // One behind the watermark was told by a wrong clock, as the watermark was before it was taken back.
  const deep =
    lastDeepSweepAt === null || lastDeepSweepAt > watermark || watermark - lastDeepSweepAt >= DAY_MS;
  const back = deep ? Math.max(timing.overlapMs, 2 * DAY_MS) : timing.overlapMs;
  const from = Math.floor((watermark - back) / 1_000) * 1_000;
  return { from, deep, byWholeDay: entity.filterByWholeDay };
}

/** Quoted, because the value holds colons; an unquoted one is cut at the first and matches something else. */
export function sweepQuery(window: SweepWindow): string {
  const from = window.byWholeDay ? Math.floor(window.from / DAY_MS) * DAY_MS - DAY_MS : window.from;
  return `updated_at:>='${new Date(from).toISOString().replace('.000Z', 'Z')}'`;
}

/**
 * An ignored filter returns everything, an ignored sort key any order. A few heads before the window are lawful
 * (a lagging replica), and a head may be newer than its place in the index.
 */
export function assertWindow(heads: readonly Pick<Head, 'updatedAt'>[], window: SweepWindow): void {
  const earliest = window.byWholeDay ? window.from - 3 * DAY_MS : window.from;
  const outside = heads.filter(({ updatedAt }) => updatedAt < earliest).length;
  if (outside >= 5 && outside > heads.length / 2)
    throw new Transient(
      `${outside} of ${heads.length} objects lie outside the sweep's window: Shopify ignored the filter; the watermark stays`,
      { retryAfterMs: 60_000 },
    );
  const falls = heads.filter((head, i) => i > 0 && head.updatedAt < heads[i - 1]!.updatedAt).length;
  if (falls >= 5 && falls > heads.length / 4)
    throw new Transient(
      'the sweep came back out of order: Shopify ignored the sort key; the watermark stays',
      {
        retryAfterMs: 60_000,
      },
    );
}
