import { z } from 'zod';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import type { Operation } from '../src/shopify/documents.ts';
import type { Store } from '../src/store.ts';
import { WANTED_TOPICS } from './signal.ts';

/**
 * Webhook subscriptions as they should be. Shopify deletes a shop's subscription after four hours of failed
 * deliveries, so the wanted topics are compared with what stands, at start and hourly, and mended.
 */
export interface Mended {
  readonly created: readonly string[];
  /** Topics that Shopify would not subscribe, mostly for a missing scope. They cost freshness, not truth. */
  readonly refused: readonly string[];
}

type Deps = Pick<Service, 'log'>;

const LIST: Operation = {
  name: 'Webhooks',
  text: `query Webhooks($first: Int!, $after: String) {
  webhookSubscriptions(first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { id topic uri } }
}`,
};
const CREATE: Operation = {
  name: 'WebhookCreate',
  text: `mutation WebhookCreate($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id topic uri }
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
export const SUBSCRIPTION_OPERATIONS: readonly Operation[] = [LIST, CREATE, DELETE];

const listed = z.object({
  webhookSubscriptions: z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    nodes: z.array(z.object({ id: z.string(), topic: z.string(), uri: z.string() })),
  }),
});
type Subscription = z.output<typeof listed>['webhookSubscriptions']['nodes'][number];

/** Compares and mends the subscriptions whose address is ours; those of others are left alone. */
export async function mendSubscriptions(
  deps: Deps,
  api: AdminApi,
  store: Store,
  url: string,
  /** Called before the first subscription that is missing is created. */
  onMissing: () => Promise<void> = async () => {},
): Promise<Mended> {
  const standing = (await listAll(api)).filter(({ uri }) => uri === url);
  const wanted = new Set(WANTED_TOPICS);
  const kept = new Set<string>();
  for (const { id, topic } of standing) {
    const spare = !wanted.has(topic) || kept.has(topic);
    if (spare) await api.query(DELETE, { id });
    else kept.add(topic);
  }
  const created: string[] = [];
  const refused: string[] = [];
  const reasons = new Set<string>();
  const missing = WANTED_TOPICS.filter((each) => !kept.has(each));
  if (missing.length > 0) await onMissing();
  for (const topic of missing) {
    const refusal = await subscribe(api, topic, url);
    (refusal === null ? created : refused).push(topic);
    if (refusal !== null) reasons.add(refusal);
  }
  if (refused.length > 0)
    deps.log('topicsRefused', {
      StoreId: store.id,
      Topics: refused.join(', '),
      Cause: [...reasons].join('; '),
    });
  if (created.length > 0 && standing.length > 0)
    deps.log('subscriptionsRestored', { StoreId: store.id, Topics: created.join(', ') });
  return { created, refused };
}

async function listAll(api: AdminApi): Promise<readonly Subscription[]> {
  const all: Subscription[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 20; pages++) {
    const { data } = await api.query(LIST, { first: 250, after });
    const parsed = listed.safeParse(data);
    if (!parsed.success) throw new Transient('Shopify answered no list of webhook subscriptions');
    const { nodes, pageInfo } = parsed.data.webhookSubscriptions;
    all.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return all;
}

const subscribed = z.object({
  webhookSubscriptionCreate: z.object({
    webhookSubscription: z.object({ id: z.string() }).nullable(),
    userErrors: z.array(z.object({ message: z.string() })),
  }),
});

/** Null when it stands now, else why not: what Shopify says of the address or topic, or a scope that is missing. */
async function subscribe(api: AdminApi, topic: string, uri: string): Promise<string | null> {
  try {
    const { data } = await api.query(CREATE, { topic, sub: { uri, format: 'JSON' } });
    const parsed = subscribed.safeParse(data);
    const result = parsed.data?.webhookSubscriptionCreate;
    if (result?.webhookSubscription) return null;
    return result?.userErrors.map(({ message }) => message).join(', ') || 'grant the scopes they need';
  } catch (error) {
    if (error instanceof Reject) return 'grant the scopes they need';
    throw error;
  }
}
