import type { Monotonic } from './clock.ts';
import type { Database } from './database.ts';
import type { Store } from './store.ts';
import { storeNamed } from './store-names.ts';

/**
 * The stores, remembered for a few seconds so that the webhook path asks no database. While the database is away
 * the last known stores answer, and nobody waits for it: a delivery then costs delay, not the signal (R4).
 */
export interface Directory {
  all(): Promise<readonly Store[]>;
  byId(storeId: number): Promise<Store | null>;
  /** By its present name, or a former one. */
  byDomain(domain: string): Promise<Store | null>;
  /** A store has changed: the database is asked before the next answer, unless it is away. */
  forget(): void;
}

const FRESH_MS = 5_000;
/** A server that swallows what it is sent tells nobody for a minute that it is away. */
const SLOW_MS = 2_000;

export function createDirectory(deps: {
  readonly database: () => Promise<Database>;
  readonly monotonic: Monotonic;
}): Directory {
  let known: readonly Store[] | null = null;
  /** When the database was last asked, in vain or not. */
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<readonly Store[]> | null = null;
  /** The database did not answer the last time. */
  let away = false;

  const ask = (): Promise<readonly Store[]> => {
    askedAt = deps.monotonic();
    const mine = deps.database().then((database) => database.stores());
    asking = mine;
    const settle = (found: readonly Store[] | null) => {
      // Forgotten meanwhile: this answer may be older than the change.
      if (asking !== mine) return;
      asking = null;
      away = found === null;
      known = found ?? known;
    };
    mine.then(settle, () => settle(null));
    return mine;
  };
  const all = async (): Promise<readonly Store[]> => {
    const isFresh = deps.monotonic() - askedAt < FRESH_MS;
    if (known !== null && isFresh && (away || asking === null)) return known;
    const isSlow = asking !== null && deps.monotonic() - askedAt >= SLOW_MS;
    const answer = asking ?? ask();
    if (known !== null && (away || isSlow)) return known;
    try {
      return await answer;
    } catch (error) {
      if (known !== null) return known;
      throw error;
    }
  };
  const find = async (matches: (store: Store) => boolean) => (await all()).find(matches) ?? null;

  return {
    all,
    byId: (storeId) => find((store) => store.id === storeId),
    byDomain: async (domain) => storeNamed(await all(), domain.toLowerCase()) ?? null,
    forget: () => {
      askedAt = Number.NEGATIVE_INFINITY;
      asking = null;
    },
  };
}
