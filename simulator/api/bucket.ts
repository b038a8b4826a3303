/**
 * The leaky bucket of one app in one shop: it holds 20 seconds' worth of points, fills continuously, and a
 * query is refused whole when it asks for more than is in it.
 */
import type { Plan } from '../profile.ts';

/** Points a second (facts of Shopify's rate-limit page). */
export const RESTORE_RATES: Readonly<Record<Plan, number>> = {
  standard: 100,
  advanced: 200,
  plus: 1000,
  enterprise: 2000,
};

const SECONDS_HELD = 20;

export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

export class Bucket {
  readonly #clock: () => number;
  readonly #plan: () => Plan;
  #points = Number.POSITIVE_INFINITY;
  #at: number;

  constructor(clock: () => number, plan: () => Plan) {
    this.#clock = clock;
    this.#plan = plan;
    this.#at = clock();
  }

  /** Takes the points out, or refuses and takes none. */
  charge(points: number): boolean {
    this.#fill();
    if (points > Math.floor(this.#points)) return false;
    this.#points -= points;
    return true;
  }

  /** Gives back what a query was charged beyond its actual cost. */
  giveBack(points: number): void {
    this.#points += points;
    this.#fill();
  }

  status(): ThrottleStatus {
    this.#fill();
    const restoreRate = RESTORE_RATES[this.#plan()];
    return {
      maximumAvailable: restoreRate * SECONDS_HELD,
      currentlyAvailable: Math.floor(this.#points),
      restoreRate,
    };
  }

  #fill(): void {
    const now = this.#clock();
    const restoreRate = RESTORE_RATES[this.#plan()];
    const restored = (Math.max(0, now - this.#at) / 1000) * restoreRate;
    this.#points = Math.min(this.#points + restored, restoreRate * SECONDS_HELD);
    this.#at = now;
  }
}
