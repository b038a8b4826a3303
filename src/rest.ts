import type { Service } from './service.ts';
import type { Store } from './store.ts';

/**
 * The end of a store's mirroring, for now: because its app is gone, whoever found that out, or because an operator wants
 * it. Its rows stay. Whoever is at work for it loses his lease; nothing new is begun.
 */
type Deps = Pick<Service, 'database' | 'directory' | 'clock' | 'log'>;

/** Until its credentials work again. */
export async function restStore({ database, directory, clock, log }: Deps, store: Store): Promise<void> {
  const at = new Date(clock()).toISOString();
  const attention = `the app was uninstalled (${at}): install it again, and the mirror is resumed with a census`;
  await database.deactivateStore(store.id);
  await database.updateSettings(store.id, { attention, subscribedAt: null });
  directory.forget();
  log('storeRests', { StoreId: store.id, Domain: store.domain });
}

/** Until an operator resumes it, see app/pause-store.ts. */
export async function pauseStore({ database, directory, clock, log }: Deps, store: Store): Promise<void> {
  const at = new Date(clock()).toISOString();
  await database.pauseStore(store.id);
  await database.updateSettings(store.id, {
    attention: `an operator has paused it (${at}): resume it to go on`,
  });
  directory.forget();
  log('storePaused', { StoreId: store.id, Domain: store.domain });
}
