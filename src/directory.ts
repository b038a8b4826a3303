import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Store } from './store.ts';

/**
 * The stores, remembered for a few seconds so that the webhook path asks no database. While the database is away
 * the last known stores still answer: a delivery then costs delay, not the signal (R4).
 */
export interface Directory {
  all(): Promise<readonly Store[]>;
  byId(storeId: number): Promise<Store | null>;
  byDomain(domain: string): Promise<Store | null>;
  /** Forget what is remembered: a store has changed. */
  forget(): void;
}

const FRESH_MS = 5_000;

export function createDirectory(deps: {
  readonly database: () => Promise<Database>;
  readonly clock: Clock;
}): Directory {
  let known: { readonly stores: readonly Store[]; readonly at: number } | null = null;
  let asking: Promise<readonly Store[]> | null = null;

  const ask = async (): Promise<readonly Store[]> => {
    const stores = await (await deps.database()).stores();
    known = { stores, at: deps.clock() };
    return stores;
  };
  const all = async (): Promise<readonly Store[]> => {
    if (known !== null && deps.clock() - known.at < FRESH_MS) return known.stores;
    asking ??= ask().finally(() => {
      asking = null;
    });
    try {
      return await asking;
    } catch (error) {
      if (known !== null) return known.stores;
      throw error;
    }
  };
  const find = async (matches: (store: Store) => boolean) => (await all()).find(matches) ?? null;

  return {
    all,
    byId: (storeId) => find((store) => store.id === storeId),
    byDomain: (domain) => find((store) => store.domain === domain.toLowerCase()),
    forget: () => {
      known = null;
    },
  };
}
