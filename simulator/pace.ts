/** Changes at a steady pace of real time, for demonstrations and benchmarks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Change, change, type What } from './changes.ts';
import type { Random } from './random.ts';
import type { Shop } from './shop.ts';

export interface Pace {
  readonly perSecond: number;
  /** Ends after so many; Infinity until stopped. */
  readonly count: number;
  readonly what?: What;
  readonly signal?: AbortSignal;
}

/** How finely a second is cut. A pace above this many changes a second comes in small bunches. */
const TICK_MS = 10;

/** Hands out each change as it is made. */
export async function* changing(shop: Shop, random: Random, pace: Pace): AsyncGenerator<Change> {
  const begin = performance.now();
  for (let made = 0; made < pace.count; ) {
    if (pace.signal?.aborted) return;
    const due = Math.min(pace.count, Math.floor(((performance.now() - begin) * pace.perSecond) / 1000) + 1);
    for (; made < due; made += 1) yield change(shop, random, pace.what ? { what: pace.what } : {});
    if (made < pace.count) await sleep(TICK_MS, undefined, { ref: false });
  }
}
