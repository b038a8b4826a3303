import { ENTITY_NAMES, entityOf } from './entities/registry.ts';
import { NeedsAttention } from './failures.ts';
import type { Service } from './service.ts';
import { noteShop } from './shop-noted.ts';
import { noteNewerFields } from './shopify/schema.ts';
import { shopFacts } from './shopify/shop.ts';
import type { ShopFacts, Store } from './store.ts';

/**
 * Connecting a store: find or create it, ask Shopify who it is and what the app may see. Done at start and every
 * hour; doing it again changes nothing.
 */
type Deps = Pick<Service, 'database' | 'adminOf' | 'directory' | 'log'>;

export async function connectStore(
  deps: Deps,
  configured: { readonly domain: string; readonly secretName: string },
): Promise<Store> {
  const domain = configured.domain.toLowerCase();
  const known = (await deps.database.stores()).find((each) => each.domain === domain);
  // A store that rests is resumed once its credentials work again; asked every hour, it must not begin anew in vain.
  if (known?.active === false) await shopFacts(deps.adminOf({ ...known, secretName: configured.secretName }));
  const store = await deps.database.activateStore({ ...configured, domain });
  const facts = await shopFacts(deps.adminOf(store));
  if (facts.domain.toLowerCase() !== store.domain || (store.shopId !== null && store.shopId !== facts.shopId))
    throw new NeedsAttention(
      `the credentials ${store.secretName} belong to ${facts.domain}, not to ${store.domain}: correct SHOPIFY_SHOP or the secret`,
    );
  await noteShop(deps.database, store.id, facts);
  sayScopes(deps, store, facts);
  await noteNewerFields(deps.database, deps.adminOf(store), store);
  deps.directory.forget();
  return (await deps.directory.byId(store.id)) ?? store;
}

/** The log says which tables no scope opens, and what to do about it (R9). */
function sayScopes(deps: Deps, store: Store, { scopes }: ShopFacts): void {
  const about = { StoreId: store.id, Domain: store.domain };
  for (const name of ENTITY_NAMES) {
    const { scope, windowed } = entityOf(name);
    if (!scopes.includes(scope)) deps.log('scopeMissing', { ...about, Entity: name, Scope: scope });
    else if (windowed && !scopes.includes('read_all_orders'))
      deps.log('historyHidden', { ...about, Entity: name, Scope: 'read_all_orders' });
  }
}
