/** Making Shopify ask the app for what it holds of somebody, or for the erasure of a person or a shop. */
import { z } from 'zod';
import { ImpossibleChange } from '../changes.ts';
import { asks, redactCustomer, redactShop, requestData } from '../privacy.ts';
import type { Shop } from '../shop.ts';
import { json } from './answer.ts';

const Body = z.strictObject({
  ask: z.enum(asks),
  customer: z.string().regex(/^\d+$/, 'must be a decimal Shopify id').exactOptional(),
  /** Whether Shopify forgets the person, too. */
  forget: z.boolean().default(true),
  /** Where the app wants to be asked; else where its webhooks go. */
  uri: z.url().exactOptional(),
});

export function askApp(shop: Shop, body: unknown): Response {
  const { ask, customer: id, forget, uri } = Body.parse(body);
  if (uri !== undefined) shop.appUri = uri;
  if (shop.appUri === null && shop.subscriptions.size === 0)
    throw new ImpossibleChange('Nobody can be asked: the app subscribed to nothing. Say its `uri`.');
  if (ask === 'redact shop') {
    redactShop(shop);
    return json({ ask });
  }
  const customer = id === undefined ? undefined : shop.customers.current(`gid://shopify/Customer/${id}`);
  if (!customer) throw new ImpossibleChange('Say which customer it is about: there is none of this id.');
  if (ask === 'data') requestData(shop, customer);
  else redactCustomer(shop, customer, forget);
  return json({ ask, customer: id });
}
