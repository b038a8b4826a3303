import { hash } from 'node:crypto';
import { z } from 'zod';
import { asked, orLater } from '../src/door.ts';
import { isId } from '../src/ids.ts';
import type { PrivacyAsked, PrivacyStanding, PrivacyTopic } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { twinsOf } from '../src/store-names.ts';

/**
 * A person asks instead of Shopify, which sends compliance webhooks of apps in its store only: `POST /api/privacy` with
 * `{ store, ask, customer, orders }`. And `GET /api/privacy` shows all requests with their certificates.
 */
const ASKS = {
  data: 'CUSTOMERS_DATA_REQUEST',
  'erase customer': 'CUSTOMERS_REDACT',
  'erase store': 'SHOP_REDACT',
} as const satisfies Record<string, PrivacyTopic>;

const ID = "customer and orders: give Shopify's decimal ids as texts";
const id = z.string({ error: ID }).refine(isId, ID);
const about = {
  store: z.string({ error: 'store: give the domain, e.g. "example.myshopify.com"' }).min(1),
};
const request = z.discriminatedUnion(
  'ask',
  [
    z.strictObject({
      ...about,
      ask: z.literal('data'),
      customer: id,
      orders: z.array(id).max(1_000).default([]),
    }),
    z.strictObject({
      ...about,
      ask: z.literal('erase customer'),
      customer: id,
      orders: z.array(id).max(1_000).default([]),
    }),
    z.strictObject({ ...about, ask: z.literal('erase store') }),
  ],
  { error: `send a JSON object with store, ask (one of ${Object.keys(ASKS).join(', ')}) and customer` },
);

export interface PrivacyReply {
  readonly status: 200 | 202 | 400 | 404 | 503;
  readonly body: Readonly<Record<string, unknown>>;
}

export const askByHand = async (service: Service, json: unknown): Promise<PrivacyReply> =>
  await asked(request, json, (wanted) => orLater(() => enqueue(service, wanted), notTaken(service)));

async function enqueue(service: Service, wanted: z.output<typeof request>): Promise<PrivacyReply> {
  const store = await service.directory.byDomain(wanted.store.trim().toLowerCase());
  if (store === null)
    return {
      status: 404,
      body: { error: 'store: no such store here; give the domain of a connected store' },
    };
  // An earlier release made a second row of a shop that was renamed: what is asked for is asked of each.
  for (const each of [store, ...twinsOf(await service.directory.all(), store)]) {
    const message = { privacy: 'asked', asked: askedBy(service, each, wanted), attempt: 0 } as const;
    await service.queues.send('privacy', message);
  }
  return { status: 202, body: { store: store.domain, ask: wanted.ask } };
}

/** A customer is erased once, whoever asks how often; what is held of one is told anew each time. */
function askedBy({ clock, nonce }: Service, store: Store, data: z.output<typeof request>): PrivacyAsked {
  const once = data.ask === 'erase customer' ? JSON.stringify(data) : nonce();
  return {
    storeId: store.id,
    topic: ASKS[data.ask],
    digest: `by hand ${hash('sha256', once, 'base64url')}`,
    shopId: store.shopId,
    receivedAt: clock(),
    customers: data.ask === 'erase store' ? [] : [data.customer],
    orders: data.ask === 'erase store' ? [] : data.orders,
    vouched: data.ask === 'erase store',
  };
}

const SHOWN = 200;

export const showRequests = async (service: Service, domain: string | null): Promise<PrivacyReply> =>
  await orLater(() => shown(service, domain), notTaken(service));

async function shown(service: Service, domain: string | null): Promise<PrivacyReply> {
  const store = domain === null ? null : await service.directory.byDomain(domain.trim());
  if (domain !== null && store === null) return { status: 404, body: { error: 'store: no such store here' } };
  const requests = await service.database.privacyRequests(store?.id ?? null, SHOWN);
  return { status: 200, body: { requests: requests.map(inWords) } };
}

/** For people, who read no milliseconds. */
const inWords = ({ receivedAt, dueAt, completedAt, ...standing }: PrivacyStanding) => ({
  ...standing,
  receivedAt: new Date(receivedAt).toISOString(),
  dueAt: new Date(dueAt).toISOString(),
  completedAt: completedAt === null ? null : new Date(completedAt).toISOString(),
});

const notTaken =
  ({ log }: Service) =>
  (Cause: string): void =>
    log('privacyNotTaken', { Cause });
