import { Transient } from '../failures.ts';
import type { ShopClock } from './shop-clock.ts';

/** One request and its answer, with their times by the monotonic clock. */
export interface Exchange {
  readonly response: Response;
  readonly startedAt: number;
  readonly receivedAt: number;
}

interface Deps {
  readonly shopClock: ShopClock;
  readonly origin: string;
}

const LOOKS_MAX = 3;

export const hear = ({ shopClock }: Deps, { response, startedAt, receivedAt }: Exchange): void =>
  shopClock.heard(startedAt, receivedAt, response.headers.get('date'));

/**
 * Shopify's times of an answer that was heard. While they are doubted, `again` asks something cheap, until a second
 * answer agrees with this one or with what stood before. What nobody agrees with is not believed: what stood goes on,
 * and where nothing did the answer is of no use (R18).
 */
export async function timesOf(
  deps: Deps,
  { startedAt, receivedAt }: Exchange,
  again: () => Promise<Exchange>,
): Promise<{ readonly sentAt: number; readonly answeredAt: number }> {
  const { shopClock, origin } = deps;
  for (let looks = 0; looks < LOOKS_MAX && !shopClock.isSure(); looks++) {
    const look = await again();
    await look.response.body?.cancel();
    if (look.response.ok) hear(deps, look);
  }
  const [sentAt, answeredAt] = [shopClock.at(startedAt), shopClock.at(receivedAt)];
  if (sentAt !== null && answeredAt !== null) return { sentAt, answeredAt };
  throw new Transient(
    `no two answers of ${origin} agree what time it is: check what stands between, and the clock of this machine`,
    { retryAfterMs: 60_000 },
  );
}
