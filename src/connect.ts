import { catchUp } from './catch-up.ts';
import { ENTITY_NAMES, entityOf } from './entities/registry.ts';
import { Moved, NeedsAttention, UnknownShop } from './failures.ts';
import type { Service } from './service.ts';
import { noteShop } from './shop-noted.ts';
import { noteNewerFields } from './shopify/schema.ts';
import { shopFacts } from './shopify/shop.ts';
import type { Addressed, ShopFacts, Store } from './store.ts';
import { SameShop, saysOfNames, storeNamed, twinsOf } from './store-names.ts';

/**
 * Connecting a store: ask Shopify who it is and what the app may see, and only then make, rename or wake its row. Done
 * at start and every hour; doing it again changes nothing. A store is its shop id (R17): a shop that is known under
 * another name keeps its store, which is called by the new name from then on.
 */
type Deps = Pick<
  Service,
  'database' | 'adminOf' | 'directory' | 'log' | 'queues' | 'secrets' | 'configuredStores'
>;

export interface Named {
  readonly domain: string;
  readonly secretName: string;
}

export async function connectStore(deps: Deps, configured: Named): Promise<Store> {
  const { database, directory } = deps;
  const domain = configured.domain.toLowerCase();
  const stores = await database.stores();
  const known = storeNamed(stores, domain);
  // Nobody but an operator ends a pause.
  if (known?.rest?.why === 'paused') return known;
  const rivals = rivalsOf(deps, domain);
  if (known !== undefined && rivals.includes(known.domain)) throw sameShop(domain, known);
  const facts = await asked(deps, stores, { ...configured, domain });
  const { secretName } = configured;
  const name = nameFor(stores, { domain, secretName }, facts, rivals);
  const ofShop = twinsOf(stores, { id: 0, shopId: facts.shopId });
  const [former] = ofShop.some((store) => store.domain === name) ? [] : ofShop;
  // Owed before it is renamed: nothing was heard under the new name until now.
  if (former?.active && !rivals.includes(former.domain)) await catchUp(deps, former.id, ENTITY_NAMES);
  const store = await database.activateStore({ domain: name, secretName, shopId: facts.shopId, rivals });
  if (store.shopId !== facts.shopId) throw anotherShop(store);
  if (store.domain !== name) throw sameShop(domain, store);
  if (former !== undefined && former.domain !== name)
    deps.log('storeRenamed', { StoreId: store.id, Domain: name, Former: former.domain });
  await noteShop(database, store.id, facts);
  sayScopes(deps, store, facts);
  await noteNewerFields(database, deps.adminOf(store), store);
  directory.forget();
  return (await directory.byId(store.id)) ?? store;
}

/** Other names in the configuration, for one that stands there; who comes by another way, such as an operator, has none. */
function rivalsOf({ configuredStores }: Deps, domain: string): readonly string[] {
  const names = configuredStores.map((each) => each.domain);
  return names.includes(domain) ? names.filter((name) => name !== domain) : [];
}

/**
 * Who Shopify says that it is, asked by the name that was given: it may be another shop's by now. A former name that leads
 * nowhere is none of our trouble. Throws what is wrong with the name, with the one by which the shop goes now.
 */
async function asked(deps: Deps, stores: readonly Store[], named: Named): Promise<ShopFacts> {
  const known = storeNamed(stores, named.domain);
  try {
    return await shopFacts(deps.adminOf(await addressed(deps, known, named)));
  } catch (error) {
    const to = error instanceof Moved ? error.to : null;
    const isGone = to === known?.domain || error instanceof UnknownShop;
    if (known !== undefined && known.domain !== named.domain && isGone)
      return await shopFacts(deps.adminOf({ ...known, secretName: named.secretName }));
    const other = to === null ? undefined : storeNamed(stores, to);
    const isHere = other !== undefined && other.id !== known?.id;
    if (to !== null && (isHere || rivalsOf(deps, named.domain).includes(to)))
      throw sameShop(named.domain, { id: other?.id ?? known?.id ?? null, domain: to }, error);
    const [twin] = known === undefined ? [] : twinsOf(stores, known);
    if (error instanceof UnknownShop && twin !== undefined) throw sameShop(named.domain, twin, error);
    throw error;
  }
}

/**
 * A store without a row is asked without one. Only a token that is renewed needs a row, for the lease under which that
 * is done: one that rests, until it is known whose it is.
 */
async function addressed(deps: Deps, known: Store | undefined, named: Named): Promise<Addressed> {
  if (known !== undefined) return { ...known, ...named };
  const { admin } = await deps.secrets.read(named.secretName);
  if (admin.kind === 'offline') return await deps.database.registerStore(named);
  return { ...named, id: 0, refused: false };
}

/**
 * The name that the store is to have. Shopify may still answer under a former name and say the present one; but who was
 * given a name that never was the shop's may have given the credentials of another.
 */
function nameFor(
  stores: readonly Store[],
  { domain, secretName }: Named,
  facts: ShopFacts,
  rivals: readonly string[],
): string {
  const present = facts.domain.toLowerCase();
  if (present === domain) return domain;
  const known = storeNamed(stores, domain);
  if (known?.shopId === facts.shopId) return present;
  const [here] = twinsOf(stores, { id: 0, shopId: facts.shopId });
  if (here !== undefined) throw sameShop(domain, here);
  if (rivals.includes(present)) throw sameShop(domain, { id: null, domain: present });
  throw new NeedsAttention(
    `the credentials ${secretName} belong to ${present}, not to ${domain}: correct SHOPIFY_SHOP or the secret`,
  );
}

const anotherShop = ({ domain, secretName }: Store) =>
  new NeedsAttention(
    `${domain} is another shop than before, by the id that Shopify says: correct SHOPIFY_SHOP or the secret ${secretName}, or have what is here of the earlier shop erased first`,
  );

const sameShop = (
  name: string,
  { id, domain }: { readonly id: number | null; readonly domain: string },
  cause?: unknown,
): SameShop => new SameShop(saysOfNames(name, domain), id, cause);

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
