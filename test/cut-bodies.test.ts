import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { markSignal } from '../webhooks/marking.ts';
import { understand } from '../webhooks/signal.ts';
import { topicsOf, WANTED_TOPICS } from '../webhooks/topics.ts';
import { tamper } from './tampered.ts';
import { knockAt, signalsOf } from './webhook-requests.ts';
import { World } from './world.ts';

/** Bodies that Shopify has cut down to an id, and topics that tell more than one entity. */
const size = { customers: 12, products: 6, orders: 12 };
const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  world = await World.create({ size });
  await world.mirrored();
});
afterEach(() => world.close());

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
/** `CUSTOMER_TAGS_ADDED` → a topic as its header says it. */
const headerOf = (topic: string) => topic.toLowerCase();
let deliveries = 0;
const cut = async (topic: string, id: string) =>
  (
    await knockAt(world, {
      topic: headerOf(topic),
      body: `{"id":${id}}`,
      headers: { 'X-Shopify-Webhook-Id': `cut-${++deliveries}` },
    })
  ).status;
describe('a body of nothing but an id', () => {
  test.each(WANTED_TOPICS)('marks a key, or owes a look through the entity: %s', async (topic) => {
    const sent: string[] = [];
    const send = world.service.queues.send.bind(world.service.queues);
    world.service = {
      ...world.service,
      queues: {
        ...world.service.queues,
        send: async (queue, message, options) => {
          if (queue === 'sweeps') sent.push(`${String(message['entity'])}/${String(message['kind'])}`);
          await send(queue, message, options);
        },
      },
    };
    const { inventoryItem } = [...world.shop.products.values()][0]!.variants[0]!;
    const of = ENTITY_NAMES.find((name) => topic in entityOf(name).topics)!;
    const id = topic.startsWith('INVENTORY') ? inventoryItem.id : [...world.shop[of].values()][0]!.id;
    const before = (await world.database.status(await world.storeId())).marksWaiting;
    expect(await cut(topic, decimal(id))).toBe(200);
    for (const signal of signalsOf(world)) await markSignal(world.service, signal);
    const marks = (await world.database.status(await world.storeId())).marksWaiting - before;
    expect(marks + sent.length).toBeGreaterThan(0);
  });

  test.each(['REFUNDS_CREATE', 'ORDERS_EDITED', 'ORDER_TRANSACTIONS_CREATE'])(
    'of %s: the order that has changed is found within minutes',
    async (topic) => {
      world.courier.faults = { ...world.courier.faults, lost: 1 };
      const order = [...world.shop.orders.values()][0]!;
      world.wait(5 * MINUTE);
      world.shop.orders.put({ ...order, tags: ['changed'], updatedAt: world.now });
      expect(await cut(topic, '99')).toBe(200);
      await world.live(3 * MINUTE);
      expect(await world.differences(['orders'])).toEqual([]);
    },
  );

  test.each([
    'CUSTOMER_TAGS_ADDED',
    'CUSTOMERS_PURCHASING_SUMMARY',
    'CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE',
  ])('of %s: what moved no `updatedAt` is found too', async (topic) => {
    const customer = [...world.shop.customers.values()][0]!;
    world.shop.customers.put({ ...customer, tags: ['moved nothing'] });
    expect(await world.differences(['customers'])).not.toEqual([]);
    expect(await cut(topic, '99')).toBe(200);
    await world.live(3 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('of a merge: the customer who has gone is found', async () => {
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    world.change('customer-merge');
    world.courier.faults = { ...world.courier.faults, lost: 0 };
    expect(await cut('CUSTOMERS_MERGE', '99')).toBe(200);
    await world.live(20 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('a flood of them costs a sweep a minute, and one content census a day, whichever process they meet', async () => {
    const tampering = tamper(world, () => {});
    const others = [world.service, world.process()];
    for (let n = 0; n < 100; n++) {
      world.service = others[n % 2]!;
      expect(await cut('REFUNDS_CREATE', String(n + 1))).toBe(200);
      expect(await cut('CUSTOMER_TAGS_ADDED', String(n + 1))).toBe(200);
      await world.work();
    }
    await world.live(3 * MINUTE);
    expect(tampering.requests.get('SweepOrders')).toBe(1);
    const once = tampering.requests.get('CensusCustomers') ?? 0;
    expect(once).toBeGreaterThan(0);
    for (let hours = 0; hours < 20; hours++) {
      await cut('CUSTOMER_TAGS_ADDED', '7');
      await world.work();
      world.wait(60 * MINUTE);
    }
    expect(tampering.requests.get('CensusCustomers')).toBe(once);
    await world.live(6 * 60 * MINUTE, MINUTE);
    expect(tampering.requests.get('CensusCustomers')).toBe(2 * once);
  });

  test('that is replayed as a delete of a live object deletes nothing', async () => {
    const customer = [...world.shop.customers.values()][0]!;
    expect(await cut('CUSTOMERS_DELETE', decimal(customer.id))).toBe(200);
    await world.live(20 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('beside anything else is no cut body: it is refused where its key is missing', async () => {
    const body = '{"id":5,"note":"x"}';
    expect((await knockAt(world, { topic: 'refunds/create', body })).status).toBe(400);
    expect((await knockAt(world, { topic: 'refunds/create', body: '{"id":"x"}' })).status).toBe(400);
    expect((await knockAt(world, { topic: 'refunds/create', body: '{}' })).status).toBe(400);
  });
});

describe('two entities that name one topic', () => {
  /** A fourth entity, which wants to hear of orders for the sake of their customers. */
  const fourth = {
    topics: {
      ORDERS_UPDATED: [
        { entity: 'customers', path: 'customer.id', own: false, announces: 'presence' },
      ] as const,
    },
  };
  const topics = topicsOf([...ENTITY_NAMES.map(entityOf), fourth]);
  const told = (body: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const delivery = { topic: 'ORDERS_UPDATED', body: bytes } as unknown as Parameters<typeof understand>[0];
    const understood = understand(delivery, topics);
    return understood.ok ? understood.keys.map(({ entity, id }) => `${entity}/${id}`) : understood.why;
  };

  test('both hear of it', () => {
    expect(told({ id: 7, customer: { id: 9 } })).toEqual(['orders/7', 'customers/9']);
  });

  test('each hears of it, whether the body has what the other wants or not', () => {
    expect(told({ id: 7, customer: null })).toEqual(['orders/7']);
    expect(told({ customer: { id: 9 } })).toEqual(['customers/9']);
    expect(told({ note: 'neither' })).toBe('not a body of its topic');
  });

  test('an entity that is added is subscribed to its topics', () => {
    const more = topicsOf([...ENTITY_NAMES.map(entityOf), { topics: { COLLECTIONS_UPDATE: [] } }]);
    expect([...more.keys()]).toContain('COLLECTIONS_UPDATE');
    expect(new Set(more.keys()).size).toBe(WANTED_TOPICS.length + 1);
  });
});
