import { createHmac } from 'node:crypto';
import { Courier } from '../simulator/webhooks/courier.ts';
import { enumName } from '../simulator/webhooks/topics.ts';
import type { Raise } from '../src/mark.ts';
import { receive } from '../webhooks/receive.ts';
import type { Reply } from '../webhooks/reply.ts';
import { type Signal, signal } from '../webhooks/signal.ts';
import type { World } from './world.ts';

/** Webhook requests as a test wants them: signed as Shopify does, or wrong in one thing. */

export interface Knock {
  readonly topic?: string;
  readonly domain?: string;
  readonly secret?: string;
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Take the place of the right ones; null takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

export interface Captured {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export const hmac = (body: Uint8Array, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('base64');

export const bytesOf = (body: unknown): Uint8Array<ArrayBuffer> => {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
};

/** A request like Shopify's to the store of this world. */
export function requestOf(world: World, knock: Knock = {}): Captured {
  const { profile, installation } = world.shop;
  const body = bytesOf(knock.body ?? { id: 1, admin_graphql_api_id: 'gid://shopify/Customer/1' });
  const headers: Record<string, string | null> = {
    'Content-Type': 'application/json',
    'X-Shopify-Topic': knock.topic ?? 'customers/update',
    'X-Shopify-Hmac-Sha256': hmac(body, knock.secret ?? installation.clientSecret),
    'X-Shopify-Shop-Domain': knock.domain ?? profile.domain,
    'X-Shopify-API-Version': '2026-10',
    'X-Shopify-Webhook-Id': '6c5f5c1e-5f5b-4ff8-8f4a-2f5f1c7f8a11',
    'X-Shopify-Triggered-At': '2026-11-23T09:00:00.123456789Z',
    ...knock.headers,
  };
  const present = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
  return { headers: Object.fromEntries(present), body };
}

export const deliver = (world: World, { headers, body }: Captured): Promise<Reply> =>
  receive(world.service, new Headers(headers), body);

export const knockAt = (world: World, knock: Knock = {}): Promise<Reply> =>
  deliver(world, requestOf(world, knock));

/** The signals that are on the queue, taken from it. */
export function signalsOf(world: World): readonly Signal[] {
  const messages = world.queues.receive('signals', 1_000, 600_000);
  for (const message of messages) world.queues.complete(message);
  return messages.map(({ text }) => signal.parse(JSON.parse(text)));
}

/**
 * Changes the store so often, a second apart, and answers what it sent: each delivery is kept, and delivered too if
 * that is wanted.
 */
export async function changes(
  world: World,
  count: number,
  { delivered }: { readonly delivered: boolean },
): Promise<readonly Captured[]> {
  const captured: Captured[] = [];
  const courier = new Courier({
    shop: world.shop,
    seed: 1,
    clock: () => world.now,
    send: async (_, headers, body) => {
      captured.push({ headers, body });
      return delivered ? (await deliver(world, { headers, body })).status : 200;
    },
  });
  world.shop.courier = courier;
  for (let n = 0; n < count; n++) {
    world.change();
    world.wait(1_000);
    await courier.pump();
    if (delivered && n % 20 === 0) await world.work();
  }
  world.shop.courier = world.courier;
  return captured;
}

/** One of each topic. */
export const oneOfEach = (list: readonly Captured[]): readonly Captured[] => [
  ...new Map(list.map((each) => [topicOf(each), each])).values(),
];

export const topicOf = ({ headers }: Captured): string => enumName(headers['X-Shopify-Topic'] ?? '');

export const raiseOf = (id: string, entity: Raise['entity'] = 'customers'): Raise => ({
  entity,
  id,
  lane: 'webhook',
  reason: 'test',
  announces: 'presence',
  expectedUpdatedAt: null,
  dueInMs: 0,
});
