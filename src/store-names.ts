import { NeedsAttention } from './failures.ts';
import type { Store } from './store.ts';

/** Names of shops. A shop has one at a time and keeps its id; who was given a former name still finds the store (R17). */

/** The store that has this name; or else one that had it. */
export const storeNamed = <S extends Pick<Store, 'domain' | 'formerDomains'>>(
  stores: readonly S[],
  domain: string,
): S | undefined =>
  stores.find((store) => store.domain === domain) ??
  stores.find(({ formerDomains }) => formerDomains.includes(domain));

/** Other rows of the same shop. An earlier release made them when a shop was renamed; nothing does any more. */
export const twinsOf = (stores: readonly Store[], { id, shopId }: Pick<Store, 'id' | 'shopId'>) =>
  shopId === null ? [] : stores.filter((each) => each.shopId === shopId && each.id !== id);

/** A name leads to a shop that is here under another one: nothing is done under the second. */
export class SameShop extends NeedsAttention {
  /** The store whose shop it is; null while it has no row. */
  readonly storeId: number | null;
  constructor(message: string, storeId: number | null, cause?: unknown) {
    super(message, { cause });
    this.storeId = storeId;
  }
}

/** What is wrong with the names of a store that is fine otherwise; null when all is well. */
export function identityOf(
  stores: readonly Store[],
  store: Store,
  configured: readonly string[],
): Store['settings']['identity'] {
  const twins = twinsOf(stores, store);
  if (twins.length > 0) return { about: store.domain, says: saysOfTwins([store, ...twins]) };
  const isNamed = (name: string) => configured.includes(name);
  const { identity } = store.settings;
  // Found when that name was tried; it is tried for as long as it is configured.
  if (identity !== null && identity.about !== store.domain && isNamed(identity.about)) return identity;
  const former = store.formerDomains.find(isNamed);
  if (former === undefined) return null;
  if (isNamed(store.domain)) return { about: former, says: saysOfNames(former, store.domain) };
  return {
    about: former,
    says: `the shop ${former} is called ${store.domain} now: correct SHOPIFY_SHOP when it suits you, nothing is lost meanwhile`,
  };
}

export const saysOfNames = (one: string, other: string): string =>
  `${one} and ${other} are one shop, and both names are in use here: leave the one that the Shopify admin shows in the configuration, and take out the other; its store and what is mirrored of it stay`;

function saysOfTwins(twins: readonly Store[]): string {
  const named = [...twins].sort((a, b) => a.id - b.id).map(({ id, domain }) => `${domain} (store ${id})`);
  return `one shop is here ${twins.length} times, as ${named.join(' and ')}, and everything of it with it: leave its present name alone in the configuration and pause the other store; an erasure reaches each`;
}
