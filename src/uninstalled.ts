import type { Database } from './database.ts';
import type { Service } from './service.ts';
import type { AdminApi } from './shopify/admin.ts';
import { isInstalled } from './shopify/installed.ts';
import type { Store } from './store.ts';

/**
 * Whether the app is gone from a store. One refusal proves nothing: a proxy, a replica or a rotation can refuse once. So
 * it takes two, by 401 or a refused grant, this far apart and nothing but refusals in between, as with a burial. The first
 * is noted in the database and timed by its clock; whatever of the Admin API works wipes it, whoever asked for it.
 *
 *     open ──refused──▶ refused once ──refused, 5 min later──▶ gone
 *       ▲                    └──anything answered──▶ open
 */
const APART_MS = 5 * 60_000;

export type Look =
  | { readonly open: true }
  /** Proven, or to be looked at again in so many milliseconds. */
  | { readonly open: false; readonly proven: boolean; readonly againInMs: number };

type Deps = Pick<Service, 'database' | 'directory' | 'adminOf'>;

/** One look. Throws a `Transient` or `Reject` where it cannot be told; that is neither a refusal nor an access. */
export async function lookAt(deps: Deps, store: Store): Promise<Look> {
  return await noteLook(deps, store, await isInstalled(deps.adminOf(store)));
}

/** What was found in another way, such as under the other name of the shop. */
export async function noteLook(
  { database, directory }: Omit<Deps, 'adminOf'>,
  { id }: Pick<Store, 'id'>,
  open: boolean,
): Promise<Look> {
  try {
    if (open) {
      await database.noteAccess(id);
      return { open };
    }
    const refusedForMs = await database.noteRefusal(id);
    return { open, proven: refusedForMs >= APART_MS, againInMs: Math.max(0, APART_MS - refusedForMs) };
  } finally {
    directory.forget();
  }
}

/** Whatever is answered while a refusal stands noted wipes it. */
export function wipingRefusals(
  database: Pick<Database, 'noteAccess'>,
  adminOf: Service['adminOf'],
): Service['adminOf'] {
  return (store) => {
    const api = adminOf(store);
    return store.refused ? wiping(database, store.id, api) : api;
  };
}

const wiping = (database: Pick<Database, 'noteAccess'>, storeId: number, api: AdminApi): AdminApi => ({
  query: async (...asked) => {
    const answer = await api.query(...asked);
    await database.noteAccess(storeId);
    return answer;
  },
});
