import { describe, expect, test } from 'vitest';
import { answerPrivacy } from '../privacy/carry-out.ts';
import { redactShop } from '../simulator/privacy.ts';
import { Courier } from '../simulator/webhooks/courier.ts';
import { Transient } from '../src/failures.ts';
import { type PrivacyMessage, privacyMessage } from '../src/privacy-request.ts';
import { type PrivacyWorld, privacyWorld } from './privacy-world.ts';
import { sayings } from './said.ts';
import { type Captured, deliver, hmac, knockAt } from './webhook-requests.ts';
import type { World } from './world.ts';

/** R8 and R4 for what cannot be taken back: only what Shopify asked for is done, all of it, and once. */

const MINUTE_MS = 60_000;
const TOPICS = ['customers/data_request', 'customers/redact', 'shop/redact'] as const;
type Topic = (typeof TOPICS)[number];

/** Each compliance request as Shopify would send it; none is delivered. */
async function captured({ world, redact, requestData }: PrivacyWorld): Promise<Record<Topic, Captured>> {
  const sent: Captured[] = [];
  const { courier } = world.shop;
  world.shop.courier = new Courier({
    ...{ shop: world.shop, seed: 1, clock: () => world.now },
    send: async (_, headers, body) => {
      sent.push({ headers, body });
      return 200;
    },
  });
  requestData();
  redact();
  redactShop(world.shop);
  await world.shop.courier.pump();
  world.shop.courier = courier;
  const of = (topic: Topic) => sent.find(({ headers }) => headers['X-Shopify-Topic'] === topic)!;
  return Object.fromEntries(TOPICS.map((topic) => [topic, of(topic)])) as Record<Topic, Captured>;
}

const under = ({ headers, body }: Captured, changed: Readonly<Record<string, string>>): Captured => ({
  headers: { ...headers, ...changed },
  body,
});

/** Messages on the queue, taken from it. */
function messagesOf(world: World): readonly PrivacyMessage[] {
  return world.queues.receive('privacy', 100, 600_000).map((message) => {
    world.queues.complete(message);
    return privacyMessage.parse(JSON.parse(message.text));
  });
}

const requestsOf = async (world: World) => await world.database.privacyRequests(null, 100);

describe('a compliance request of Shopify', () => {
  test('is on the queue before it is answered: ids, and nothing else of the body', async () => {
    const made = await privacyWorld();
    const { world, customer, orders } = made;
    const requests = await captured(made);
    const receivedAt = world.now;
    expect(await deliver(world, requests['customers/redact'])).toEqual({ status: 200, reason: 'accepted' });
    const [message, ...more] = messagesOf(world);
    expect(more).toEqual([]);
    expect(message).toEqual({
      privacy: 'asked',
      attempt: 0,
      asked: {
        storeId: await world.storeId(),
        topic: 'CUSTOMERS_REDACT',
        digest: expect.stringMatching(/^[\w-]{43}$/),
        shopId: world.shop.profile.id.replace('gid://shopify/Shop/', ''),
        receivedAt,
        customers: [customer],
        orders: expect.arrayContaining([...orders]),
        vouched: false,
      },
    });
    expect(JSON.stringify(message)).not.toContain('@');
    // The row is as it was: nothing has been done in the answer.
    expect(made.wordsFound()).not.toEqual([]);
  });

  test('is answered 503 while the queue takes nothing, and takes effect when it is sent again', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const request = (await captured(made))['customers/redact'];
    const healthy = world.service;
    const queues = {
      ...healthy.queues,
      send: async () => {
        throw new Transient('the queue is away');
      },
    };
    world.service = { ...healthy, queues };
    expect((await deliver(world, request)).status).toBe(503);
    world.service = healthy;
    expect((await deliver(world, request)).status).toBe(200);
    await world.work();
    expect(made.wordsFound()).toEqual([]);
  });

  test('outlives a database that is away for hours', async () => {
    let away = false;
    const made = await privacyWorld({
      break: (real) =>
        new Proxy(real, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              if (away) throw new Transient('the database is away');
              return await value.apply(target, args);
            };
          },
        }),
    });
    const { world } = made;
    const request = (await captured(made))['customers/redact'];
    away = true;
    expect((await deliver(world, request)).status).toBe(200);
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      const waitMs = Math.max(0, world.queues.nextVisibleAt('privacy')! - world.now);
      waits.push(waitMs / 1_000);
      world.wait(waitMs);
      for (const message of messagesOf(world)) await answerPrivacy(world.service, message);
    }
    expect(waits).toEqual([0, 30, 60, 120, 240, 480, 900, 900, 900]);
    away = false;
    await world.live(16 * MINUTE_MS, 30_000);
    expect(made.wordsFound()).toEqual([]);
  });

  test('counts as one however often it comes, under whatever webhook id', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const requests = await captured(made);
    for (const topic of ['customers/data_request', 'customers/redact'] as const)
      for (let n = 0; n < 3; n++) {
        const headers = { 'X-Shopify-Webhook-Id': `another-${n}`, 'X-Shopify-Event-Id': `another-${n}` };
        expect((await deliver(world, under(requests[topic], headers))).status).toBe(200);
        await world.work();
      }
    expect((await requestsOf(world)).map(({ topic, state }) => `${topic} ${state}`).sort()).toEqual([
      'CUSTOMERS_DATA_REQUEST done',
      'CUSTOMERS_REDACT done',
    ]);
  });

  test('with more orders than a message holds comes in parts, all of them carried out', async () => {
    const made = await privacyWorld();
    const { world, customer } = made;
    const { profile, installation } = world.shop;
    const shopId = profile.id.replace('gid://shopify/Shop/', '');
    const orders = [...Array.from({ length: 2_400 }, (_, n) => 10_000_000_000 + n)];
    const body = `{"shop_id":${shopId},"shop_domain":"${profile.domain}","customer":{"id":${customer}},"orders_to_redact":[${[...orders, ...made.orders]}]}`;
    const secret = installation.clientSecret;
    expect((await knockAt(world, { topic: 'customers/redact', body, secret })).status).toBe(200);
    await world.work();
    const requests = await requestsOf(world);
    expect(requests.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(made.wordsFound()).toEqual([]);
    const [counted] = made.select('SELECT COUNT(*) AS n FROM Suppressions');
    expect(counted!['n']).toBe(1 + 2_400 + made.orders.length);
  });
});

describe('whoever replays or forges one', () => {
  test('without the right signature is refused', async () => {
    const made = await privacyWorld();
    for (const request of Object.values(await captured(made))) {
      const forged = under(request, { 'X-Shopify-Hmac-Sha256': hmac(request.body, 'wrong') });
      expect((await deliver(made.world, forged)).status).toBe(401);
    }
    expect(messagesOf(made.world)).toEqual([]);
  });

  test.each(TOPICS.flatMap((from) => TOPICS.filter((to) => to !== from).map((to) => [from, to] as const)))(
    '%s under the topic %s gets nothing done',
    async (from, to) => {
      const made = await privacyWorld();
      const { world } = made;
      const request = under((await captured(made))[from], { 'X-Shopify-Topic': to });
      const reply = await deliver(world, request);
      expect(reply).toEqual({ status: 400, reason: expect.stringMatching(/not a body of its topic/) });
      world.shop.installed = false;
      await world.live(72 * 60 * MINUTE_MS, 30 * MINUTE_MS);
      expect(made.wordsFound()).not.toEqual([]);
      expect(await requestsOf(world)).toEqual([]);
      expect(made.exported()).toEqual([]);
    },
  );

  test.each(TOPICS)('%s as another shop of the same app gets nothing done', async (topic) => {
    const made = await privacyWorld();
    const { world } = made;
    const { clientSecret } = world.shop.installation;
    const other = world.simulator.addShop({ domain: 'other.myshopify.com', installation: { clientSecret } });
    world.service = world.process({
      SHOPIFY_2_SHOP: other.profile.domain,
      SHOPIFY_2_CLIENT_ID: other.installation.clientId,
      SHOPIFY_2_CLIENT_SECRET: clientSecret,
    });
    await world.mirrored();
    const request = (await captured(made))[topic];
    const reply = await deliver(world, under(request, { 'X-Shopify-Shop-Domain': 'other.myshopify.com' }));
    expect(reply).toEqual({ status: 400, reason: expect.stringMatching(/a body of another shop/) });
    expect(await requestsOf(world)).toEqual([]);
  });

  test("any other webhook's body under a compliance topic gets nothing done", async () => {
    const { world } = await privacyWorld();
    const { id, domain } = world.shop.profile;
    const shop = { shop_id: id.replace('gid://shopify/Shop/', ''), shop_domain: domain };
    const bodies = [
      { id: 1, admin_graphql_api_id: 'gid://shopify/Customer/1' },
      { ...shop, customer: { id: 1 } },
      { ...shop, customer: { id: 'jane@example.com' }, orders_to_redact: [] },
      { ...shop, customer: { id: 1 }, orders_to_redact: ['; drop'] },
      { ...shop, customer: null, orders_to_redact: [] },
      { ...shop, shop_id: 1 },
      { ...shop, extra: 1 },
      { shop_domain: domain },
      [],
      'null',
      '{"shop_id":',
    ];
    for (const topic of TOPICS)
      for (const body of bodies)
        expect([topic, body, (await knockAt(world, { topic, body })).status]).toEqual([topic, body, 400]);
    expect(messagesOf(world)).toEqual([]);
  });

  test('or asks in a shape that is not known is said to be somebody’s to do by hand', async () => {
    const { world } = await privacyWorld();
    const said: string[] = [];
    world.service = { ...world.service, log: sayings(said) };
    const { id, domain } = world.shop.profile;
    const body = {
      shop_id: id.replace('gid://shopify/Shop/', ''),
      shop_domain: domain,
      new_field: 'jane@example.com',
    };
    expect((await knockAt(world, { topic: 'shop/redact', body })).status).toBe(400);
    expect(said).toEqual([
      'error: A request of SHOP_REDACT was not taken (not a body of its topic): if Shopify made it, ask for the same by hand at /api/privacy',
    ]);
  });

  test('is told that nothing is held where nothing is: a shop that is not, or no longer, here', async () => {
    const { world } = await privacyWorld();
    const body = { shop_id: 1, shop_domain: 'gone.myshopify.com' };
    const reply = await knockAt(world, { topic: 'shop/redact', domain: 'gone.myshopify.com', body });
    expect(reply).toEqual({ status: 200, reason: 'nothing is held of this shop' });
    const secret = 'wrong';
    expect(
      (await knockAt(world, { topic: 'shop/redact', domain: 'gone.myshopify.com', body, secret })).status,
    ).toBe(401);
  });
});
