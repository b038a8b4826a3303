/** Milliseconds since 1970. Time is an argument everywhere; only doors pass the real one. */
export type Clock = () => number;

/**
 * Milliseconds since some moment of this process, which nobody sets: durations are differences of it. `Clock` may be set
 * back or forward by hours while the process runs; what waits for a time of it then waits for hours.
 */
export type Monotonic = () => number;

/** A fresh random text that never repeats: sequences of marks, tokens of leases. Chance is an argument too. */
export type Nonce = () => string;

/** The two waits that the rules are made of (design §3), configurable for demonstrations and tests only. */
export interface Timing {
  /** More than any replica of Shopify's is expected to lag. */
  readonly settleMs: number;
  /** More than Shopify's search index is expected to lag. */
  readonly overlapMs: number;
}

export const DEFAULT_TIMING: Timing = { settleMs: 30_000, overlapMs: 15 * 60_000 };
