import type { Database } from './database.ts';
import { Transient } from './failures.ts';

/**
 * One at a time renews a store's tokens, across all instances: a refresh token changes at each use, and whoever
 * wrote an older pair over a newer one would lock the store out until a merchant installs the app again.
 */
export interface TokenLeaseDeps {
  readonly database: Pick<Database, 'acquireTokenLease' | 'renewTokenLease' | 'releaseTokenLease'>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Longer than Shopify and the vault together are waited for. */
const LEASE_MS = 60_000;
const WAIT_MS = 500;
const TRIES = 20;

/**
 * Does the work as soon as nobody else does. Each time somebody else was waited for, `meanwhile` may find that
 * nothing is left to do. `isHeld` tells the work, right before it writes, that it is still the only one. Throws
 * `Transient` after ten seconds.
 */
export async function underTokenLease<T>(
  { database, sleep }: TokenLeaseDeps,
  storeId: number,
  work: (isHeld: () => Promise<boolean>) => Promise<T>,
  meanwhile: () => Promise<T | null> = async () => null,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries++) {
    const token = await database.acquireTokenLease(storeId, LEASE_MS);
    if (token !== null) {
      try {
        return await work(() => database.renewTokenLease(storeId, token, LEASE_MS));
      } finally {
        // Where it cannot be released it lapses; what was done under it counts.
        await database.releaseTokenLease(storeId, token).catch(() => {});
      }
    }
    await sleep(WAIT_MS);
    const found = await meanwhile();
    if (found !== null) return found;
  }
  throw new Transient(`another instance has been renewing the tokens of store ${storeId} for ten seconds`, {
    retryAfterMs: 5_000,
  });
}
