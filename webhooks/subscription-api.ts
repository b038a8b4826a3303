import { z } from 'zod';
import { BrokenList, Reject, Transient } from '../src/failures.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import type { Operation } from '../src/shopify/documents.ts';

/** Webhook subscriptions of this app in one shop, as the Admin API lists and changes them. */

const FIELDS = 'id topic uri format filter includeFields';

const LIST: Operation = {
  name: 'Webhooks',
  text: `query Webhooks($first: Int!, $after: String) {
  webhookSubscriptions(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { ${FIELDS} apiVersion { handle } }
  }
}`,
};
const CREATE: Operation = {
  name: 'WebhookCreate',
  text: `mutation WebhookCreate($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id }
    userErrors { field message }
  }
}`,
};
const UPDATE: Operation = {
  name: 'WebhookUpdate',
  text: `mutation WebhookUpdate($id: ID!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $sub) {
    webhookSubscription { ${FIELDS} }
    userErrors { field message }
  }
}`,
};
const DELETE: Operation = {
  name: 'WebhookDelete',
  text: `mutation WebhookDelete($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}`,
};
export const SUBSCRIPTION_OPERATIONS: readonly Operation[] = [LIST, CREATE, UPDATE, DELETE];

const contents = {
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  format: z.string(),
  filter: z.string().nullable(),
  includeFields: z.array(z.string()),
};
const listed = z.object({
  webhookSubscriptions: z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    nodes: z.array(z.object({ ...contents, apiVersion: z.object({ handle: z.string() }) })),
  }),
});
export type Subscription = z.output<typeof listed>['webhookSubscriptions']['nodes'][number];

const PAGES_MAX = 20;

export async function listSubscriptions(api: AdminApi): Promise<readonly Subscription[]> {
  const all = new Map<string, Subscription>();
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const { data } = await api.query(LIST, { first: 250, after });
    const parsed = listed.safeParse(data);
    if (!parsed.success) throw new Transient('Shopify answered no list of webhook subscriptions');
    const { nodes, pageInfo } = parsed.data.webhookSubscriptions;
    // One that stands on two pages would be taken for a double of itself, and be taken down.
    if (nodes.some(({ id }) => all.has(id)) || new Set(nodes.map(({ id }) => id)).size < nodes.length)
      throw new BrokenList("the pages of Shopify's list of webhook subscriptions repeat");
    for (const each of nodes) all.set(each.id, each);
    if (!pageInfo.hasNextPage) break;
    if (pageInfo.endCursor === null || pageInfo.endCursor === after)
      throw new BrokenList("the cursor of Shopify's list of webhook subscriptions does not move");
    after = pageInfo.endCursor;
  }
  return [...all.values()];
}

/** Whole bodies as JSON, of every event: what a delivery must be so that its keys can be found in it. */
const WHOLE = { format: 'JSON', includeFields: [], filter: '' } as const;

/** A filter that names a field which is not there suppresses every delivery, and says nothing. */
export const isWhole = ({ format, filter, includeFields }: Subscription | Omit<Subscription, 'apiVersion'>) =>
  format === WHOLE.format && (filter === null || filter === '') && includeFields.length === 0;

const subscribed = z.object({
  webhookSubscriptionCreate: z.object({
    webhookSubscription: z.object({ id: z.string() }).nullable(),
    userErrors: z.array(z.object({ message: z.string() })),
  }),
});

/** Null when it stands now, else why not: what Shopify says of the address or topic, or a scope that is missing. */
export async function subscribe(api: AdminApi, topic: string, uri: string): Promise<string | null> {
  try {
    const { data } = await api.query(CREATE, { topic, sub: { uri, format: WHOLE.format } });
    const parsed = subscribed.safeParse(data);
    const result = parsed.data?.webhookSubscriptionCreate;
    if (result?.webhookSubscription) return null;
    return result?.userErrors.map(({ message }) => message).join(', ') || 'grant the scopes they need';
  } catch (error) {
    if (error instanceof Reject) return 'grant the scopes they need';
    throw error;
  }
}

const updated = z.object({
  webhookSubscriptionUpdate: z.object({ webhookSubscription: z.object(contents).nullable() }),
});

/**
 * Makes it whole again. Whether an update takes a filter away Shopify does not document, so its answer is read; where
 * it did not, the subscription is put up anew, and the moment between the two is swept like any other.
 */
export async function makeWhole(api: AdminApi, { id, topic, uri }: Subscription): Promise<string | null> {
  const { data } = await api.query(UPDATE, { id, sub: { uri, ...WHOLE } });
  const now = updated.safeParse(data).data?.webhookSubscriptionUpdate.webhookSubscription;
  if (now && isWhole(now)) return null;
  await unsubscribe(api, id);
  return await subscribe(api, topic, uri);
}

export async function unsubscribe(api: AdminApi, id: string): Promise<void> {
  await api.query(DELETE, { id });
}
