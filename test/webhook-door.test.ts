import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { registerAll } from '../app/register.ts';
import { type LocalHost, startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import type { Alarm } from '../src/deadline.ts';
import { createDirectory } from '../src/directory.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Reject, Transient } from '../src/failures.ts';
import { createVaultSecrets } from '../src/vault-secrets.ts';
import { markSignal } from '../webhooks/marking.ts';
import { BODY_BYTES_MAX, receive } from '../webhooks/receive.ts';
import { signal } from '../webhooks/signal.ts';
import { WANTED_TOPICS } from '../webhooks/topics.ts';
import { MemoryVault } from './memory-vault.ts';
import { sayings } from './said.ts';
import {
  bytesOf,
  type Captured,
  changes,
  deliver,
  hmac,
  knockAt,
  oneOfEach,
  requestOf,
  signalsOf,
} from './webhook-requests.ts';
import { World, type WorldOptions } from './world.ts';

/** Whatever comes in through the door of detector 1: a clear answer, and nothing lost. */

const PREVIOUS = 'the-secret-before-this-one';
const size = { customers: 20, products: 8, orders: 20 };
let world: World;
afterEach(() => world.close());

/** A connected store, with nothing in it and nothing to do. */
async function quiet(options: WorldOptions = {}): Promise<World> {
  const made = await World.create({ env: { SHOPIFY_WEBHOOK_SECRET_PREVIOUS: PREVIOUS }, ...options });
  await made.mirrored();
  return made;
}

/** A second store beside the first, connected, whose app has this secret. */
async function beside(clientSecret: string): Promise<void> {
  const other = world.simulator.addShop({ domain: 'other.myshopify.com', installation: { clientSecret } });
  world.service = world.process({
    SHOPIFY_2_SHOP: other.profile.domain,
    SHOPIFY_2_CLIENT_ID: other.installation.clientId,
    SHOPIFY_2_CLIENT_SECRET: clientSecret,
  });
  await world.mirrored();
}

/** Differences from Shopify; but that the product of an order's line is gone, no delivery announces. */
const announced = async () =>
  (await world.differences()).filter(({ where }) => !/Shopify(Product|Variant)Id differs/.test(where));

const rows = async (storeId: number) =>
  await Promise.all(ENTITY_NAMES.map((entity) => world.database.mirrorRows(storeId, entity, null, 10_000)));

describe('a delivery of Shopify', () => {
  beforeEach(async () => {
    world = await quiet();
  });

  test('is answered 200 and becomes one small signal', async () => {
    const body = {
      id: 42,
      admin_graphql_api_id: 'gid://shopify/Customer/42',
      updated_at: '2026-11-23T18:00:00+09:00',
      email: 'jane@example.com',
    };
    expect(await knockAt(world, { body })).toEqual({ status: 200, reason: 'accepted' });
    expect(signalsOf(world)).toEqual([
      {
        storeId: 1,
        domain: 'demo.myshopify.com',
        topic: 'CUSTOMERS_UPDATE',
        webhookId: '6c5f5c1e-5f5b-4ff8-8f4a-2f5f1c7f8a11',
        triggeredAt: Date.parse('2026-11-23T09:00:00.123Z'),
        receivedAt: world.now,
        apiVersion: '2026-10',
        attempt: 0,
        echo: false,
        keys: [
          {
            entity: 'customers',
            id: '42',
            announces: 'presence',
            expectedUpdatedAt: Date.parse('2026-11-23T09:00:00Z'),
            through: null,
          },
        ],
      },
    ]);
  });

  test('may be signed with the previous secret, as long as that is not revoked', async () => {
    expect((await knockAt(world, { secret: PREVIOUS })).status).toBe(200);
  });

  test('may name its shop and topic in any case', async () => {
    const headers = { 'X-Shopify-Topic': 'Customers/Update', 'X-Shopify-Shop-Domain': 'DEMO.myshopify.com' };
    expect((await knockAt(world, { headers })).status).toBe(200);
    expect(signalsOf(world)).toHaveLength(1);
  });

  test('needs neither a webhook id nor a version nor a trigger time', async () => {
    const headers = {
      'X-Shopify-Webhook-Id': null,
      'X-Shopify-API-Version': null,
      'X-Shopify-Triggered-At': null,
    };
    expect((await knockAt(world, { headers })).status).toBe(200);
    expect(signalsOf(world)[0]).toMatchObject({ webhookId: '', triggeredAt: null });
  });

  test.each(['yesterday', 'May 1', '+275760-09-13T00:00:00.000Z', '0001-01-01T00:00:00Z', '1e9', ''])(
    'with the trigger time "%s" counts as one without',
    async (text) => {
      expect((await knockAt(world, { headers: { 'X-Shopify-Triggered-At': text } })).status).toBe(200);
      expect(signalsOf(world)[0]?.triggeredAt).toBeNull();
    },
  );
});

describe('whoever is not Shopify', () => {
  beforeEach(async () => {
    world = await quiet();
    await beside('the-secret-of-the-other-store');
  });

  const body = bytesOf({ id: 1, admin_graphql_api_id: 'gid://shopify/Customer/1' });
  const right = () => hmac(body, world.shop.installation.clientSecret);
  const signatures: Readonly<Record<string, () => string | null>> = {
    missing: () => null,
    empty: () => '',
    'not base64': () => '!!!!',
    'cut short': () => Buffer.from(right(), 'base64').subarray(0, 20).toString('base64'),
    'too long': () => Buffer.concat([Buffer.from(right(), 'base64'), Buffer.of(0)]).toString('base64'),
    'with one bit wrong': () => {
      const bytes = Buffer.from(right(), 'base64');
      bytes[31] = bytes[31]! ^ 1;
      return bytes.toString('base64');
    },
    'in hex': () => Buffer.from(right(), 'base64').toString('hex'),
    'of another body': () => hmac(bytesOf({ id: 2 }), world.shop.installation.clientSecret),
    'with an empty secret': () => hmac(body, ''),
    "with another store's secret": () => hmac(body, 'the-secret-of-the-other-store'),
  };

  test.each(Object.keys(signatures))('is refused when the signature is %s', async (name) => {
    const reply = await knockAt(world, {
      body,
      headers: { 'X-Shopify-Hmac-Sha256': signatures[name]!() },
    });
    expect(reply).toEqual({ status: 401, reason: expect.stringMatching(/webhook secret|only Shopify may/) });
    expect(signalsOf(world)).toEqual([]);
  });

  test('is refused without a shop, without a topic, and with a shop that nobody knows', async () => {
    const status = async (headers: Record<string, string | null>, secret?: string) =>
      (await knockAt(world, { headers, ...(secret === undefined ? {} : { secret }) })).status;
    expect(await status({ 'X-Shopify-Shop-Domain': null })).toBe(401);
    expect(await status({ 'X-Shopify-Topic': null })).toBe(400);
    expect(await status({ 'X-Shopify-Shop-Domain': 'nobody.myshopify.com' }, 'a-guess')).toBe(401);
    expect(signalsOf(world)).toEqual([]);
  });

  test('and Shopify itself hears 404 for a shop that is not here', async () => {
    const reply = await knockAt(world, { domain: 'nobody.myshopify.com' });
    expect(reply).toEqual({ status: 404, reason: expect.stringContaining('connect it') });
    expect(signalsOf(world)).toEqual([]);
  });

  test('a wrong webhook secret is told to the operator, once in a while', async () => {
    const said: string[] = [];
    world.service = { ...world.service, log: sayings(said) };
    const knocks = async (times: number) => {
      for (let n = 0; n < times; n++) await knockAt(world, { secret: 'wrong' });
    };
    await knocks(20);
    expect(said).toEqual([expect.stringMatching(/^warning: .*demo.myshopify.com.*check its webhook secret/)]);
    world.wait(10 * 60_000);
    await knocks(20);
    expect(said).toHaveLength(2);
  });
});

test('a store that is not active answers 200 and does nothing', async () => {
  world = await quiet();
  await world.database.deactivateStore(await world.storeId());
  world.service.directory.forget();
  expect(await knockAt(world)).toEqual({ status: 200, reason: 'store is not active' });
  expect(signalsOf(world)).toEqual([]);
});

test('a shop that nobody knows has no secret of any store read, whoever signed', async () => {
  world = await quiet();
  for (let n = 0; n < 30; n++)
    await world.database.activateStore({ domain: `s${n}.myshopify.com`, secretName: `shopify-store-s${n}` });
  const vault = new MemoryVault();
  vault.put('shopify-app', { clientId: 'one', clientSecret: 'of-the-app' });
  const secrets = createVaultSecrets({ vault, monotonic: () => world.now, log: world.service.log });
  world.service = { ...world.process(), configuredStores: [], secrets };
  const status = async (secret: string) =>
    (await knockAt(world, { domain: 'nobody.myshopify.com', secret })).status;
  expect(await status('a-guess')).toBe(401);
  expect(await status('of-the-app')).toBe(404);
  expect(vault.asked).toEqual(['versions shopify-app']);
});

test('a topic that nobody asked for is answered 200 and logged', async () => {
  world = await quiet();
  const said: string[] = [];
  world.service = { ...world.service, log: sayings(said) };
  const reply = await knockAt(world, { topic: 'carts/update', body: 'whatever it is' });
  expect(reply).toEqual({ status: 200, reason: 'unknown topic' });
  expect(said).toEqual(['warning: Delivery ignored, its topic is unknown: CARTS_UPDATE']);
  expect(signalsOf(world)).toEqual([]);
});

describe('bodies', () => {
  beforeEach(async () => {
    world = await quiet();
  });

  const gid = (id: string, type = 'Customer') => `gid://shopify/${type}/${id}`;
  const about = async (body: unknown, topic = 'customers/update') => {
    const { status } = await knockAt(world, { body, topic });
    const keys = signalsOf(world).flatMap((each) => each.keys);
    return { status, keys };
  };
  const refused = { status: 400, keys: [] };
  const accepted = (id: string, more: object = {}) => ({
    status: 200,
    keys: [expect.objectContaining({ id, ...more })],
  });

  test.each<[string, string | Uint8Array]>([
    ['cut off', '{"id":1,"admin_graphql_api_id":"gid://shop'],
    ['with something behind it', '{"id":1}{'],
    ['a list', '[{"id":1}]'],
    ['a number', '1'],
    ['a text', '"id"'],
    ['null', 'null'],
    ['not a number', '{"id":NaN}'],
    ['lists 100,000 deep', `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['objects 100,000 deep', `${'{"id":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['other bytes', Uint8Array.from({ length: 300 }, (_, i) => i % 256)],
  ])('no object, but %s: 400', async (_, body) => {
    expect(await about(body)).toEqual(refused);
  });

  test.each<[string, string]>([
    ['missing', '{}'],
    ['null', '{"id":null}'],
    ['zero', '{"id":0}'],
    ['negative', '{"id":-5}'],
    ['a fraction', '{"id":5.5}'],
    ['written as a fraction', '{"id":5.0}'],
    ['with an exponent', '{"id":5e3}'],
    ['of 30 digits', `{"id":${'9'.repeat(30)}}`],
    ['with a leading zero', '{"id":"05"}'],
    ['an empty text', '{"id":""}'],
    ['words', '{"id":"1; drop table Customers"}'],
    ['true', '{"id":true}'],
    ['a list', '{"id":[5]}'],
    ['an object', '{"id":{"id":5}}'],
    ['a GID of another type', '{"id":"gid://shopify/Order/5"}'],
    ['beside a GID of another type', '{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5"}'],
    ['beside a GID that is none', '{"id":5,"admin_graphql_api_id":"5"}'],
    ['beside a GID that is a number', '{"id":5,"admin_graphql_api_id":5}'],
    ['inherited', '{"__proto__":{"id":5}}'],
  ])('an id: %s, hence 400', async (_, body) => {
    expect(await about(body)).toEqual(refused);
  });

  test('ids above 2^53 are exact', async () => {
    expect(await about('{"id":9007199254740993123}')).toEqual(accepted('9007199254740993123'));
    expect(await about({ id: '9007199254740993123' })).toEqual(accepted('9007199254740993123'));
    expect(await about({ id: gid('9007199254740993123') })).toEqual(accepted('9007199254740993123'));
  });

  test('a rounded number beside an exact GID: the GID is right', async () => {
    const body = `{"id":788032119674292900,"admin_graphql_api_id":"${gid('788032119674292922')}"}`;
    expect(await about(body)).toEqual(accepted('788032119674292922'));
  });

  test('a byte order mark, a broken character and a key that stands twice cost nothing', async () => {
    const json = JSON.stringify({ id: 7, admin_graphql_api_id: gid('7'), note: 'cut by somebody: ' });
    expect(await about(`\uFEFF${json}`)).toEqual(accepted('7'));
    const note = Buffer.from(json).toString('latin1').replace('somebody: ', 'somebody: \xE4\xB8');
    expect(await about(Buffer.from(note, 'latin1'))).toEqual(accepted('7'));
    expect(await about(`{"note":1,"id":7,"note":{"a":2},"admin_graphql_api_id":"${gid('7')}"}`)).toEqual(
      accepted('7'),
    );
  });

  test('bodies of older API versions are understood', async () => {
    const customer = { id: 7, tags: 'vip', orders_count: 3, total_spent: '10.00', accepts_marketing: true };
    expect(await about(customer)).toEqual(accepted('7', { expectedUpdatedAt: null }));
    const order = { id: 8, updated_at: '2019-04-01T00:00:00-04:00', line_items: [{ id: 1 }], refunds: [] };
    expect(await about(order, 'orders/updated')).toEqual(accepted('8', { expectedUpdatedAt: null }));
    const product = { id: 9, admin_graphql_api_id: gid('9', 'Product'), images: [{ id: 2 }], variants: [] };
    expect(await about(product, 'products/update')).toEqual(accepted('9'));
  });

  test.each(['yesterday', '', 12, null, '+20000-01-01T00:00:00Z', {}])(
    'an updated_at of %j expects no version',
    async (updated_at) => {
      const body = { id: 7, admin_graphql_api_id: gid('7'), updated_at };
      expect(await about(body)).toEqual(accepted('7', { expectedUpdatedAt: null }));
    },
  );

  test('a delete body has no field but ids; with any other it is an update', async () => {
    const dead = accepted('7', { announces: 'absence' });
    const alive = accepted('7', { announces: 'presence', expectedUpdatedAt: null });
    expect(await about({ id: 7 }, 'products/delete')).toEqual(dead);
    expect(
      await about({ id: 7, admin_graphql_api_id: gid('7'), tax_exemptions: [] }, 'customers/delete'),
    ).toEqual(dead);
    expect(await about({ id: 7, title: 'Chair' }, 'products/delete')).toEqual(alive);
    expect(await about({ id: 7, updated_at: '2026-11-23T09:00:00Z' }, 'orders/delete')).toEqual(alive);
  });

  test('no body at all is 411, however well nothing was signed: a host that lost it makes no secret wrong', async () => {
    expect(await about('')).toEqual({ status: 411, keys: [] });
  });

  test('a body larger than 5 MiB is 413, one of exactly 5 MiB is not', async () => {
    const json = `{"id":7,"note":"${'x'.repeat(BODY_BYTES_MAX)}`;
    expect(await about(`${json.slice(0, BODY_BYTES_MAX - 2)}"}`)).toEqual(accepted('7'));
    expect(await about(`${json.slice(0, BODY_BYTES_MAX - 1)}"}`)).toEqual({ status: 413, keys: [] });
  });
});

describe('R8: a signed body that somebody sends again, under headers of his own', () => {
  /** The keys that Shopify was asked for, by id. */
  const watchReads = () => {
    const reads = new Map<string, number>();
    world.rewrite = (body) => {
      const { variables } = JSON.parse(body) as { variables?: { ids?: readonly string[] } };
      for (const id of variables?.ids ?? []) reads.set(id, (reads.get(id) ?? 0) + 1);
      return body;
    };
    return reads;
  };

  test('as another topic: at most three reads of a key, and nothing changes', async () => {
    world = await quiet({ size });
    const bodies = oneOfEach(await changes(world, 250, { delivered: true }));
    await world.reconcile('content');
    await world.live(12 * 60_000, 30_000);
    expect(await announced()).toEqual([]);
    const storeId = await world.storeId();
    const before = await rows(storeId);
    expect(bodies.length).toBeGreaterThan(18);
    const statuses = new Map<number, number>();
    for (const topic of WANTED_TOPICS) {
      const reads = watchReads();
      for (const request of bodies) {
        const headers = { ...request.headers, 'X-Shopify-Topic': topic };
        const { status } = await deliver(world, { ...request, headers });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      await world.live(12 * 60_000, 30_000);
      expect([...reads.values()].filter((times) => times > 3)).toEqual([]);
    }
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
    expect(await rows(storeId)).toEqual(before);
  });

  test('as another shop of the same app: at most three reads of a key, and nothing appears', async () => {
    world = await quiet({ size });
    await beside(world.shop.installation.clientSecret);
    const captured = await changes(world, 60, { delivered: false });
    const reads = watchReads();
    for (const request of oneOfEach(captured)) {
      const headers = { ...request.headers, 'X-Shopify-Shop-Domain': 'other.myshopify.com' };
      expect((await deliver(world, { ...request, headers })).status).toBe(200);
    }
    await world.live(12 * 60_000, 30_000);
    expect(reads.size).toBeGreaterThan(5);
    expect(Math.max(...reads.values())).toBeLessThanOrEqual(3);
    const [, other] = await world.database.stores();
    expect((await rows(other!.id)).flat()).toEqual([]);
    expect((await world.database.status(other!.id)).marksWaiting).toBe(0);
  });
});

describe('R3: the same deliveries, any number of times, in any order', () => {
  test('the same one again is read again: it may be all that tells of a later change', async () => {
    world = await quiet({ size });
    const [customer] = world.shop.customers.values();
    const body = { id: customer!.id, admin_graphql_api_id: customer!.id };
    for (const note of ['first', 'second', 'third']) {
      world.wait(60_000);
      world.shop.customers.put({ ...customer!, note, updatedAt: world.now });
      await knockAt(world, { body });
      await world.live(60_000);
      expect(await announced()).toEqual([]);
    }
  });

  test('have one effect, and the mirror ends up equal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        await world?.close();
        world = await quiet({ size, seed });
        const sent = await changes(world, 40, { delivered: false });
        const shuffled = (times: number) =>
          Array.from({ length: times }, () => sent)
            .flat()
            .map((each) => ({ each, at: world.random.next() }))
            .sort((a, b) => a.at - b.at);
        for (const { each } of shuffled(3)) {
          expect((await deliver(world, each)).status).toBe(200);
          if (world.random.chance(0.1)) await world.work();
        }
        await world.live(3 * 60_000);
        const storeId = await world.storeId();
        expect(await announced()).toEqual([]);
        const before = await rows(storeId);
        for (const { each } of shuffled(2)) await deliver(world, each);
        await world.live(12 * 60_000, 30_000);
        expect(await rows(storeId)).toEqual(before);
        expect((await world.database.status(storeId)).marksWaiting).toBe(0);
      }),
      { numRuns: 2, seed: 4, endOnFailure: true },
    );
  });
});

describe('R4: what is answered 200 is durable, what is not is answered 503', () => {
  /** A world whose database fails while `failure` says how. */
  const failing = async () => {
    const state: { failure: Error | null; asked: number } = { failure: null, asked: 0 };
    world = await quiet({
      size,
      database: (real) =>
        new Proxy(real, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              if (state.failure === null) return await value.apply(target, args);
              state.asked++;
              throw state.failure;
            };
          },
        }),
    });
    return state;
  };

  test('while the queue takes nothing, 503; afterwards the very same delivery takes effect', async () => {
    world = await quiet({ size });
    const healthy = world.service;
    const [request] = await changes(world, 1, { delivered: false });
    const queues = {
      send: async () => {
        throw new Transient('the queue is away');
      },
      poisoned: async () => [],
    };
    world.service = { ...healthy, queues };
    const reply = await deliver(world, request!);
    expect(reply).toEqual({ status: 503, reason: expect.stringContaining('send it again') });
    expect(signalsOf(world)).toEqual([]);
    world.service = healthy;
    expect((await deliver(world, request!)).status).toBe(200);
    await world.live(60_000);
    expect(await announced()).toEqual([]);
  });

  test.each([
    new Transient('the database is away'),
    new Reject('the database is damaged: restore it from a backup'),
  ])('$message: 200 while the queue is up, and nobody waits for the database', async (failure) => {
    const state = await failing();
    const sent = await changes(world, 5, { delivered: false });
    state.failure = failure;
    // Even what was to be asked anew is answered from memory.
    world.service.directory.forget();
    for (const request of sent) expect((await deliver(world, request)).status).toBe(200);
    expect(state.asked).toBe(1);
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      const waitMs = Math.max(0, world.queues.nextVisibleAt('signals')! - world.now);
      waits.push(waitMs / 1_000);
      world.wait(waitMs);
      const messages = world.queues.receive('signals', 100, 600_000);
      expect(messages).toHaveLength(sent.length);
      for (const message of messages) {
        await markSignal(world.service, signal.parse(JSON.parse(message.text)));
        world.queues.complete(message);
      }
    }
    expect(waits).toEqual([0, 30, 60, 120, 240, 480, 900, 900, 900]);
    state.failure = null;
    await world.live(16 * 60_000, 30_000);
    expect(await announced()).toEqual([]);
  });

  test.each([new Transient('the database is away'), new Reject('the database is damaged')])(
    '$message, and was from the start: 200 for a store that the configuration names, 503 for others',
    async (failure) => {
      const state = await failing();
      const [request] = await changes(world, 1, { delivered: false });
      state.failure = failure;
      world.service = world.process();
      expect((await deliver(world, request!)).status).toBe(200);
      expect((await knockAt(world, { secret: 'another' })).status).toBe(401);
      expect((await knockAt(world, { domain: 'other.myshopify.com' })).status).toBe(503);
      await world.work();
      state.failure = null;
      await world.live(16 * 60_000, 30_000);
      expect(await announced()).toEqual([]);
    },
  );

  test('a database that never answers is not waited for until Shopify hangs up', async () => {
    world = await quiet({ size });
    const [request] = await changes(world, 1, { delivered: false });
    const real = world.database;
    world.database = { ...real, stores: () => new Promise(() => {}) };
    const waits: number[] = [];
    const rings: Alarm = (ms) => {
      waits.push(ms);
      return { signal: AbortSignal.timeout(1), [Symbol.dispose]: () => {} };
    };
    world.service = { ...world.process(), alarm: rings };
    expect((await deliver(world, request!)).status).toBe(200);
    expect((await knockAt(world, { domain: 'other.myshopify.com' })).status).toBe(503);
    expect(Math.max(...waits)).toBeLessThan(4_000);
    world.database = real;
    world.service = world.process();
    await world.live(60_000);
    expect(await announced()).toEqual([]);
  });

  test('a database that no longer answers is waited for by none but the first', async () => {
    world = await quiet({ size });
    const [request] = await changes(world, 1, { delivered: false });
    const process = world.process();
    let hangs = false;
    const directory = createDirectory({
      database: async () => ({ ...world.database, stores: () => (hangs ? never : world.database.stores()) }),
      monotonic: () => world.now,
    });
    const never = new Promise<never>(() => {});
    world.service = { ...process, directory, configuredStores: [] };
    expect((await knockAt(world)).status).toBe(200);
    hangs = true;
    world.wait(10_000);
    void directory.all();
    world.wait(2_000);
    expect((await deliver(world, request!)).status).toBe(200);
  });

  test('the database was away from the start: a store that a merchant installed is known by the app’s keys', async () => {
    const state = await failing();
    const vault = new MemoryVault();
    const { clientId, clientSecret } = world.shop.installation;
    vault.put('shopify-app', { clientId, clientSecret });
    const [request] = await changes(world, 1, { delivered: false });
    state.failure = new Transient('the database is away');
    const secrets = createVaultSecrets({ vault, monotonic: () => world.now, log: world.service.log });
    world.service = { ...world.process(), configuredStores: [], secrets };
    expect((await deliver(world, request!)).status).toBe(200);
    // Whose secret that is, nobody can tell.
    for (let n = 0; n < 20; n++)
      expect((await knockAt(world, { secret: 'another', domain: `shop-${n}.myshopify.com` })).status).toBe(
        503,
      );
    expect((await knockAt(world, { domain: 'no shop' })).status).toBe(503);
    expect(vault.asked).toEqual(['versions shopify-app']);
    await world.work();
    state.failure = null;
    await world.live(16 * 60_000, 30_000);
    expect(await announced()).toEqual([]);
  });

  test('a signal of a store that is not mirrored leads to nothing', async () => {
    world = await quiet();
    await knockAt(world);
    const [one] = signalsOf(world);
    for (const domain of ['nobody.myshopify.com', world.shop.profile.domain]) {
      if (domain !== 'nobody.myshopify.com') await world.database.deactivateStore(await world.storeId());
      world.service.directory.forget();
      await markSignal(world.service, { ...one!, storeId: null, domain });
    }
    expect(world.queues.length('signals') + world.queues.length('refresh')).toBe(0);
  });

  test('a signal that is marked is not sent again because a bell could not be rung', async () => {
    world = await quiet();
    await knockAt(world);
    const [one] = signalsOf(world);
    const doorbells = {
      ring: async () => {
        throw new Transient('the queue is away');
      },
    };
    await markSignal({ ...world.service, doorbells }, one!);
    expect(signalsOf(world)).toEqual([]);
    expect((await world.database.status(await world.storeId())).marksWaiting).toBe(1);
  });
});

describe('over HTTP, through the very registrations', () => {
  let host: LocalHost;

  /** The host's own queues carry nothing: messages stay in the world's, to be looked at. */
  beforeEach(async () => {
    world = await quiet({ size });
    const queues = openQueues(':memory:');
    host = await startHost({
      register: () => registerAll(async () => world.service, {}),
      hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
      queues,
      port: 0,
      settings: {},
      timers: false,
      log: () => {},
    });
    onTestFinished(async () => {
      await host.stop();
      queues.close();
    });
  });

  const post = async ({ headers, body }: Captured): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };

  /** Sends bytes as they are; answers what came back, or nothing. */
  const raw = async (head: string, body: Uint8Array, end: 'close' | 'wait'): Promise<string> => {
    const { hostname, port } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(head);
    socket.write(body);
    if (end === 'close') socket.end();
    await once(socket, 'close');
    return answer;
  };
  const headOf = ({ headers }: Captured, more: string): string =>
    [
      'POST /api/webhooks/shopify HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      more,
      '',
      '',
    ].join('\r\n');

  test('what Shopify sends is answered 200 with an empty body, and the mirror follows', async () => {
    for (const request of await changes(world, 10, { delivered: false }))
      expect(await post(request)).toEqual({ status: 200, text: '' });
    await world.live(3 * 60_000);
    expect(await announced()).toEqual([]);
  });

  test('refusals say why, and nothing of the body', async () => {
    const body = { id: 'jane@example.com' };
    const texts = [
      await post(requestOf(world, { secret: 'wrong' })),
      await post(requestOf(world, { headers: { 'X-Shopify-Hmac-Sha256': null } })),
      await post(requestOf(world, { headers: { 'X-Shopify-Topic': null } })),
      await post(requestOf(world, { domain: 'nobody.myshopify.com' })),
      await post(requestOf(world, { body })),
    ];
    expect(texts.map(({ status }) => status)).toEqual([401, 401, 400, 404, 400]);
    for (const { text } of texts) {
      expect(text).toMatch(/\w+ \w+/);
      expect(text).not.toContain('jane');
    }
    expect((await fetch(`${host.url}/api/webhooks/shopify`)).status).toBe(404);
    expect(signalsOf(world)).toEqual([]);
  });

  test('a body that is cut off reaches nobody', async () => {
    const request = requestOf(world);
    const head = headOf(request, `Content-Length: ${request.body.length}`);
    const answer = await raw(head, request.body.subarray(0, -1), 'close');
    expect(answer).not.toContain('200 OK');
    expect(signalsOf(world)).toEqual([]);
    // The same bytes, with one of them missing and a length that fits, carry a signature that does not.
    const cut = request.body.subarray(0, -1);
    expect(await raw(headOf(request, `Content-Length: ${cut.length}`), cut, 'wait')).toContain('401');
    expect(signalsOf(world)).toEqual([]);
  });

  test.each([BODY_BYTES_MAX + 1, BODY_BYTES_MAX + 2 * 1024 * 1024])(
    'a body of %i bytes is 413, announced or not',
    async (length) => {
      const request = requestOf(world, { body: new Uint8Array(length).fill(32) });
      expect((await post(request)).status).toBe(413);
      const stream = new Blob([request.body]).stream();
      const answer = await fetch(`${host.url}/api/webhooks/shopify`, {
        method: 'POST',
        headers: request.headers,
        body: stream,
        duplex: 'half',
      });
      expect(answer.status).toBe(413);
      expect(signalsOf(world)).toEqual([]);
    },
  );

  test('the 99th percentile of real bodies is far below 100 ms', async () => {
    const sent = await changes(world, 150, { delivered: false });
    for (const request of sent.slice(0, 20)) await post(request);
    const took: number[] = [];
    for (const request of sent) {
      const startedAt = performance.now();
      await post(request);
      took.push(performance.now() - startedAt);
    }
    expect(took.length).toBeGreaterThan(150);
    took.sort((a, b) => a - b);
    expect(took[Math.floor(took.length * 0.99)]).toBeLessThan(50);
  });
});

describe('whatever anybody sends', () => {
  test('no answer is a 5xx, nothing throws, and only the right signature makes a signal', async () => {
    world = await quiet({ size });
    const sent = oneOfEach(await changes(world, 120, { delivered: false }));
    const { clientSecret } = world.shop.installation;
    const known = new Set([clientSecret, PREVIOUS]);
    let accepted = 0;
    const byte = fc.integer({ min: 0, max: 255 });
    const mutations = {
      body: fc.oneof(
        fc.record({ at: fc.nat(), byte }).map(({ at, byte: value }) => (body: Uint8Array) => {
          const copy = new Uint8Array(body);
          copy[at % Math.max(1, copy.length)] = value;
          return copy;
        }),
        fc.nat().map((at) => (body: Uint8Array) => body.slice(0, at % (body.length + 1))),
        fc
          .uint8Array({ maxLength: 40 })
          .map((more) => (body: Uint8Array) => Uint8Array.from([...body, ...more])),
        fc.json().map((json) => () => bytesOf(json)),
        fc.record({ id: fc.oneof(fc.bigInt(), fc.string(), fc.constant(null), fc.double()) }).map(
          ({ id }) =>
            () =>
              bytesOf(`{"id":${typeof id === 'bigint' ? id : JSON.stringify(id)}}`),
        ),
        fc.constant((body: Uint8Array) => body),
      ),
      signedWith: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(clientSecret, PREVIOUS) },
        fc.constantFrom('wrong', ''),
        fc.constant(null),
        fc.string().map((header) => ({ header })),
      ),
      headers: fc.oneof(
        { weight: 2, arbitrary: fc.constant({}) },
        fc.dictionary(
          fc.constantFrom(
            'x-shopify-topic',
            'x-shopify-shop-domain',
            'x-shopify-webhook-id',
            'x-shopify-triggered-at',
          ),
          fc.oneof(
            fc.constant(null),
            fc.string({ unit: 'binary', maxLength: 300 }),
            fc.constantFrom(...WANTED_TOPICS, '__proto__', 'constructor', 'demo.myshopify.com'),
          ),
          { maxKeys: 2 },
        ),
      ),
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(sent.length - 1), fc.record(mutations), async (n, mutation) => {
        const original = sent[n]!;
        const body = mutation.body(original.body);
        const { signedWith } = mutation;
        const signature =
          signedWith === null
            ? null
            : typeof signedWith === 'string'
              ? hmac(body, signedWith)
              : signedWith.header;
        const headers: Record<string, string | null> = Object.fromEntries(
          Object.entries(original.headers).map(([name, value]) => [name.toLowerCase(), value]),
        );
        Object.assign(headers, mutation.headers, { 'x-shopify-hmac-sha256': signature });
        const get = (name: string) => headers[name] ?? null;
        const { status, reason } = await receive(world.service, { get }, body);
        expect([200, 400, 401, 404, 411]).toContain(status);
        expect(reason).not.toBe('');
        const signals = signalsOf(world);
        const isRight = [...known].some((secret) => signature === hmac(body, secret));
        if (!isRight) expect([[400, 401, 411].includes(status), signals]).toEqual([true, []]);
        accepted += signals.length;
        // Whatever was accepted can be marked.
        for (const each of signals) await markSignal(world.service, each);
      }),
      { numRuns: 3_000, seed: 11, endOnFailure: true },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});
