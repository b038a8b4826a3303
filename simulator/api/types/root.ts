/** The entry points: everything a query or mutation can begin with here. */
import type { GraphQLError } from 'graphql';
import type { Kind } from '../../model.ts';
import { missingFor } from '../access.ts';
import { count, list } from '../listing.ts';
import { PAGE_MAX } from '../page.ts';
import { badRequest, missingScope, notSimulated, tooManyInputs } from '../problem.ts';
import type { Reading } from '../reading.ts';
import type { Resolver, Resolvers } from '../resolver.ts';
import { refundOf } from './order.ts';
import { variantOf } from './product.ts';
import { apiVersion, installationObject, shopObject } from './shop.ts';
import { createSubscription, deleteSubscription, listSubscriptions, updateSubscription } from './webhook.ts';

const GID = /^gid:\/\/shopify\/([A-Za-z]+)\/[^/?]+(?:\?.*)?$/;

/** By the type that the GID names. Null is Shopify's answer for what does not exist or cannot be seen. */
const NODES: Readonly<Record<string, (reading: Reading, gid: string) => unknown>> = {
  Customer: (reading, gid) => reading.get('customers', gid),
  Product: (reading, gid) => reading.get('products', gid),
  Order: (reading, gid) => reading.get('orders', gid),
  ProductVariant: variantOf,
  InventoryItem: (reading, gid) => variantOf(reading, gid)?.inventoryItem ?? null,
  Refund: refundOf,
  Shop: ({ shop }, gid) => (gid === shop.profile.id ? shopObject(shop) : null),
  WebhookSubscription: ({ shop }, gid) => shop.subscriptions.get(gid) ?? null,
};

export const queryRoot: Resolvers<unknown> = {
  shop: (_root, _args, { shop }) => shopObject(shop),
  currentAppInstallation: (_root, _args, reading) => installationObject(reading),
  publicApiVersions: () => [apiVersion],

  customer: byId('Customer'),
  product: byId('Product'),
  order: byId('Order'),
  productVariant: byId('ProductVariant'),
  inventoryItem: byId('InventoryItem'),
  refund: byId('Refund'),
  webhookSubscription: byId('WebhookSubscription'),
  node: (_root, { id }, reading) => permitted(reading, String(id)),
  nodes: (_root, { ids }, reading) => idsOf(ids).map((id) => permitted(reading, id)),

  customers: connection('customers'),
  products: connection('products'),
  orders: connection('orders'),
  webhookSubscriptions: (_root, args, reading) => listSubscriptions(reading, args),

  customersCount: counting('customers'),
  productsCount: counting('products'),
  ordersCount: counting('orders'),
  productVariantsCount: (_root, _args, { shop }) => {
    let variants = 0;
    for (const product of shop.products.values()) variants += product.variants.length;
    return { count: variants, precision: 'EXACT' };
  },
  webhookSubscriptionsCount: (_root, _args, { shop }) => ({
    count: shop.subscriptions.size,
    precision: 'EXACT',
  }),
};

export const mutation: Resolvers<unknown> = {
  webhookSubscriptionCreate: createSubscription,
  webhookSubscriptionUpdate: updateSubscription,
  webhookSubscriptionDelete: deleteSubscription,
};

function connection(kind: Kind): Resolver<unknown> {
  return (_root, args, reading) => list(reading, kind, args);
}

function counting(kind: Kind): Resolver<unknown> {
  return (_root, args, reading) => count(reading, kind, args);
}

function byId(type: string): Resolver<unknown> {
  return (_root, { id }, reading) => {
    const gid = String(id);
    return typeOf(gid) === type ? find(reading, gid) : null;
  };
}

/** One slot of `nodes`: the object, null, or the error that takes its place in the list. */
function permitted(reading: Reading, gid: string): unknown {
  const type = typeOf(gid);
  const missing = missingFor(reading.scopes, type);
  const denied: GraphQLError | null = missing && missingScope('node', missing);
  return denied ?? find(reading, gid);
}

function find(reading: Reading, gid: string): unknown {
  const type = typeOf(gid);
  const lookUp = NODES[type];
  if (!lookUp) throw notSimulated(`${type} by id`);
  return lookUp(reading, gid);
}

function typeOf(gid: string): string {
  const type = GID.exec(gid)?.[1];
  if (type === undefined) throw badRequest(`Invalid global id '${gid}'`);
  return type;
}

function idsOf(ids: unknown): string[] {
  const list = Array.isArray(ids) ? ids.map(String) : [];
  if (list.length > PAGE_MAX) throw tooManyInputs(list.length, PAGE_MAX);
  return list;
}
