/**
 * When things happened: two years up to shortly before now, to the microsecond, as Shopify keeps times inside.
 * Some objects are touched by imports that change many within one and the same second.
 */
import type { Random } from '../random.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = 730 * DAY_MS;
/** What was changed last was changed this long ago. */
const QUIET_MS = 2 * 60_000;
const IMPORTS = 6;

export class Past {
  readonly #random: Random;
  readonly #begin: number;
  readonly #end: number;
  readonly #importSeconds: readonly number[];

  constructor(random: Random, now: number) {
    this.#random = random;
    this.#end = now - QUIET_MS;
    this.#begin = this.#end - SPAN_MS;
    const second = () => Math.floor(this.between(this.#end - 90 * DAY_MS, this.#end) / 1000) * 1000;
    this.#importSeconds = Array.from({ length: IMPORTS }, second);
  }

  /** The creation of number `index` of `count`: ascending, at uneven distances. */
  createdAt(index: number, count: number): number {
    const share = (index + this.#random.next()) / count;
    return micros(this.#begin + SPAN_MS * 0.999 * share);
  }

  /** The last change of something created then. */
  updatedAt(createdAt: number): number {
    if (this.#random.chance(0.3)) return createdAt;
    const imported = this.importAfter(createdAt);
    return imported ?? this.between(createdAt, this.#end);
  }

  /** An instant within the second of an import, for one object in eight. */
  importAfter(time: number): number | null {
    if (!this.#random.chance(0.12)) return null;
    const second = this.#random.pick(this.#importSeconds);
    return second > time ? micros(second + this.#random.next() * 999) : null;
  }

  /** The next thing that happens to an object: up to `daysMax` later, or null when that is not past yet. */
  next(after: number, daysMax: number): number | null {
    const time = micros(after + 1000 + this.#random.next() * daysMax * DAY_MS);
    return time < this.#end ? time : null;
  }

  between(low: number, high: number): number {
    return micros(low + this.#random.next() * (high - low));
  }
}

function micros(time: number): number {
  return Math.floor(time * 1000) / 1000;
}
