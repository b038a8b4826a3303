import type { Clock, Monotonic } from '../clock.ts';

/**
 * Shopify's time of a request: when it was *sent*, never later than it truly was.
 *
 * An answer's `Date` header has whole seconds, so "header minus duration" alone puts two reads of one second in the
 * wrong order half of the time, and R2 would then take the later for the older. Each answer tells between which bounds
 * the difference between Shopify's clock and ours lies: it was made after the request was sent and before the answer was
 * here. The greatest lower bound of the last minutes, added to our own time of sending, is never too late and keeps the
 * order of our requests. Ours is the monotonic clock: that the machine's is set changes nothing here.
 *
 * One header may be wrong (a proxy, a cache, a server with a wrong clock), and what is written under a time that lies
 * ahead stays wrong. So an answer whose bounds exclude the standing ones is *doubted*: the standing difference goes on
 * until a second answer agrees with the doubted one. The first answer of a process is held against the machine's clock,
 * and needs a second only where the two disagree: a machine whose clock is wrong works as well.
 *
 *   nothing known ──agrees with the machine's clock──▶ believed ──agrees──▶ believed, narrower
 *        └──else──▶ doubted ──a second agrees──▶ believed  └──excluded──▶ doubted ──a second agrees──▶ believed anew
 *                                                             ▲             └──agrees with what stands──▶ as before
 */
export interface ShopClock {
  /** An answer of Shopify's, by our monotonic clock; null and malformed headers tell nothing. */
  heard(startedAt: number, receivedAt: number, dateHeader: string | null): void;
  /** Whether it is known, and no answer has contradicted since. */
  isSure(): boolean;
  /** Shopify's time at a time of the monotonic clock, a little too early at most; null before anything is believed. */
  at(monotonicMs: number): number | null;
}

export interface ShopClockDeps {
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  /** Shopify's time appears to have jumped by so much; told once in a while, and again if it is believed. */
  readonly onJump: (jump: Jump) => void;
}

export interface Jump {
  readonly byMs: number;
  /** A second answer has agreed. */
  readonly believed: boolean;
  /** Off from what Shopify told before, or, at first, from the clock of the machine. */
  readonly from: 'before' | 'machine';
}

/** Between these lies what Shopify's clock is ahead of our monotonic one. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

const ANY: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Two spans are looked at: clocks that drift apart by 50 ppm are 30 ms off after ten minutes. */
const SPAN_MS = 5 * 60_000;
/** Shopify answers from many machines, whose clocks need not be the same to the millisecond. */
const SLACK_MS = 500;
/** What a clock that is being slewed may drift in the time between two answers. */
const DRIFT = 500e-6;
/** A machine that keeps its time is nearer than this, and it is far less than SETTLE. */
const OWN_MS = 2_000;
/** One of several servers with a wrong clock would be told with every other answer. */
const SILENT_MS = 10 * 60_000;

export function createShopClock({ clock, monotonic, onJump }: ShopClockDeps): ShopClock {
  let span: Bounds & { readonly since: number } = { since: 0, ...ANY };
  let before: Bounds = ANY;
  let standing: (Bounds & { readonly heardAt: number }) | null = null;
  let doubted: Bounds | null = null;
  let silentUntil = Number.NEGATIVE_INFINITY;

  const believe = (bounds: Bounds, receivedAt: number) => {
    before = ANY;
    span = { since: receivedAt, ...bounds };
    standing = { ...bounds, heardAt: receivedAt };
    doubted = null;
  };
  /** The answer fits: what is common to this span and the one before. */
  const narrow = (answer: Bounds, receivedAt: number) => {
    if (receivedAt - span.since > SPAN_MS) {
      before = receivedAt - span.since > 2 * SPAN_MS ? ANY : span;
      span = { since: receivedAt, ...ANY };
    }
    span = { since: span.since, ...common(span, answer) };
    const both = common(span, before);
    // It cannot have been sent after it was answered: within the slack, the newest answer is right.
    if (both.low > both.high) return believe(answer, receivedAt);
    standing = { ...both, heardAt: receivedAt };
    doubted = null;
  };
  const ownBounds = (): Bounds => {
    const ahead = clock() - monotonic();
    return { low: ahead - OWN_MS, high: ahead + OWN_MS };
  };
  const tell = (answer: Bounds, believed: boolean) => {
    const byMs = Math.round(answer.low - (standing ?? ownBounds()).low);
    onJump({ byMs, believed, from: standing === null ? 'machine' : 'before' });
  };
  const doubt = (answer: Bounds, receivedAt: number) => {
    if (doubted === null && receivedAt >= silentUntil) {
      silentUntil = receivedAt + SILENT_MS;
      tell(answer, false);
    }
    doubted = answer;
  };

  return {
    heard: (startedAt, receivedAt, dateHeader) => {
      const date = Date.parse(dateHeader ?? '');
      if (Number.isNaN(date)) return;
      const answer = { low: date - receivedAt, high: date + 1_000 - startedAt };
      const known = standing;
      const own = known ?? ownBounds();
      const slackMs = known === null ? 0 : SLACK_MS + Math.max(0, receivedAt - known.heardAt) * DRIFT;
      if (meet(own, answer, slackMs))
        return known === null ? believe(answer, receivedAt) : narrow(answer, receivedAt);
      if (doubted === null || !meet(doubted, answer, SLACK_MS)) return doubt(answer, receivedAt);
      tell(answer, true);
      believe(answer, receivedAt);
    },
    isSure: () => standing !== null && doubted === null,
    at: (monotonicMs) => (standing === null ? null : Math.floor(monotonicMs + standing.low)),
  };
}

const meet = (one: Bounds, other: Bounds, slackMs: number): boolean =>
  one.low <= other.high + slackMs && other.low <= one.high + slackMs;

const common = (one: Bounds, other: Bounds): Bounds => ({
  low: Math.max(one.low, other.low),
  high: Math.min(one.high, other.high),
});
