/**
 * Webhook subscriptions as the API manages them. Expected mistakes come back as `userErrors`, in Shopify's
 * words; what this simulator does not deliver (XML, metafields, Pub/Sub, EventBridge) is refused the same way
 * rather than accepted and forgotten.
 */

import { compareIds, numericId } from '../../ordering.ts';
import type { WebhookSubscription } from '../../profile.ts';
import type { Shop } from '../../shop.ts';
import { type Args, type Page, pageOf } from '../page.ts';
import { badRequest } from '../problem.ts';
import type { Reading } from '../reading.ts';
import type { Resolver, Resolvers } from '../resolver.ts';
import { apiVersion } from './shop.ts';

interface UserError {
  readonly field: readonly string[];
  readonly message: string;
}

interface Input {
  readonly uri: string | null;
  readonly name: string | null;
  readonly filter: string | null;
  readonly includeFields: readonly string[] | null;
}

/** Scopes (any of them) for the topics that begin so; topics not named here need none. */
const TOPIC_SCOPES: readonly (readonly [string, readonly string[]])[] = [
  ['CUSTOMERS_MERGE', ['read_customer_merge']],
  ['CUSTOMER', ['read_customers']],
  ['PRODUCT', ['read_products']],
  ['VARIANTS_', ['read_products']],
  ['COLLECTIONS_', ['read_products']],
  ['INVENTORY_ITEMS_', ['read_inventory', 'read_products']],
  ['INVENTORY_', ['read_inventory']],
  ['ORDER', ['read_orders', 'read_marketplace_orders']],
  ['REFUNDS_', ['read_orders', 'read_marketplace_orders']],
  ['FULFILLMENTS_', ['read_fulfillments', 'read_marketplace_orders']],
];

export const webhookSubscription: Resolvers<WebhookSubscription> = {
  legacyResourceId: ({ id }) => numericId(id),
  apiVersion: (_subscription, _args, { shop }) => ({ ...apiVersion, handle: shop.webhookVersion }),
  format: () => 'JSON',
  callbackUrl: ({ uri }) => uri,
  endpoint: ({ uri }) => ({ __typename: 'WebhookHttpEndpoint', callbackUrl: uri }),
};

export function listSubscriptions({ shop }: Reading, args: Args): Page<WebhookSubscription> {
  const { topics, uri, callbackUrl, format } = args;
  const wanted = uri ?? callbackUrl;
  const found = [...shop.subscriptions.values()]
    .filter((subscription) => !Array.isArray(topics) || topics.includes(subscription.topic))
    .filter((subscription) => typeof wanted !== 'string' || subscription.uri === wanted)
    .filter(() => format !== 'XML')
    .sort((a, b) => compareIds(numericId(a.id), numericId(b.id)));
  return pageOf(found, args);
}

export const createSubscription: Resolver<unknown> = (_root, args, { shop, now, scopes }) => {
  const topic = String(args['topic']);
  const input = inputOf(args);
  const errors = [...problemsOf(args, input), ...topicProblems(topic, scopes)];
  if (input.uri === null) errors.push(uriError("Address can't be blank"));
  else if (isTaken(shop, topic, input.uri, null))
    errors.push(uriError('Address for this topic has already been taken'));
  if (input.uri === null || errors.length > 0) return { webhookSubscription: null, userErrors: errors };
  const subscription: WebhookSubscription = {
    __typename: 'WebhookSubscription',
    id: `gid://shopify/WebhookSubscription/${shop.nextId()}`,
    topic,
    uri: input.uri,
    name: input.name,
    includeFields: input.includeFields ?? [],
    filter: input.filter,
    createdAt: now,
    updatedAt: now,
  };
  shop.subscriptions.set(subscription.id, subscription);
  return { webhookSubscription: subscription, userErrors: [] };
};

/** Fields that the input leaves out stay as they are. */
export const updateSubscription: Resolver<unknown> = (_root, args, { shop, now }) => {
  const known = shop.subscriptions.get(String(args['id']));
  if (!known) return { webhookSubscription: null, userErrors: [missing] };
  const input = inputOf(args);
  const uri = input.uri ?? known.uri;
  const errors = problemsOf(args, input);
  if (isTaken(shop, known.topic, uri, known.id))
    errors.push(uriError('Address for this topic has already been taken'));
  if (errors.length > 0) return { webhookSubscription: null, userErrors: errors };
  const subscription: WebhookSubscription = {
    ...known,
    uri,
    name: input.name ?? known.name,
    filter: input.filter ?? known.filter,
    includeFields: input.includeFields ?? known.includeFields,
    updatedAt: now,
  };
  shop.subscriptions.set(known.id, subscription);
  return { webhookSubscription: subscription, userErrors: [] };
};

export const deleteSubscription: Resolver<unknown> = (_root, { id }, { shop }) =>
  shop.subscriptions.delete(String(id))
    ? { deletedWebhookSubscriptionId: id, userErrors: [] }
    : { deletedWebhookSubscriptionId: null, userErrors: [missing] };

const missing: UserError = { field: ['id'], message: 'Webhook subscription does not exist' };

const uriError = (message: string): UserError => ({ field: ['webhookSubscription', 'uri'], message });

function rawInput(args: Args): Args {
  const input = args['webhookSubscription'];
  if (typeof input !== 'object' || input === null) throw badRequest('webhookSubscription is required');
  return { ...input };
}

function inputOf(args: Args): Input {
  const input = rawInput(args);
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  const fields = input['includeFields'];
  return {
    uri: text(input['uri']) ?? text(input['callbackUrl']),
    name: text(input['name']),
    filter: text(input['filter']),
    includeFields: Array.isArray(fields) ? fields.map(String) : null,
  };
}

function problemsOf(args: Args, { uri, name }: Input): UserError[] {
  const errors: UserError[] = [];
  const { format, metafieldNamespaces, metafields } = rawInput(args);
  if (uri !== null && !isDeliverable(uri)) {
    errors.push(
      uriError(`Address ${uri} is not supported: the simulator delivers to https, and to http on loopback`),
    );
  }
  if (name !== null && !/^[\w-]{1,50}$/.test(name)) {
    errors.push({ field: ['webhookSubscription', 'name'], message: 'Name is invalid' });
  }
  for (const [field, value] of Object.entries({ metafieldNamespaces, metafields })) {
    if (!Array.isArray(value) || value.length === 0) continue;
    errors.push({ field: ['webhookSubscription', field], message: 'The simulator has no metafields' });
  }
  if (format === 'XML') {
    errors.push({ field: ['webhookSubscription', 'format'], message: 'The simulator delivers JSON only' });
  }
  return errors;
}

function topicProblems(topic: string, scopes: ReadonlySet<string>): UserError[] {
  const [, needed] = TOPIC_SCOPES.find(([start]) => topic.startsWith(start)) ?? [];
  if (!needed || needed.some((scope) => scopes.has(scope))) return [];
  const path = topic.toLowerCase().replace(/_(?=[^_]*$)/, '/');
  const message = `You do not have permission to create or update webhooks with ${path} topic. This topic might be invalid.`;
  return [{ field: ['webhookSubscription'], message }];
}

function isDeliverable(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}

const isTaken = (shop: Shop, topic: string, uri: string, exceptId: string | null): boolean =>
  [...shop.subscriptions.values()].some(
    (other) => other.id !== exceptId && other.topic === topic && other.uri === uri,
  );
