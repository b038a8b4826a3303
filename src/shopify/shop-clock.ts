import type { Clock } from '../clock.ts';

/**
 * Shopify's time of a request: when it was *sent*, never later than it truly was.
 *
 * An answer's `Date` header has whole seconds, so "header minus duration" alone puts two reads of one second in the
 * wrong order half of the time, and R2 would then take the later for the older. Each answer does tell a lower bound
 * of the difference between Shopify's clock and ours (header minus our time of receipt); the greatest of the last
 * minutes, added to our own time of sending, is a lower bound that also keeps the order of our own requests.
 */
export interface ShopClock {
  /** `dateHeader` as it came; null or malformed headers tell nothing. */
  sentAt(startedAt: number, receivedAt: number, dateHeader: string | null): number;
}

/** Two spans are looked at: clocks that drift apart by 50 ppm are 30 ms off after ten minutes. */
const SPAN_MS = 5 * 60_000;

export function createShopClock(deps: { readonly clock: Clock }): ShopClock {
  let span = { since: deps.clock(), ahead: Number.NEGATIVE_INFINITY };
  let before = Number.NEGATIVE_INFINITY;
  return {
    sentAt: (startedAt, receivedAt, dateHeader) => {
      const date = Date.parse(dateHeader ?? '');
      if (receivedAt - span.since > SPAN_MS) {
        before = receivedAt - span.since > 2 * SPAN_MS ? Number.NEGATIVE_INFINITY : span.ahead;
        span = { since: receivedAt, ahead: Number.NEGATIVE_INFINITY };
      }
      if (!Number.isNaN(date)) span.ahead = Math.max(span.ahead, date - receivedAt);
      const ahead = Math.max(span.ahead, before);
      const sentAt = Math.floor(startedAt + (Number.isFinite(ahead) ? ahead : 0));
      if (Number.isNaN(date) || sentAt < date + 1_000) return sentAt;
      // It cannot have been sent after it was answered: one of the clocks was set, or another header lied.
      before = Number.NEGATIVE_INFINITY;
      span = { since: receivedAt, ahead: date - receivedAt };
      return Math.floor(startedAt + span.ahead);
    },
  };
}
