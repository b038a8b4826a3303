import { Moved, NeedsAttention, Transient, UnknownShop } from '../src/failures.ts';
import { restStore } from '../src/rest.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { twinsOf } from '../src/store-names.ts';
import { type Look, lookAt, noteLook } from '../src/uninstalled.ts';
import { removeExports } from './held-exports.ts';
import type { Step, Work } from './step.ts';

/**
 * `shop/redact`: deletes every row of a store. Shopify sends it 48 hours after the app was uninstalled, and a body
 * that was sent once can be sent again by whoever has it: so it counts only while Shopify refuses our credentials, as
 * src/uninstalled.ts proves it, and only after they have been refused for nearly that long. Asked at each slice: who installs the app again meanwhile
 * keeps the store, and mirrors it anew.
 *
 * What requests say in the end does not name the shop: they stay when nothing else of it does.
 */
const UNINSTALLED_FOR_MS = 47 * 3_600_000;
const ROWS_PER_STEP = 1_000;

export async function eraseShop(work: Work): Promise<Step> {
  const { service, request, isOver } = work;
  const { database, directory } = service;
  const store = (await database.stores()).find(({ id }) => id === request.storeId);
  if (store !== undefined) {
    const reason = await reasonToWait(work, store);
    if (reason !== null) return reason;
    // Nobody writes rows of it any more, and whoever is at work is fenced.
    if (store.active) await database.deactivateStore(store.id);
    directory.forget();
    while (await database.eraseStore(request.id, ROWS_PER_STEP)) if (isOver()) return { state: 'more' };
    directory.forget();
    // It was resumed meanwhile: whether the app is installed is asked anew.
    if ((await database.stores()).some(({ id }) => id === store.id)) return { state: 'more' };
  }
  const exports = await removeExports(service, ({ storeId }) => storeId === request.storeId);
  const rows = await database.privacyCounts(request.id);
  return { state: 'done', message: LEFT, subject: null, rows, exports, written: null };
}

/** Credentials are the operator's, who may need them if the app is installed again: Shopify has ended their tokens. */
const LEFT =
  'its credentials open nothing any more: disable its secrets in the vault, and take it out of the configuration if it stands there, or it is connected again';

/** Null when the store may be erased. */
async function reasonToWait({ service, request }: Work, store: Store): Promise<Step | null> {
  const look = await looked(service, store, request.vouched);
  if (look?.open) {
    const erased = Object.keys(await service.database.privacyCounts(request.id)).length > 0;
    const outcome = erased ? 'what had been erased is mirrored anew' : 'nothing was erased';
    return {
      state: 'refused',
      message: `erasing the store was asked for, and the app is installed there: ${outcome}`,
    };
  }
  if (request.vouched) return null;
  if (look !== null && !look.proven) return { state: 'later', inMs: look.againInMs };
  // Its `app/uninstalled` was lost, or is still to come.
  if (store.active) await restStore(service, store);
  const leftMs = UNINSTALLED_FOR_MS - (request.uninstalledForMs ?? 0);
  return leftMs <= 0 ? null : { state: 'later', inMs: leftMs };
}

/**
 * Refused credentials are the proof. Anything else that keeps Shopify from answering (a frozen shop, a secret that is
 * gone) proves nothing, unless the operator vouches for it: null.
 */
async function looked(service: Service, store: Store, vouched: boolean): Promise<Look | null> {
  try {
    return await lookAt(service, store);
  } catch (error) {
    if (error instanceof Transient || !(error instanceof NeedsAttention)) throw error;
    const elsewhere = await lookedElsewhere(service, store, error);
    if (elsewhere !== null || vouched) return elsewhere;
    throw new NeedsAttention(
      `the store cannot be erased before it is certain that the app is uninstalled: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * A name that leads nowhere any more says nothing, but the shop may be here under its present one too. When no row of it
 * can be asked any more, what was refused before stands.
 */
async function lookedElsewhere(service: Service, store: Store, failure: Error): Promise<Look | null> {
  if (!(failure instanceof Moved || failure instanceof UnknownShop)) return null;
  for (const twin of twinsOf(await service.database.stores(), store)) {
    try {
      const { open } = await lookAt(service, twin);
      return await noteLook(service, store, open);
    } catch (error) {
      if (!(error instanceof NeedsAttention)) throw error;
    }
  }
  return store.refused ? await noteLook(service, store, false) : null;
}
