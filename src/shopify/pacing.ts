import type { Monotonic } from '../clock.ts';
import { Transient } from '../failures.ts';

/**
 * Cost pacing for one store: a copy of Shopify's leaky bucket, corrected by every answer. A request is sent only
 * when the bucket should hold what it will be charged, so that THROTTLED stays the exception. The cost of an
 * operation is learned from its answers and grows with the logarithm of its size (facts: `2 · ln(size)`); Shopify
 * charges the requested cost first and gives the rest back.
 */
export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

export interface Pacing {
  /** Waits until the points are there and reserves them. Throws `Transient` when that would take longer than `waitMaxMs`. */
  admit(operation: string, size: number): Promise<Reservation>;
}

export interface Reservation {
  /** What the answer told: gives back what was not used and corrects the copy. */
  settle(cost: {
    readonly requested: number;
    readonly actual: number | null;
    readonly status: ThrottleStatus;
  }): void;
  /** The request failed without telling its cost. */
  abandon(): void;
}

/** Before the first answer of an operation: about 110 points for a page of 250. */
const UNKNOWN_UNIT_COST = 10;

/** How Shopify sizes a list of `size` objects. */
const unitsOf = (size: number): number => Math.floor(2 * Math.log(Math.max(2, size)));
/** Other users of the same bucket, and rounding on both sides. */
const HEADROOM = 5;

export function createPacing(deps: {
  readonly monotonic: Monotonic;
  readonly sleep: (ms: number) => Promise<void>;
  readonly waitMaxMs: number;
}): Pacing {
  /** Points per unit of size, by operation. */
  const unitCosts = new Map<string, number>();
  const bucket = {
    available: 1_000,
    maximum: 1_000,
    restoreRate: 100,
    at: deps.monotonic(),
    inFlight: 0,
    answers: 0,
  };
  let turn: Promise<unknown> = Promise.resolve();

  const refill = () => {
    const now = deps.monotonic();
    const restored = (Math.max(0, now - bucket.at) / 1_000) * bucket.restoreRate;
    bucket.available = Math.min(bucket.maximum, bucket.available + restored);
    bucket.at = now;
  };

  /** In turn, first come first served: a cheap request must not starve a dear one. */
  const reserve = async (points: number): Promise<void> => {
    for (;;) {
      refill();
      const missing = Math.min(points + HEADROOM, bucket.maximum) - bucket.available;
      if (missing <= 0) break;
      const waitMs = Math.ceil((missing * 1_000) / bucket.restoreRate);
      if (waitMs > deps.waitMaxMs)
        throw new Transient(`the store's API budget is used up for ${Math.ceil(waitMs / 1_000)} s`, {
          retryAfterMs: waitMs,
        });
      await deps.sleep(waitMs);
    }
    bucket.available -= points;
    bucket.inFlight += points;
  };

  return {
    admit: async (operation, size) => {
      const points = Math.ceil((unitCosts.get(operation) ?? UNKNOWN_UNIT_COST) * unitsOf(size));
      const mine = turn.then(() => reserve(points));
      turn = mine.catch(() => {});
      await mine;
      const answersBefore = bucket.answers;
      let open = true;
      const close = () => {
        if (open) bucket.inFlight -= points;
        open = false;
      };
      return {
        settle: ({ requested, actual, status }) => {
          close();
          refill();
          const wasOvertaken = bucket.answers++ !== answersBefore;
          unitCosts.set(operation, requested / unitsOf(size));
          bucket.maximum = status.maximumAvailable;
          bucket.restoreRate = status.restoreRate;
          // Requests still under way may or may not be charged already: assume they are not.
          const told = status.currentlyAvailable - bucket.inFlight;
          // An answer that others overtook may not know what they were charged: it can only lower our own account.
          bucket.available = wasOvertaken ? Math.min(bucket.available + points - (actual ?? 0), told) : told;
        },
        abandon: close,
      };
    },
  };
}
