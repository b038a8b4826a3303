/** A shop with a past and a future, under a clock that only the test moves, and ways to listen to it. */
import { change } from '../simulator/changes.ts';
import type { Kind } from '../simulator/model.ts';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import { Shop } from '../simulator/shop.ts';
import { Courier } from '../simulator/webhooks/courier.ts';
import { enumName } from '../simulator/webhooks/topics.ts';

export const NOW = Date.parse('2026-11-23T03:04:05.678Z');
export const HOUR_MS = 3_600_000;
export const kinds: readonly Kind[] = ['customers', 'products', 'orders'];

export interface World {
  readonly shop: Shop;
  readonly clock: { now: number };
}

export function newWorld(options: { spendMovesUpdatedAt?: boolean } = {}): World {
  const clock = { now: NOW };
  const shop = new Shop(
    {
      domain: 'nami.myshopify.com',
      currencyCode: 'JPY',
      timezoneOffsetMinutes: 540,
      mixedIdLengths: true,
      consistency: options,
    },
    () => clock.now,
    1,
  );
  return { shop, clock };
}

export function populated(seed = 1, options: { spendMovesUpdatedAt?: boolean } = {}): World {
  const world = newWorld(options);
  populate(world.shop, { seed, customers: 600, products: 60, orders: 900 });
  return world;
}

/** Time passes at random, so that several changes fall into one second. */
export function live({ shop, clock }: World, count: number, seed = 7): void {
  const random = new Random(seed);
  for (let index = 0; index < count; index += 1) {
    clock.now += random.between(0, 900);
    change(shop, random);
  }
}

export const typeNames = { customers: 'Customer', products: 'Product', orders: 'Order' } as const;
export const gidOf = (kind: Kind, id: string) => `gid://shopify/${typeNames[kind]}/${id}`;

export interface Announced {
  readonly topic: string;
  readonly payload: object;
  readonly eventId: string | undefined;
}

/** Catches what the shop announces instead of sending it. */
export function listen({ shop }: World): Announced[] {
  const heard: Announced[] = [];
  shop.courier = {
    announce: (topic: string, payload: object, eventId?: string) =>
      void heard.push({ topic, payload, eventId }),
    notify: () => {},
    async pump() {},
  };
  return heard;
}

export interface Received {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly at: number;
}

/** A courier whose deliveries arrive here; `status` is what it is answered. */
export function postbox({ shop, clock }: World, status: () => number = () => 200, seed = 1) {
  const deliveries: Received[] = [];
  const courier = new Courier({
    shop,
    seed,
    clock: () => clock.now,
    send: async (url, headers, body) => {
      deliveries.push({ url, headers, body, at: clock.now });
      return status();
    },
  });
  shop.courier = courier;
  return { courier, deliveries };
}

export function subscribe(
  { shop, clock }: World,
  topic: string,
  more: { name?: string; includeFields?: string[] } = {},
): string {
  const id = `gid://shopify/WebhookSubscription/${topic}`;
  shop.subscriptions.set(id, {
    __typename: 'WebhookSubscription',
    id,
    topic: enumName(topic),
    uri: `https://mirror.example/${topic}`,
    name: more.name ?? null,
    includeFields: more.includeFields ?? [],
    filter: null,
    createdAt: clock.now,
    updatedAt: clock.now,
  });
  return id;
}

/** Lets time pass from one due delivery to the next. */
export async function drain(courier: Courier, clock: { now: number }): Promise<void> {
  for (let dueAt = courier.nextDueAt; dueAt !== null; dueAt = courier.nextDueAt) {
    clock.now = Math.max(clock.now, dueAt);
    await courier.pump();
  }
}
