import { afterEach, describe, expect, test } from 'vitest';
import { answer } from '../reconcile/bell.ts';
import { type SweepEnd, sweep } from '../reconcile/sweep.ts';
import { tick } from '../reconcile/tick.ts';
import { doWork, work } from '../reconcile/work.ts';
import { populate } from '../simulator/population.ts';
import type { Shop } from '../simulator/shop.ts';
import { doorbell } from '../src/doorbell.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { createGate } from '../src/gate.ts';
import type { QueueName } from '../src/queues.ts';
import { World } from './world.ts';

/** R7 where it is hardest: several stores and one place. Whoever gives the place up goes on where he was. */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
type Size = { readonly customers: number; readonly products: number; readonly orders: number };

let world: World | undefined;
afterEach(() => world?.close());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

/** Two mirrored stores and one place; the other shop sits beside `world.shop`. */
async function twoStores(size: Size): Promise<{ readonly made: World; readonly other: Shop }> {
  const made = await World.create({ size });
  world = made;
  const other = made.simulator.addShop({ domain: 'other.myshopify.com', plan: 'plus' });
  populate(other, { seed: 2, ...size });
  made.service = made.process({
    SHOPIFY_2_SHOP: 'other.myshopify.com',
    SHOPIFY_2_CLIENT_ID: other.installation.clientId,
    SHOPIFY_2_CLIENT_SECRET: other.installation.clientSecret,
    STORES_AT_ONCE: '1',
  });
  await made.mirrored();
  return { made, other };
}

/** A host: every message that is visible is taken at once, and all of them are worked on side by side. */
function host(made: World, queue: QueueName, handle: (message: unknown) => Promise<void>) {
  let atWork = 0;
  let handled = 0;
  return {
    take: () => {
      for (const message of made.queues.receive(queue, 32, DAY)) {
        atWork++;
        handled++;
        void handle(JSON.parse(message.text))
          .then(() => made.queues.complete(message))
          .finally(() => atWork--);
      }
    },
    handled: () => handled,
    isIdle: () => atWork === 0,
  };
}

const touchAll = (shop: Shop, now: number) => {
  for (const order of [...shop.orders.values()]) shop.orders.put({ ...order, updatedAt: now });
};

describe('a sweep that gives up its place after every page', () => {
  test('goes on from there, ends after as many slices as pages, and has missed nothing', async () => {
    world = await World.create({ size: { customers: 0, products: 1, orders: 600 } });
    await world.mirrored();
    touchAll(world.shop, world.now);
    world.wait(60 * MINUTE);
    const [store] = await world.database.stores();
    const api = world.service.adminOf(store!);
    const ends: SweepEnd[] = [];
    for (let end: SweepEnd | null = null; end !== 'swept' && ends.length < 10; ends.push(end))
      end = await sweep(
        world.service,
        api,
        store!,
        'orders',
        () => true,
        typeof end === 'object' ? end : null,
      );
    expect(ends).toHaveLength(3);
    expect(ends.at(-1)).toBe('swept');
    await world.live(2 * MINUTE);
    expect(await world.differences(['orders'])).toEqual([]);
  });

  test('lets two stores take turns page by page, and both sweeps end', async () => {
    const { made, other } = await twoStores({ customers: 0, products: 1, orders: 300 });
    for (const shop of [made.shop, other]) touchAll(shop, made.now);
    made.wait(60 * MINUTE);
    const real = made.simulator.fetch.bind(made.simulator);
    made.simulator.fetch = async (request) => {
      // Long enough for the other store to come to the gate meanwhile.
      for (let turns = 0; turns < 10; turns++) await turn();
      return await real(request);
    };
    const stores = await made.database.stores();
    for (const { id } of stores)
      await made.queues.send('sweeps', { storeId: id, entity: 'orders', kind: 'sweep' });
    const asked = made.now;
    const working = host(made, 'sweeps', (message) => doWork(made.service, work.parse(message)));
    for (let turns = 0; turns < 10_000 && working.handled() <= 20; turns++) {
      working.take();
      if (working.isIdle()) break;
      await turn();
    }
    while (!working.isIdle()) await turn();
    // Two pages each, and a message for each page.
    expect(working.handled()).toBeLessThanOrEqual(4);
    for (const { id } of stores)
      expect((await made.database.syncState(id, 'orders')).watermark).toBeGreaterThanOrEqual(asked);
  });
});

test('a store that waits comes before the next work of the store inside, however much that has left', async () => {
  const gate = createGate(1);
  let isOtherIn = false;
  let batches = 0;
  // Two entities of one store, each coming back for its next batch as soon as one is done.
  const entity = async () => {
    for (let n = 0; n < 100 && !isOtherIn; n++) {
      await gate.enter(1, async () => {
        await turn();
        await turn();
      });
      batches++;
    }
  };
  const first = entity();
  await turn();
  const second = entity();
  const other = gate.enter(2, async () => {
    isOtherIn = true;
  });
  await Promise.all([first, second, other]);
  expect(batches).toBeLessThanOrEqual(4);
});

test('a store whose API hangs keeps the only place no longer than its requests that are under way', async () => {
  const { made, other } = await twoStores({ customers: 5, products: 5, orders: 5 });
  const [hanging, healthy] = await made.database.stores();
  const markAll = async (storeId: number, shop: Shop, entity: EntityName) => {
    const raises = [...shop.collection(entity).values()].map(({ id }) => ({
      entity,
      id: decimal(id),
      lane: 'webhook' as const,
      reason: 'hint',
      announces: 'presence' as const,
      expectedUpdatedAt: 1,
      dueInMs: 0,
    }));
    await made.database.mark(storeId, raises);
    await made.service.doorbells.ring(storeId, entity);
  };
  const real = made.simulator.fetch.bind(made.simulator);
  let servedAt: number | null = null;
  made.simulator.fetch = async (request) => {
    if (request.url.includes('other.')) {
      servedAt ??= made.now;
      return await real(request);
    }
    for (const until = made.now + 30_000; made.now < until; ) await turn();
    throw new TypeError('fetch failed');
  };
  for (const entity of ['customers', 'orders', 'products'] as const) {
    await markAll(hanging!.id, made.shop, entity);
    made.wait(9_000);
  }
  const working = host(made, 'refresh', (bell) => answer(made.service, doorbell.parse(bell)));
  const until = made.now + 30 * MINUTE;
  let rungAt: number | null = null;
  for (let turns = 0; made.now < until && servedAt === null; turns++) {
    made.wait(100);
    if (turns === 600) {
      rungAt = made.now;
      await markAll(healthy!.id, other, 'customers');
    }
    if (turns % 600 === 0) await tick(made.service);
    working.take();
    await turn();
  }
  made.simulator.fetch = real;
  while (!working.isIdle()) {
    made.wait(1_000);
    await turn();
  }
  expect((servedAt ?? until) - (rungAt ?? 0)).toBeLessThan(5 * MINUTE);
});
