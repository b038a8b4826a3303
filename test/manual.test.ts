import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerAll } from '../app/register.ts';
import { type LocalHost, startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import { reconcile } from '../reconcile/manual.ts';
import { customerBody } from '../simulator/webhooks/payloads/customer.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Reject, Transient } from '../src/failures.ts';
import { World } from './world.ts';

/** `POST /api/reconcile`: a person asks, and hears what was wrong with it or what happens now. */

const STORE = 'demo.myshopify.com';
const IDS = /^ids: with kind keys, 1 to 250 ids of one entity, as texts: decimal, or GIDs of its type$/;
const size = { customers: 6, products: 2, orders: 6 };
let world: World;
let host: LocalHost;

/** A mirrored store behind the local host; the host's own queues carry nothing. Answers the way to close both. */
async function open(): Promise<() => Promise<void>> {
  const made = await World.create({ size });
  world = made;
  await world.mirrored();
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
  const { stop } = host;
  return async () => {
    await stop();
    queues.close();
    await made.close();
  };
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

async function ask(body: unknown, options: { readonly key?: string; readonly method?: string } = {}) {
  const { key = host.functionKey, method = 'POST' } = options;
  const answer = await fetch(`${host.url}/api/reconcile`, {
    method,
    headers: { 'x-functions-key': key },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? null : JSON.parse(text) } satisfies Answer;
}

const enqueued = () =>
  world.queues.receive('sweeps', 100, 600_000).map(({ text }): unknown => JSON.parse(text));
const refusal = (status: number, says: RegExp) => ({
  status,
  json: { error: expect.stringMatching(says) },
});

describe('what cannot be understood is 400, says what to send, and enqueues nothing', () => {
  beforeAll(open);
  afterEach(() => expect(enqueued()).toEqual([]));

  test.each<[string, unknown]>([
    ['no body', ''],
    ['wrong JSON', '{"store":'],
    ['a list', []],
    ['null', null],
    ['a text', '"demo.myshopify.com"'],
  ])('%s', async (_, body) => {
    expect(await ask(body)).toEqual(refusal(400, /send a JSON object with store, entity, kind/));
  });

  test.each<[string, object, RegExp]>([
    ['no store', { entity: 'orders' }, /store: give the domain/],
    ['an empty store', { store: '', entity: 'orders' }, /store: give the domain/],
    ['a store that is a list', { store: [STORE], entity: 'orders' }, /store: give the domain/],
    ['no entity', { store: STORE }, /entity: one of customers, products, orders, all/],
    ['an unknown entity', { store: STORE, entity: 'carts' }, /entity: one of/],
    ['an inherited entity', { store: STORE, entity: 'constructor' }, /entity: one of/],
    ['an unknown kind', { store: STORE, entity: 'all', kind: 'fast' }, /kind: one of sweep, census/],
    ['a field too many', { store: STORE, entity: 'all', force: true }, /send a JSON object/],
    ['keys without ids', { store: STORE, entity: 'orders', kind: 'keys' }, IDS],
    ['no keys', { store: STORE, entity: 'orders', kind: 'keys', ids: [] }, IDS],
    ['too many keys', { store: STORE, entity: 'orders', kind: 'keys', ids: Array(251).fill('1') }, IDS],
    ['keys of all entities', { store: STORE, entity: 'all', kind: 'keys', ids: ['1'] }, IDS],
    ['keys that are numbers', { store: STORE, entity: 'orders', kind: 'keys', ids: [1] }, IDS],
    ['a key that is none', { store: STORE, entity: 'orders', kind: 'keys', ids: ['1', '#1001'] }, IDS],
    [
      'a key of another type',
      { store: STORE, entity: 'orders', kind: 'keys', ids: ['gid://shopify/Customer/1'] },
      IDS,
    ],
    ['keys of a sweep', { store: STORE, entity: 'orders', kind: 'sweep', ids: ['1'] }, IDS],
    ['everything wrong at once', { entity: 1, kind: 2 }, /store: .*; entity: .*; kind: /],
  ])('%s', async (_, body, says) => {
    expect(await ask(body)).toEqual(refusal(400, says));
  });
});

describe('who may ask, and about what', () => {
  beforeEach(open);
  const right = { store: STORE, entity: 'orders' };

  test('nobody without the key, and by POST only', async () => {
    expect((await ask(right, { key: '' })).status).toBe(401);
    expect((await ask(right, { key: 'a-guess' })).status).toBe(401);
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await ask(right, { method })).status).toBe(404);
    expect(enqueued()).toEqual([]);
  });

  test('an unknown store is 404', async () => {
    for (const store of ['nobody.myshopify.com', '99', 99])
      expect(await ask({ store, entity: 'all' })).toEqual(refusal(404, /give the domain of a connected/));
    expect(enqueued()).toEqual([]);
  });

  test('an inactive store is 409', async () => {
    await world.database.deactivateStore(await world.storeId());
    world.service.directory.forget();
    expect(await ask(right)).toEqual(refusal(409, /not active; install the app again/));
    expect(enqueued()).toEqual([]);
  });

  test('a store that was never reached is 409, with the reason', async () => {
    world.service = world.process({
      SHOPIFY_2_SHOP: 'typo.myshopify.com',
      SHOPIFY_2_CLIENT_ID: 'a',
      SHOPIFY_2_CLIENT_SECRET: 'b',
    });
    await world.connect();
    expect(await ask({ store: 'typo.myshopify.com', entity: 'all' })).toEqual(
      refusal(409, /never reached: Shopify knows no such store.*check SHOPIFY_SHOP/),
    );
    expect(enqueued()).toEqual([]);
  });

  test.each([new Transient('the queue is away'), new Reject('the queue is damaged: mend it')])(
    'while $message: 503, and the reason',
    async (failure) => {
      const queues = {
        send: async () => {
          throw failure;
        },
        poisoned: async () => [],
      };
      const answer = await reconcile({ ...world.service, queues }, right);
      expect(answer).toEqual({ status: 503, body: { error: `not taken, ask again: ${failure.message}` } });
    },
  );
});

describe('what is taken is 202, says what was enqueued, and happens', () => {
  beforeEach(open);

  test.each([STORE, ' Demo.MyShopify.com', '1', 1])('the store named as %j', async (store) => {
    expect(await ask({ store, entity: 'orders' })).toEqual({
      status: 202,
      json: { store: STORE, kind: 'sweep', entities: ['orders'] },
    });
    expect(enqueued()).toEqual([{ storeId: 1, entity: 'orders', kind: 'sweep' }]);
  });

  test('all entities, or one of them, by any of the kinds', async () => {
    for (const kind of ['sweep', 'census', 'content'])
      expect((await ask({ store: STORE, entity: 'all', kind })).json).toEqual({
        store: STORE,
        kind,
        entities: ENTITY_NAMES,
      });
    expect(enqueued()).toHaveLength(9);
  });

  test.each(['sweep', 'census', 'content'])('a %s repairs what no webhook announced', async (kind) => {
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    world.change('customer-edit');
    await world.live(60_000);
    expect(await world.differences(['customers'])).not.toEqual([]);
    expect((await ask({ store: STORE, entity: 'customers', kind })).status).toBe(202);
    await world.live(60_000);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('keys are read anew at once, by their ids or GIDs', async () => {
    const customers = [...world.shop.customers.values()];
    const [parked, other] = customers.map(({ id }) => id.split('/').at(-1)!) as [string, string];
    const right = world.shop.customers.current(customers[0]!.id)!;
    // A version that cannot be: parked, and put off.
    world.shop.customers.put({ ...right, updatedAt: world.now + 3_600_000 });
    world.courier.announce('customers/update', customerBody(world.shop, right));
    await world.live(5 * 60_000);
    const storeId = await world.storeId();
    expect(await world.database.status(storeId)).toMatchObject({ rejects: 1, marksWaiting: 1 });
    world.shop.customers.put({ ...right, note: 'right again', updatedAt: world.now - 60_000 });
    const ids = [parked, `gid://shopify/Customer/${other}`, parked];
    expect(await ask({ store: STORE, entity: 'customers', kind: 'keys', ids })).toEqual({
      status: 202,
      json: { store: STORE, kind: 'keys', entities: ['customers'], ids: [parked, other] },
    });
    await world.work();
    expect(await world.database.status(storeId)).toMatchObject({ rejects: 0 });
    expect(await world.differences(['customers'])).toEqual([]);
    await world.live(60_000);
    expect(await world.database.status(storeId)).toMatchObject({ rejects: 0, marksWaiting: 0 });
    expect(enqueued()).toEqual([]);
  });

  test('a release with nothing held back changes nothing', async () => {
    expect((await ask({ store: STORE, entity: 'all', kind: 'release' })).status).toBe(202);
    await world.live(2 * 60_000);
    expect(await world.differences()).toEqual([]);
    const [store] = await world.database.stores();
    expect(store?.settings).toMatchObject({ brakeHeld: [] });
  });
});
