import { z } from 'zod';
import { isId } from '../src/ids.ts';
import {
  isPrivacyTopic,
  ORDERS_PER_PART,
  type PrivacyAsked,
  type PrivacyMessage,
  type PrivacyTopic,
} from '../src/privacy-request.ts';
import type { Store } from '../src/store.ts';
import { bodyOf } from './signal.ts';
import type { Delivery } from './verify.ts';

/**
 * Compliance deliveries (docs: privacy law compliance). The topic is a header and not signed, and the body of a shop's
 * redaction is a part of that of a customer's: so a body counts only under the topic whose fields it has, all of
 * them and no other, and only for the shop that it names itself (R8). Of the person no more than the id is read.
 */
const id = z.string().refine(isId);
const shop = { shop_id: id, shop_domain: z.string() };
const customer = z.looseObject({ id });
const orders = z
  .array(id)
  .nullable()
  .transform((ids) => ids ?? []);

const BODIES = {
  CUSTOMERS_DATA_REQUEST: z
    .strictObject({ ...shop, customer, orders_requested: orders, data_request: z.looseObject({ id }) })
    .transform((body) => ({ ...body, customers: [body.customer.id], orders: body.orders_requested })),
  CUSTOMERS_REDACT: z
    .strictObject({ ...shop, customer, orders_to_redact: orders })
    .transform((body) => ({ ...body, customers: [body.customer.id], orders: body.orders_to_redact })),
  SHOP_REDACT: z.strictObject(shop).transform((body) => ({ ...body, customers: [], orders: [] })),
} satisfies Record<PrivacyTopic, z.ZodType>;

export type Compliance = Delivery & { readonly topic: PrivacyTopic };

export const isCompliance = (delivery: Delivery): delivery is Compliance => isPrivacyTopic(delivery.topic);

/** What it asks for, in parts that fit a message. */
export type AskedFor =
  | { readonly ok: true; readonly messages: readonly PrivacyMessage[] }
  | { readonly ok: false; readonly why: 'not a body of its topic' | 'a body of another shop' };

export function askedFor(
  delivery: Compliance,
  store: Pick<Store, 'id' | 'domain' | 'shopId'>,
  receivedAt: number,
): AskedFor {
  const parsed = BODIES[delivery.topic].safeParse(bodyOf(delivery));
  if (!parsed.success) return { ok: false, why: 'not a body of its topic' };
  const { shop_id: shopId, shop_domain: domain, customers, orders: named } = parsed.data;
  // The id is what the shop is; its name may have changed (R17). Before the id is known, the name has to do.
  const isOurs = store.shopId === null ? domain.toLowerCase() === store.domain : store.shopId === shopId;
  if (!isOurs) return { ok: false, why: 'a body of another shop' };
  const parts = Math.max(1, Math.ceil(named.length / ORDERS_PER_PART));
  const messages = Array.from({ length: parts }, (_, part): PrivacyMessage => {
    const asked: PrivacyAsked = {
      storeId: store.id,
      topic: delivery.topic,
      digest: parts === 1 ? delivery.signature : `${delivery.signature}.${part + 1}of${parts}`,
      shopId,
      receivedAt,
      customers,
      orders: named.slice(part * ORDERS_PER_PART, (part + 1) * ORDERS_PER_PART),
      vouched: false,
    };
    return { privacy: 'asked', asked, attempt: 0 };
  });
  return { ok: true, messages };
}
