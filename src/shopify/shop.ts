import { z } from 'zod';
import { NeedsAttention, Transient } from '../failures.ts';
import { idOfGid } from '../ids.ts';
import type { ShopFacts, Store } from '../store.ts';
import type { AdminApi, Answer } from './admin.ts';
import { readShop } from './documents.ts';

const answered = z.object({
  shop: z.object({
    id: z.string(),
    name: z.string(),
    myshopifyDomain: z.string(),
    currencyCode: z.string(),
    ianaTimezone: z.string(),
    plan: z.object({ publicDisplayName: z.string() }),
  }),
  currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
});

/** Who the shop is and what the app may see: asked when a store is connected and then every hour. */
export async function shopFacts(api: AdminApi): Promise<ShopFacts> {
  const { data, errors, sentAt } = await api.query(readShop, {});
  // A scope that is missing from a list beside an error may not be missing at all.
  if (errors.length > 0) throw new Transient('Shopify answered an error beside the shop');
  const parsed = answered.safeParse(data);
  const shopId = parsed.success ? idOfGid(parsed.data.shop.id, 'Shop') : null;
  if (!parsed.success || shopId === null) throw new Transient('Shopify answered no shop');
  const { shop, currentAppInstallation } = parsed.data;
  return {
    shopId,
    name: shop.name,
    domain: shop.myshopifyDomain,
    currency: shop.currencyCode,
    ianaTimezone: shop.ianaTimezone,
    plan: shop.plan.publicDisplayName,
    scopes: currentAppInstallation.accessScopes.map(({ handle }) => handle),
    sentAt,
  };
}

/** Every answer names its shop: a token of another shop would make every key look deleted (R10). */
export function assertShop(answer: Answer, store: Store): void {
  const shop = answer.data['shop'] as { readonly id?: unknown } | null | undefined;
  const id = typeof shop?.id === 'string' ? idOfGid(shop.id, 'Shop') : null;
  // Nothing told whose the answer is: it is not believed, and nobody is accused.
  if (id === null) throw new Transient('Shopify answered without the shop');
  if (store.shopId === null || id !== store.shopId)
    throw new NeedsAttention(
      `the token of ${store.domain} belongs to another shop than before: correct the secret ${store.secretName}`,
    );
}
