import { NeedsAttention } from './failures.ts';
import type { Service } from './service.ts';
import { shopFacts } from './shopify/shop.ts';
import type { Store } from './store.ts';

/**
 * Connecting a store: find or create it, ask Shopify who it is and what the app may see. Done at start and every
 * hour; doing it again changes nothing.
 */
type Deps = Pick<Service, 'database' | 'adminOf' | 'directory'>;

export async function connectStore(
  deps: Deps,
  configured: { readonly domain: string; readonly secretName: string },
): Promise<Store> {
  const store = await deps.database.activateStore({ ...configured, domain: configured.domain.toLowerCase() });
  const facts = await shopFacts(deps.adminOf(store));
  if (facts.domain.toLowerCase() !== store.domain || (store.shopId !== null && store.shopId !== facts.shopId))
    throw new NeedsAttention(
      `the credentials ${store.secretName} belong to ${facts.domain}, not to ${store.domain}: correct SHOPIFY_SHOP or the secret`,
    );
  await deps.database.recordShop(store.id, facts);
  deps.directory.forget();
  return (await deps.directory.byId(store.id)) ?? store;
}
