import type { Named } from '../src/connect.ts';
import { AccessRefused, ClientRefused, Moved, NeedsAttention, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { identityOf, SameShop, storeNamed, twinsOf } from '../src/store-names.ts';
import { noteLook } from '../src/uninstalled.ts';

/** How a store stands, as whoever connected it found: for its status, and for those who read it next. */

/**
 * Passing trouble is worth a note only in a store that was never reached: it may have no other way to tell. One that has
 * no row gets one, to say what is wrong; but none for a shop that is here, or is to be here, under another name.
 */
export async function note(
  service: Service,
  { domain, secretName }: Named,
  before: Store | undefined,
  failure: Error | null,
): Promise<void> {
  if (failure instanceof SameShop) return await noteName(service, domain, failure);
  const stores = await service.database.stores();
  const found = before ? stores.find(({ id }) => id === before.id) : storeNamed(stores, domain);
  // It was renamed meanwhile: what the former name led to is no news of it.
  if (failure !== null && before !== undefined && found?.domain !== before.domain) return;
  const store = found ?? (await service.database.registerStore({ domain, secretName }));
  if (failure instanceof Transient && store.shopId !== null) return;
  const attention = failure?.message ?? null;
  if (store.settings.attention === attention) return;
  await service.database.updateSettings(store.id, { attention });
  service.directory.forget();
}

async function noteName({ database, directory }: Service, about: string, failure: SameShop): Promise<void> {
  const stores = await database.stores();
  const store = stores.find(({ id }) => id === failure.storeId);
  if (store === undefined || store.settings.identity?.says === failure.message) return;
  // It says already that its shop is here twice.
  if (twinsOf(stores, store).length > 0) return;
  const says = failure.message;
  await database.updateSettings(store.id, { identity: { about, says }, attention: says });
  directory.forget();
}

/** What is wrong with the names of stores, beside what connecting one of them finds. Said once, and in its status. */
export async function noteIdentities(
  { database, directory, configuredStores, log }: Service,
  stores: readonly Store[],
): Promise<void> {
  const names = configuredStores.map(({ domain }) => domain);
  for (const store of stores) {
    const identity = identityOf(stores, store, names);
    if (identity?.says === store.settings.identity?.says) continue;
    await database.updateSettings(store.id, { identity });
    directory.forget();
    if (identity !== null) log('storeNotConnected', { Domain: store.domain, Cause: identity.says });
  }
}

/** What is wrong with its names, as the attention that it needs. */
export async function misnamed({ database }: Service, { id }: Store): Promise<NeedsAttention | null> {
  const identity = (await database.stores()).find((store) => store.id === id)?.settings.identity ?? null;
  return identity === null ? null : new NeedsAttention(identity.says);
}

/** The refusal that an earlier one waited for. Where nobody has said that the app is gone, no refusal is the first. */
export async function isGone(
  service: Service,
  { domain }: Named,
  store: Store,
  error: Error,
): Promise<boolean> {
  if (!store.active || !store.refused || store.domain !== domain) return false;
  if (!(error instanceof AccessRefused) || error instanceof ClientRefused) return false;
  const look = await noteLook(service, store, false);
  return !look.open && look.proven;
}

/** Whether a failure is about the names of shops: news, also of a store that rests. */
export const isOfNames = (error: Error): boolean => error instanceof SameShop || error instanceof Moved;
