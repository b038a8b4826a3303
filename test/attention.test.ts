import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { accessOf } from '../app/access.ts';
import { upkeep } from '../app/upkeep.ts';
import { startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import { registerReconciliation } from '../reconcile/functions.ts';
import type { Refund } from '../simulator/model.ts';
import type { Value } from '../src/entities/column.ts';
import { ENTITY_NAMES, type EntityName } from '../src/entities/registry.ts';
import { closedTables } from '../src/lack.ts';
import { schedulesOf } from '../src/schedules.ts';
import type { Service } from '../src/service.ts';
import { sayings } from './said.ts';
import { raiseOf } from './webhook-requests.ts';
import { World, type WorldOptions } from './world.ts';

/** A store that cannot be read, or not whole: it says so, says what to do, and keeps what it has. */

const size = { customers: 30, products: 8, orders: 30 };
let world: World;
const said: string[] = [];
afterEach(() => world.close());

/** A service that keeps what it logs. */
const listening = (service: Service): Service => ({
  ...service,
  log: sayings(said),
});

async function made(options: WorldOptions = {}): Promise<World> {
  said.length = 0;
  const created = await World.create({ size, ...options });
  created.service = listening(created.service);
  return created;
}

async function mirrored(options: WorldOptions = {}): Promise<World> {
  world = await made(options);
  await world.mirrored();
  return world;
}

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const storeNow = async () => (await world.database.stores())[0]!;
const lackingNow = async () => {
  const { lacking } = await world.database.status(await world.storeId());
  return [...closedTables(await storeNow()), ...new Set(lacking.map(({ column }) => column))];
};
const rowsOf = async (entity: EntityName) =>
  await world.database.mirrorRows(await world.storeId(), entity, null, 10_000);
const rowOf = async (entity: EntityName, gid: string): Promise<Readonly<Record<string, Value>>> =>
  (await rowsOf(entity)).find(({ key }) => key === decimal(gid))!.row;
const customerWith = (has: (customer: ReturnType<typeof first>) => boolean) =>
  [...world.shop.customers.values()].find(has)!;
const first = () => [...world.shop.customers.values()][0]!;

describe('SHOPIFY_SHOP', () => {
  test('that Shopify does not know: said at once, and nothing is written', async () => {
    world = await made({ env: { SHOPIFY_SHOP: 'typo.myshopify.com' } });
    await world.connect();
    expect(said).toEqual([
      expect.stringMatching(/^error: typo.myshopify.com: .*no such store.*SHOPIFY_SHOP/),
    ]);
    expect(await storeNow()).toMatchObject({
      shopId: null,
      settings: { attention: expect.stringContaining('check SHOPIFY_SHOP') },
    });
    await world.live(5 * 60_000);
    expect(world.requests).toBe(0);
  });

  test('that cannot be reached: said, tried again, and right as soon as it can', async () => {
    world = await made();
    world.shop.faults.abort = 1;
    await world.connect();
    expect(said).toEqual([
      expect.stringMatching(/could not be reached at http.*check the network and SHOPIFY_SHOP/),
    ]);
    expect((await storeNow()).settings.attention).toContain('could not be reached');
    world.shop.faults.abort = 0;
    await world.connect();
    expect((await storeNow()).settings.attention).toBeNull();
    await world.mirrored();
    expect(await world.differences()).toEqual([]);
  });

  test('whose credentials lead to another shop: stops before anything is written', async () => {
    world = await made({ env: { SHOPIFY_ORIGIN: 'http://shopify.test/other.myshopify.com' } });
    const { installation } = world.shop;
    world.simulator.addShop({ domain: 'other.myshopify.com', installation });
    await world.connect();
    const says =
      /belong to other.myshopify.com, not to demo.myshopify.com: correct SHOPIFY_SHOP or the secret/;
    expect(said).toEqual([expect.stringMatching(says)]);
    await world.live(5 * 60_000);
    expect(await storeNow()).toMatchObject({
      shopId: null,
      settings: { attention: expect.stringMatching(says) },
    });
    for (const entity of ENTITY_NAMES) expect(await rowsOf(entity)).toEqual([]);
    expect(world.simulator.shops.get('other.myshopify.com')?.subscriptions.size).toBe(0);
  });

  test('with a secret that was taken out of the configuration: the store needs attention', async () => {
    await mirrored();
    const healthy = world.service;
    const nothing = { SHOPIFY_SHOP: '', SHOPIFY_CLIENT_ID: '', SHOPIFY_CLIENT_SECRET: '' };
    world.service = listening(world.process(nothing));
    world.change('customer-edit');
    await world.reconcile('sweep');
    expect(said).toContainEqual(expect.stringMatching(/^error: Delivery answered 503 until somebody acts/));
    expect((await storeNow()).settings.attention).toMatch(
      /no credentials named env:SHOPIFY are configured: set them, or deactivate the store/,
    );
    world.service = healthy;
    world.service.directory.forget();
    await world.live(5 * 60_000);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('that is wrong in one store leaves the others and the tick alone', async () => {
    world = await made();
    const answers = ['<!DOCTYPE html>', 'null', '{}', '{"access_token":7}'];
    const real = world.simulator.fetch.bind(world.simulator);
    world.simulator.fetch = async (request) =>
      request.url.includes('broken') ? new Response(answers[world.requests % 4]) : await real(request);
    world.service = listening(
      world.process({
        SHOPIFY_SHOP: 'broken.myshopify.com',
        SHOPIFY_2_SHOP: world.shop.profile.domain,
        SHOPIFY_2_CLIENT_ID: world.shop.installation.clientId,
        SHOPIFY_2_CLIENT_SECRET: world.shop.installation.clientSecret,
      }),
    );
    await upkeep(world.service);
    expect(said).toContainEqual(
      expect.stringMatching(/broken.myshopify.com: .*no access token that can be used/),
    );
    await world.live(2 * 60_000);
    const healthy = (await world.database.stores()).find(
      ({ domain }) => domain === world.shop.profile.domain,
    )!;
    expect((await world.database.status(healthy.id)).rows).toMatchObject({
      Customers: 30,
      Products: 8,
      Orders: 30,
    });
  });
});

describe('scopes that are missing', () => {
  const scopes = (without: string) => {
    const { installation } = world.shop;
    world.shop.installation = {
      ...installation,
      scopes: installation.scopes.filter((scope) => scope !== without),
    };
  };

  test('are named with what to do; the rest is mirrored; granted, they are all there', async () => {
    world = await made();
    const all = world.shop.installation;
    scopes('read_orders');
    await world.mirrored();
    expect(said).toContainEqual(
      expect.stringMatching(
        /warning: .*orders cannot be read without read_orders: grant it.*install the app again/,
      ),
    );
    expect(await lackingNow()).toEqual(
      expect.arrayContaining(['Customers.LastOrderDate', 'Customers.LastShopifyOrderId', 'Orders.*']),
    );
    const { rows } = await world.database.status(await world.storeId());
    expect(rows).toMatchObject({ Customers: 30, Products: 8, Orders: 0 });

    world.shop.installation = all;
    await world.mirrored();
    await world.reconcile('content');
    await world.live(2 * 60_000);
    expect(await lackingNow()).toEqual([]);
    expect((await storeNow()).settings.attention).toBeNull();
    expect(await world.differences()).toEqual([]);
  });

  test('taken away later, no known value is lost, and none is taken for empty', async () => {
    await mirrored();
    const { id } = customerWith(({ lastOrderGid }) => lastOrderGid !== null);
    const before = await rowOf('customers', id);
    expect(before['LastOrderDate']).not.toBeNull();
    scopes('read_orders');
    // Between two looks at the scopes Shopify refuses the field; afterwards it is not asked for.
    for (const note of ['before the scopes are asked again', 'and afterwards']) {
      world.edit(id, { note });
      await world.live(2 * 60_000);
      expect(await rowOf('customers', id)).toMatchObject({
        Note: note,
        LastOrderDate: before['LastOrderDate'],
        LastShopifyOrderId: before['LastShopifyOrderId'],
      });
      expect(await lackingNow()).toContain('Customers.LastOrderDate');
      await world.connect();
    }
  });

  test('without read_all_orders it is said which orders are out of sight', async () => {
    world = await made();
    scopes('read_all_orders');
    await world.mirrored();
    expect(said).toContainEqual(
      expect.stringMatching(/orders older than 60 days cannot be read without read_all_orders/),
    );
    // Whose last order is an old one: which, the app is not told.
    expect(await lackingNow()).toEqual(['Customers.LastOrderDate', 'Customers.LastShopifyOrderId']);
  });
});

describe('R9: withheld is not empty', () => {
  test('a withheld field keeps its value, the status names it, and a real null overwrites', async () => {
    await mirrored();
    const { id } = customerWith(({ firstName, lastName }) => firstName !== null && lastName !== null);
    const before = await rowOf('customers', id);
    world.shop.withheld.add('Customer.firstName');
    world.edit(id, { firstName: 'Somebody', lastName: null, note: 'changed' });
    await world.live(2 * 60_000);
    expect(await rowOf('customers', id)).toMatchObject({
      FirstName: before['FirstName'],
      LastName: null,
      Note: 'changed',
    });
    expect(await lackingNow()).toEqual(['Customers.FirstName']);

    world.shop.withheld.clear();
    world.edit(id, { firstName: null });
    await world.live(2 * 60_000);
    expect(await rowOf('customers', id)).toMatchObject({ FirstName: null });
    expect(await lackingNow()).toEqual([]);
  });

  test('a new row has null for what is withheld, until it is told', async () => {
    world = await made();
    world.shop.withheld.add('Customer.firstName');
    await world.mirrored();
    for (const { row } of await rowsOf('customers')) expect(row['FirstName']).toBeNull();
    expect(await lackingNow()).toEqual(['Customers.FirstName']);
    world.shop.withheld.clear();
    await world.reconcile('content');
    await world.live(2 * 60_000);
    expect(await world.differences()).toEqual([]);
  });

  test('a field that may not be null takes its parent along: the siblings are kept as well', async () => {
    await mirrored();
    const { id } = customerWith(
      ({ defaultEmailAddress }) => defaultEmailAddress?.marketingState === 'SUBSCRIBED',
    );
    const before = await rowOf('customers', id);
    expect(before).toMatchObject({ AcceptsEmailMarketing: true, Email: expect.any(String) });
    world.shop.withheld.add('CustomerEmailAddress.emailAddress');
    world.edit(id, { note: 'changed' });
    await world.live(2 * 60_000);
    expect(await rowOf('customers', id)).toMatchObject({
      Note: 'changed',
      Email: before['Email'],
      AcceptsEmailMarketing: true,
    });
    expect(await lackingNow()).toEqual(['Customers.AcceptsEmailMarketing', 'Customers.Email']);
  });

  test('children keep what is withheld of them too, and lose what is really gone', async () => {
    await mirrored();
    const product = [...world.shop.products.values()].find(
      ({ variants }) => variants[0]?.inventoryItem.unitCost,
    )!;
    const variantsNow = async () =>
      (await rowsOf('products')).find(({ key }) => key === decimal(product.id))!.children['ProductVariants']!;
    const before = await variantsNow();
    expect(before[0]?.row['UnitCost']).not.toBeNull();
    world.shop.withheld.add('InventoryItem.unitCost');
    world.change('product-add-variants', product.id);
    world.change('product-edit', product.id);
    await world.live(2 * 60_000);
    const after = await variantsNow();
    expect(after.length).toBeGreaterThan(before.length);
    for (const { key, row } of before)
      expect(after.find((each) => each.key === key)?.row['UnitCost']).toEqual(row['UnitCost']);
    expect(await lackingNow()).toEqual(['ProductVariants.UnitCost']);
    world.shop.withheld.clear();
    await world.reconcile('content');
    await world.live(2 * 60_000);
    expect(await world.differences(['products'])).toEqual([]);
  });

  test('an object that is refused whole is parked with what to do, never taken for deleted', async () => {
    await mirrored();
    // Not nullable, and neither is anything above it: the whole order is answered null, with an error.
    world.shop.withheld.add('LineItem.name');
    const storeId = await world.storeId();
    const before = await rowsOf('orders');
    await world.reconcile('content', ['orders']);
    await world.live(30 * 60_000, 30_000);
    expect(await rowsOf('orders')).toEqual(before);
    expect((await world.database.status(storeId)).rejects).toBe(30);
    world.shop.withheld.clear();
    await world.live(2 * 3_600_000, 60_000);
    expect((await world.database.status(storeId)).rejects).toBe(0);
  });
});

test('an answer with fewer objects than were asked for buries none of the missing', async () => {
  await mirrored();
  const before = await world.snapshot();
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) => {
    const answer = (await (await real(request)).json()) as { data?: { nodes?: readonly unknown[] } };
    const nodes = answer.data?.nodes;
    return Response.json(nodes ? { ...answer, data: { ...answer.data, nodes: nodes.slice(0, -3) } } : answer);
  };
  await world.reconcile('content', ['products']);
  await world.live(5 * 60_000, 10_000);
  expect((await world.database.status(await world.storeId())).rows['Products']).toBe(8);
  world.simulator.fetch = real;
  await world.live(60_000);
  expect(await world.snapshot()).toMatchObject({ marks: (before as { marks: number }).marks });
});

test('an object that cannot be read whole is parked, and the others go on', async () => {
  await mirrored();
  const orders = [...world.shop.orders.values()];
  const refund = orders.flatMap(({ refunds }) => refunds)[0]!;
  const many = Array.from(
    { length: 251 },
    (_, n): Refund => ({ ...refund, id: `gid://shopify/Refund/${9_000_000 + n}`, refundLineItems: [] }),
  );
  const [odd, even] = orders;
  world.wait(60_000);
  world.shop.orders.put({ ...odd!, refunds: many, updatedAt: world.now });
  world.shop.orders.put({ ...even!, note: 'changed', tags: ['changed'], updatedAt: world.now });
  world.wait(20 * 60_000);
  await world.reconcile('sweep', ['orders']);
  await world.live(2 * 60_000);
  expect((await rowOf('orders', even!.id))['Tags']).toBe('changed');
  expect((await world.database.status(await world.storeId())).rejects).toBe(1);
});

test('a cost model that charges for everything: the batch is halved, remembered, and the store mirrored', async () => {
  world = await made({ costModel: 'pessimistic', size: { customers: 300, products: 60, orders: 150 } });
  const real = world.simulator.fetch.bind(world.simulator);
  let refused = 0;
  world.simulator.fetch = async (request) => {
    const response = await real(request);
    if ((await response.clone().text()).includes('MAX_COST_EXCEEDED')) refused++;
    return response;
  };
  await world.mirrored();
  expect(await world.differences()).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(12);
  refused = 0;
  await world.reconcile('content');
  await world.live(2 * 60_000);
  expect(refused).toBe(0);
});

describe('what Shopify will not do now', () => {
  /** Answers every request whose operation has the prefix with this body. */
  const instead = (prefix: string, body: object, status = 200) => {
    const real = world.simulator.fetch.bind(world.simulator);
    world.simulator.fetch = async (request) => {
      const { operationName } = (await request.clone().json()) as { operationName?: string };
      return operationName?.startsWith(prefix) ? Response.json(body, { status }) : await real(request);
    };
    return () => {
      world.simulator.fetch = real;
    };
  };

  test('a long wait for points ends the slice, rings when it is over, and costs the mark no patience', async () => {
    await mirrored();
    world.change('customer-edit');
    await world.courier.pump();
    const throttleStatus = { maximumAvailable: 2_000, currentlyAvailable: 100, restoreRate: 100 };
    const cost = { requestedQueryCost: 900, actualQueryCost: null, throttleStatus };
    const undo = instead('ReadCustomers', {
      errors: [{ extensions: { code: 'THROTTLED' } }],
      extensions: { cost },
    });
    await world.work();
    expect(world.queues.nextVisibleAt('refresh')).toBe(world.now + 8_050);
    const lease = await world.database.acquireLease(await world.storeId(), 'customers', 'refresh', 1_000);
    const [mark] = await world.database.takeMarks(lease!, 10);
    expect(mark).toMatchObject({ lane: 'webhook', attempts: 0 });
    await world.database.releaseLease(lease!);
    undo();
    await world.live(60_000);
    expect(await world.differences(['customers'])).toEqual([]);
    expect((await storeNow()).settings.attention).toBeNull();
  });

  test('a query that it takes no more needs attention, loses no mark, and stops no other entity', async () => {
    await mirrored();
    const undo = instead(
      'ReadCustomers',
      { errors: { query: 'Required parameter missing or invalid' } },
      400,
    );
    world.change('customer-edit');
    world.change('product-edit');
    await world.live(3 * 60_000);
    expect(said).toContainEqual(
      expect.stringMatching(/^error: .*refused ReadCustomers \(400\).*update Driftless/),
    );
    expect((await storeNow()).settings.attention).toContain('update Driftless');
    expect(await world.differences(['products'])).toEqual([]);
    undo();
    await world.live(2 * 60_000);
    expect(await world.differences()).toEqual([]);
    expect((await storeNow()).settings.attention).toBeNull();
  });

  test('webhook subscriptions that cannot be listed are listed the next time', async () => {
    world = await made();
    const undo = instead('Webhooks', { data: { webhookSubscriptions: null } });
    await world.connect();
    expect(said).toEqual([expect.stringMatching(/no list of webhook subscriptions/)]);
    undo();
    await world.mirrored();
    expect(world.shop.subscriptions.size).toBeGreaterThan(15);
    expect(await world.differences()).toEqual([]);
  });
});

test('R7: a tick rings for what is due, even if the upkeep fails', async () => {
  await mirrored();
  const queues = openQueues(':memory:');
  const host = await startHost({
    register: () =>
      registerReconciliation(
        async () => world.service,
        schedulesOf({}),
        accessOf({}),
        async () => {
          throw new Error('a bug in the upkeep');
        },
      ),
    hostJson: { version: '2.0' },
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
  await world.database.mark(await world.storeId(), [raiseOf('450')]);
  await expect(host.runTimer('Tick')).rejects.toThrow('a bug in the upkeep');
  expect(world.queues.length('refresh')).toBe(1);
});
