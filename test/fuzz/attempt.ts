import { createHmac } from 'node:crypto';
import type { Random } from '../../simulator/random.ts';
import type { Captured } from '../webhook-requests.ts';

/** One request that somebody may send to the door, and whether it deserves to be believed. */
export interface Attempt {
  /** What was done to it. */
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * `right`: one of the store's secrets signed these bytes. `wrong`: none did. `odd`: spelled so that it may be read
   * as either.
   */
  readonly signature: 'right' | 'wrong' | 'odd';
}

/** What mutations are made with. */
export interface Ground {
  readonly random: Random;
  /** A delivery of each topic, as the shop sent it. */
  readonly originals: readonly Captured[];
  /** Current and previous. */
  readonly secrets: readonly string[];
  readonly domain: string;
}

export const SIGNATURE = 'X-Shopify-Hmac-Sha256';

/** The body under the original's headers, signed as Shopify would. */
export function signed(
  { random, secrets }: Ground,
  original: Captured,
  body: Uint8Array,
): Pick<Attempt, 'headers' | 'body' | 'signature'> {
  const signature = createHmac('sha256', random.pick(secrets)).update(body).digest('base64');
  return { headers: { ...original.headers, [SIGNATURE]: signature }, body, signature: 'right' };
}

/** The body under the original's headers and signature, which no longer fits. */
export const unsigned = (
  original: Captured,
  body: Uint8Array,
): Pick<Attempt, 'headers' | 'body' | 'signature'> => ({
  headers: original.headers,
  body,
  signature: Buffer.compare(body, original.body) === 0 ? 'right' : 'wrong',
});

/** With headers replaced, or taken away by null; what is beside them stays as it was. */
export function withHeaders<A extends Pick<Attempt, 'headers'>>(
  attempt: A,
  change: Readonly<Record<string, string | null>>,
): A {
  const entries = Object.entries({ ...attempt.headers, ...change });
  const present = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...attempt, headers: Object.fromEntries(present) };
}
