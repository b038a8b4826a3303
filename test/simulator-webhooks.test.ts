/** The webhooks of a simulated shop: bodies as Shopify writes them, delivered as unreliably as Shopify delivers. */
import '@shopify/shopify-api/adapters/web-api';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';
import { LosslessNumber, parse } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import { change, changesOf } from '../simulator/changes.ts';
import { uninstall } from '../simulator/installation.ts';
import { Random } from '../simulator/random.ts';
import { Courier } from '../simulator/webhooks/courier.ts';
import { sendByFetch } from '../simulator/webhooks/delivery.ts';
import examplesFile from '../simulator/webhooks/examples.json' with { type: 'json' };
import type { Examples, Keys, Shape } from '../simulator/webhooks/examples.ts';
import { appTopics, topics } from '../simulator/webhooks/topics.ts';
import {
  drain,
  HOUR_MS,
  listen,
  live,
  NOW,
  newWorld,
  populated,
  postbox,
  subscribe,
} from './simulator-trade.ts';

const examples: Examples = examplesFile;

function shapeOf(topic: string): Shape {
  const shape = examples.topics[topic];
  if (shape === undefined)
    throw new Error(`examples.json has no ${topic}: run node simulator/webhooks/examples.ts.`);
  return typeof shape === 'string' ? shapeOf(shape) : shape;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof LosslessNumber);

/** The object that a value is, or the objects that it lists. */
const objectsIn = (value: unknown): object[] => (Array.isArray(value) ? value : [value]).filter(isObject);

/** Complains of keys that no body of Shopify's has, and of those that its example has and ours lacks. */
function complaintsAbout(topic: string, payload: object): string[] {
  const { example, more } = shapeOf(topic);
  const unknown = Object.keys(payload).filter((key) => !(key in example || key in more));
  const missing = Object.keys(example).filter((key) => !(key in payload));
  const nested = Object.entries(payload).flatMap(([key, value]) =>
    // An order's refunds have no documented inside there, but a topic of their own.
    key === 'refunds'
      ? objectsIn(value).flatMap((refund) => complaintsAbout('refunds/create', refund))
      : objectsIn(value).flatMap((one) => complaintsBelow(topic, key, one)),
  );
  return [
    ...unknown.map((key) => `${topic}: ${key} is unknown`),
    ...missing.map((key) => `${topic}: ${key} is missing`),
    ...nested,
  ];
}

function complaintsBelow(topic: string, key: string, value: object): string[] {
  const { example, more } = shapeOf(topic);
  const [shown, seen]: Keys[string][] = [example[key] ?? null, more[key] ?? null];
  if (!shown && !seen) return [];
  const unknown = Object.keys(value).filter((name) => !shown?.includes(name) && !seen?.includes(name));
  const missing = (shown ?? []).filter((name) => !(name in value));
  return [
    ...unknown.map((name) => `${topic}: ${key}.${name} is unknown`),
    ...missing.map((name) => `${topic}: ${key}.${name} is missing`),
  ];
}

/** Keys that ours may lack, and why. */
const justified: readonly RegExp[] = [
  // A customer without an address has none.
  /default_address is missing$/,
];

describe('webhook bodies', () => {
  const world = populated();
  const heard = listen(world);
  live(world, 1500);

  test('every topic is announced', () => {
    expect(new Set(heard.map(({ topic }) => topic))).toEqual(new Set(topics));
  });

  test('have the keys of the examples that Shopify documents, and no others', () => {
    const complaints = new Set(heard.flatMap(({ topic, payload }) => complaintsAbout(topic, payload)));
    expect(
      [...complaints].filter((complaint) => !justified.some((reason) => reason.test(complaint))),
    ).toEqual([]);
  });

  test('that the app is gone is told with the keys of the example too', () => {
    const gone = populated();
    const told = listen(gone);
    uninstall(gone.shop);
    uninstall(gone.shop);
    expect(told.map(({ topic }) => topic)).toEqual([...appTopics]);
    expect(told.flatMap(({ topic, payload }) => complaintsAbout(topic, payload))).toEqual([]);
  });

  test('all deliveries of one change share an event id', () => {
    const byEvent = Map.groupBy(heard, ({ eventId }) => eventId);
    const told = changesOf(world.shop).filter((one) => one.topics.length > 0);
    expect(byEvent.size).toBe(told.length);
    expect([...byEvent.values()].map((list) => list.map(({ topic }) => topic))).toEqual(
      told.map((one) => one.topics),
    );
  });

  const bodyFor = async (topic: string, where: (payload: object) => boolean = () => true) => {
    const { payload } = heard.find((one) => one.topic === topic && where(one.payload))!;
    const { deliveries, courier } = postbox(world);
    subscribe(world, topic);
    courier.announce(topic, payload);
    await courier.pump();
    return new TextDecoder().decode(deliveries[0]!.body);
  };

  test('write ids beyond 2^53 as numbers, digit by digit', async () => {
    const text = await bodyFor(
      'orders/updated',
      (payload) => 'id' in payload && Number(payload.id) > 2 ** 53,
    );
    const id = /^{"id":(\d+),/.exec(text)?.[1];
    const body = JSON.parse(text);
    expect(body.admin_graphql_api_id).toBe(`gid://shopify/Order/${id}`);
    expect(String(body.id)).not.toBe(id);
  });

  test('carry shop time, yen without decimals, and numbers only in refund lines', async () => {
    const order = JSON.parse(await bodyFor('orders/updated'));
    expect(order.updated_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$/);
    expect(order.total_price).toMatch(/^\d+$/);
    const refund = JSON.parse(
      await bodyFor(
        'refunds/create',
        (payload) => objectsIn(Reflect.get(payload, 'refund_line_items')).length > 0,
      ),
    );
    expect(typeof refund.refund_line_items[0].subtotal).toBe('number');
    expect(typeof refund.refund_line_items[0].subtotal_set.shop_money.amount).toBe('string');
  });

  test('a product has its first 100 variants in full and names all', async () => {
    const text = await bodyFor(
      'products/update',
      (payload) => objectsIn(Reflect.get(payload, 'variant_gids')).length > 240,
    );
    const product = JSON.parse(text);
    expect(product.variants).toHaveLength(100);
    expect(product.variant_gids.length).toBeGreaterThan(240);
    const times = product.variant_gids.map((one: { updated_at: string }) => one.updated_at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test('a deletion names nothing but the id', async () => {
    expect(Object.keys(parse(await bodyFor('orders/delete')) ?? {})).toEqual(['id']);
    expect(Object.keys(parse(await bodyFor('products/delete')) ?? {})).toEqual(['id']);
  });
});

describe('the courier', () => {
  test('sends only what is subscribed to, with all of Shopify’s headers', async () => {
    const world = newWorld();
    const { courier, deliveries } = postbox(world);
    subscribe(world, 'orders/updated', { name: 'orders-updated' });
    courier.announce('orders/updated', { id: 788032119674292922n });
    courier.announce('products/update', { id: 1n });
    await courier.pump();
    expect(deliveries).toHaveLength(1);
    const { url, headers, body } = deliveries[0]!;
    expect(url).toBe('https://mirror.example/orders/updated');
    expect(new TextDecoder().decode(body)).toBe('{"id":788032119674292922}');
    expect(headers).toMatchObject({
      'X-Shopify-Topic': 'orders/updated',
      'X-Shopify-Shop-Domain': 'nami.myshopify.com',
      'X-Shopify-API-Version': '2026-10',
      'X-Shopify-Name': 'orders-updated',
      'X-Shopify-Hmac-Sha256': createHmac('sha256', world.shop.installation.clientSecret)
        .update(body)
        .digest('base64'),
    });
    expect(headers['X-Shopify-Triggered-At']).toMatch(/^2026-11-23T03:04:05\.678\d{6}Z$/);
    expect(headers['X-Shopify-Webhook-Id']).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(headers['X-Shopify-Event-Id']).not.toBe(headers['X-Shopify-Webhook-Id']);
  });

  test('signs so that Shopify’s own library is satisfied, and forges so that it is not', async () => {
    const world = populated();
    const { courier, deliveries } = postbox(world);
    for (const topic of topics) subscribe(world, topic);
    courier.faults.forged = 1;
    live(world, 60);
    await courier.pump();
    const shopify = shopifyApi({
      apiKey: world.shop.installation.clientId,
      apiSecretKey: world.shop.installation.clientSecret,
      apiVersion: ApiVersion.October26,
      hostName: 'mirror.example',
      isEmbeddedApp: false,
      logger: { level: LogSeverity.Warning },
    });
    const verdicts = await Promise.all(
      deliveries.map(async ({ url, headers, body }) => {
        const rawRequest = new Request(url, { method: 'POST', headers, body });
        return await shopify.webhooks.validate({ rawBody: new TextDecoder().decode(body), rawRequest });
      }),
    );
    const good = verdicts.filter(({ valid }) => valid);
    expect(good.length).toBe(courier.stats.announced);
    expect(verdicts.length - good.length).toBe(courier.stats.forged);
    expect(verdicts.filter((verdict) => !verdict.valid)).toContainEqual({
      valid: false,
      reason: 'invalid_hmac',
    });
    expect(good[0]).toMatchObject({
      domain: 'nami.myshopify.com',
      apiVersion: '2026-10',
      webhookType: 'webhooks',
    });
  });

  test('cuts the body to the fields that were asked for', async () => {
    const world = newWorld();
    const { courier, deliveries } = postbox(world);
    subscribe(world, 'orders/updated', { includeFields: ['id', 'updated_at'] });
    courier.announce('orders/updated', { id: 1n, updated_at: 'then', email: 'x@example.com' });
    await courier.pump();
    expect(JSON.parse(new TextDecoder().decode(deliveries[0]!.body))).toEqual({ id: 1, updated_at: 'then' });
  });

  test('tries eight more times within four hours with the original body, then deletes the subscription', async () => {
    const world = populated();
    const { shop, clock } = world;
    const { courier, deliveries } = postbox(world, () => 500);
    const id = subscribe(world, 'customers/update');
    const begin = clock.now;
    change(shop, new Random(1), { what: 'customer-edit' });
    await courier.pump();
    expect(shop.subscriptions.has(id)).toBe(true);
    await drain(courier, clock);
    expect(deliveries).toHaveLength(9);
    expect(new Set(deliveries.map(({ body }) => new TextDecoder().decode(body))).size).toBe(1);
    expect(new Set(deliveries.map(({ headers }) => headers['X-Shopify-Webhook-Id'])).size).toBe(1);
    expect(Math.abs(clock.now - begin - 4 * HOUR_MS)).toBeLessThan(1000);
    const waits = deliveries.slice(1).map(({ at }, index) => at - deliveries[index]!.at);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(shop.subscriptions.has(id)).toBe(false);
    expect(courier.stats).toMatchObject({ givenUp: 1, subscriptionsDeleted: 1, pending: 0 });
  });

  test('keeps a subscription that answered something else in the meantime', async () => {
    const world = newWorld();
    const { courier } = postbox(world, () => (world.clock.now < NOW + HOUR_MS ? 500 : 200));
    const id = subscribe(world, 'orders/updated');
    courier.announce('orders/updated', { id: 1n });
    await drain(courier, world.clock);
    expect(world.shop.subscriptions.has(id)).toBe(true);
    expect(courier.stats).toMatchObject({ delivered: 1, givenUp: 0 });
  });

  test('takes redirections and silence for failures', async () => {
    const world = newWorld();
    const { courier } = postbox(world, () => 302);
    subscribe(world, 'orders/updated');
    courier.announce('orders/updated', { id: 1n });
    await courier.pump();
    courier.faults.down = true;
    courier.announce('orders/updated', { id: 2n });
    await courier.pump();
    expect(courier.stats).toMatchObject({ delivered: 0, failed: 2, pending: 2 });
  });

  const flood = async (faults: Partial<Courier['faults']>, seed = 1) => {
    const world = newWorld();
    const { courier, deliveries } = postbox(world, () => 200, seed);
    subscribe(world, 'orders/updated');
    Object.assign(courier.faults, faults);
    for (let number = 0; number < 200; number += 1) {
      world.clock.now += 100;
      courier.announce('orders/updated', { number });
      await courier.pump();
    }
    const announcedBy = world.clock.now;
    await drain(courier, world.clock);
    const numbers = deliveries.map(({ body }) => Number(JSON.parse(new TextDecoder().decode(body)).number));
    return { courier, deliveries, numbers, announcedBy };
  };

  test('loses and doubles as often as it is told, the same ones for the same seed', async () => {
    const lost = await flood({ lost: 0.2 });
    expect(lost.numbers.length).toBe(200 - lost.courier.stats.lost);
    expect(lost.courier.stats.lost).toBeGreaterThan(20);
    expect((await flood({ lost: 0.2 })).numbers).toEqual(lost.numbers);
    expect((await flood({ lost: 0.2 }, 2)).numbers).not.toEqual(lost.numbers);

    const doubled = await flood({ doubled: 0.3 });
    expect(doubled.numbers.length).toBe(200 + doubled.courier.stats.doubled);
    expect(new Set(doubled.numbers).size).toBe(200);
    expect(new Set(doubled.deliveries.map(({ headers }) => headers['X-Shopify-Webhook-Id'])).size).toBe(200);
  });

  test('lets later ones overtake', async () => {
    const inOrder = await flood({});
    expect(inOrder.numbers).toEqual(inOrder.numbers.toSorted((a, b) => a - b));
    const { numbers, courier } = await flood({ reordered: 0.3 });
    expect(courier.stats.reordered).toBeGreaterThan(30);
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(200);
  });

  test('comes late by what it is told', async () => {
    const { deliveries, numbers, announcedBy } = await flood({ late: 1, lateMs: 3 * HOUR_MS });
    expect(numbers).toHaveLength(200);
    expect(Math.min(...deliveries.map(({ at }) => at))).toBe(NOW + 100 + 3 * HOUR_MS);
    expect(Math.min(...deliveries.map(({ at }) => at))).toBeGreaterThan(announcedBy);
  });

  test('never has more than 32 under way', async () => {
    const world = newWorld();
    subscribe(world, 'orders/updated');
    const gates: (() => void)[] = [];
    let most = 0;
    let current = 0;
    const send = async () => {
      current += 1;
      most = Math.max(most, current);
      await new Promise<void>((resolve) => gates.push(resolve));
      current -= 1;
      return 200;
    };
    const courier = new Courier({ shop: world.shop, seed: 1, clock: () => world.clock.now, send });
    for (let number = 0; number < 100; number += 1) courier.announce('orders/updated', { number });
    const pumped = Promise.all([courier.pump(), courier.pump()]);
    while (courier.stats.delivered < 100) {
      gates.shift()?.();
      await Promise.resolve();
    }
    await pumped;
    expect(most).toBe(32);
  });

  test('really posts, and does not follow redirections', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-shopify-topic']}`);
      if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end();
      else request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const post = (path: string) =>
      sendByFetch(`${base}${path}`, { 'X-Shopify-Topic': 'orders/updated' }, new TextEncoder().encode('{}'));
    expect(await post('/hooks')).toBe(200);
    expect(await post('/moved')).toBe(302);
    expect(seen).toEqual(['POST /hooks orders/updated', 'POST /moved orders/updated']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(post('/hooks')).rejects.toThrow();
  });
});
