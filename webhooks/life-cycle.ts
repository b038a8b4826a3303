import type { Errand } from '../src/errand.ts';
import { Reject } from '../src/failures.ts';
import { restStore } from '../src/rest.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { type Look, lookAt } from '../src/uninstalled.ts';
import { bodyOf } from './signal.ts';
import type { Delivery } from './verify.ts';

/**
 * The app is uninstalled. The topic is not signed, and `shop/update` has the very same body: a signed one that is
 * replayed must not end a store's mirror. So the delivery says only *when* to look (R8): the shop inside the signed
 * body must be the header's, and then the store's credentials are tried. Only if they are refused, and minutes later again, the
 * store rests.
 */
export const LIFE_CYCLE_TOPICS: readonly string[] = ['APP_UNINSTALLED'];

export const isLifeCycle = ({ topic }: Delivery): boolean => LIFE_CYCLE_TOPICS.includes(topic);

/** Whether the body is that of a shop, and of this one. */
export function isOfShop(
  delivery: Delivery,
  { domain, formerDomains, shopId }: Pick<Store, 'domain' | 'formerDomains' | 'shopId'>,
): boolean {
  const body = bodyOf(delivery);
  if (body === null) return false;
  const { id, name, myshopify_domain: inside } = body;
  const isShop = typeof id === 'string' && typeof name === 'string' && typeof inside === 'string';
  if (!isShop || (shopId !== null && id !== shopId)) return false;
  return [domain, ...formerDomains].includes(inside.toLowerCase());
}

type Deps = Pick<Service, 'database' | 'queues' | 'directory' | 'adminOf' | 'log' | 'clock'>;

/** Looks at once, and twice more: a token may outlive its app for a while. Three harmless reads for each delivery. */
const LOOK_AGAIN_MS = [30_000, 10 * 60_000];

/** Deactivates the store if its app is gone. Throws a `Transient` when Shopify or the database is away. */
export async function confirmUninstall(
  deps: Deps,
  store: Store,
  errand: Extract<Errand, { readonly errand: 'uninstalled' }>,
): Promise<void> {
  if (!store.active) return;
  const look = await looked(deps, store);
  if (look?.open === false) {
    if (look.proven) return await restStore(deps, store);
    const refusedOnce = { ...errand, attempt: 0 };
    return await deps.queues.send('errands', refusedOnce, { delayMs: look.againInMs });
  }
  const delayMs = LOOK_AGAIN_MS[errand.looks];
  if (delayMs !== undefined) {
    const again = { ...errand, looks: errand.looks + 1, attempt: 0 };
    return await deps.queues.send('errands', again, { delayMs });
  }
  deps.log('uninstallUnproved', { StoreId: store.id, Domain: store.domain });
}

/** A frozen shop, a 403, or a client secret that is wrong proves nothing: null. */
async function looked(deps: Deps, store: Store): Promise<Look | null> {
  try {
    return await lookAt(deps, store);
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    deps.log('storeNotConnected', { Domain: store.domain, Cause: error.message });
    return null;
  }
}
