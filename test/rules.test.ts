import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { reconcile } from '../reconcile/manual.ts';
import { sweep } from '../reconcile/sweep.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { Transient } from '../src/failures.ts';
import { markSignal } from '../webhooks/marking.ts';
import { signal } from '../webhooks/signal.ts';
import { type Watched, watched } from './watch.ts';
import { World, type WorldOptions } from './world.ts';

/** The rules of design §3 that need the whole machine, each broken on purpose once and seen to fail. */
const size = { customers: 40, products: 10, orders: 40 };
const { settleMs: SETTLE, overlapMs: OVERLAP } = DEFAULT_TIMING;
let world: World;
afterEach(() => world.close());

const mirrored = async (options: WorldOptions = {}): Promise<World> => {
  const made = await World.create({ size, ...options });
  await made.mirrored();
  return made;
};
const gidOf = (id: string, type = 'Customer') => `gid://shopify/${type}/${id}`;
/** A customer without orders, who can be deleted. */
const orderless = () =>
  [...world.shop.customers.values()].find(({ numberOfOrders }) => numberOfOrders === '0')!;
const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const rowOf = async (gid: string, entity: 'customers' | 'orders' = 'customers') =>
  (await world.database.mirrorOf(await world.storeId(), entity, [decimal(gid)])).get(decimal(gid))?.row ??
  null;

describe('R2 and R5 after every commit, whatever happens', () => {
  test('no row goes back, no tombstone rises too soon, no watermark passes an unmarked change', async () => {
    const seen: Watched = { broken: [], commits: { refresh: 0, detection: 0 } };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        await world?.close();
        world = await mirrored({
          seed,
          size: { customers: 15, products: 6, orders: 15 },
          shop: { consistency: { indexLagMs: 20_000 } },
          database: (real, made) => watched(real, made, seen),
        });
        world.courier.faults = {
          ...world.courier.faults,
          lost: 0.3,
          doubled: 0.3,
          reordered: 0.5,
          reorderedMs: 20_000,
        };
        for (let n = 0; n < 80; n++) {
          // Replicas differ from one moment to the next: what was read may be older than what is known.
          world.shop.consistency.replicaLagMs = world.random.pick([0, 0, 1_000, 5_000, 20_000]);
          world.change();
          world.wait(world.random.between(0, 8_000));
          if (world.random.chance(0.4)) await world.work();
          if (world.random.chance(0.05)) await world.reconcile(world.random.pick(['sweep', 'census']));
        }
        expect(seen.broken).toEqual([]);
      }),
      { numRuns: 8, seed: 7, endOnFailure: true, includeErrorInReport: true },
    );
    expect(seen.commits.refresh).toBeGreaterThan(200);
    expect(seen.commits.detection).toBeGreaterThan(50);
  });
});

describe('R4: a delivery that was answered 200 takes effect without any sweep', () => {
  test('when the process dies right after the answer', async () => {
    world = await mirrored();
    const { id } = world.change('customer-edit');
    await world.courier.pump();
    expect(world.courier.stats.delivered).toBeGreaterThan(0);
    // Nothing in memory survives: another process finds the message.
    world.service = world.process();
    await world.work();
    expect((await world.differences(['customers'])).filter((each) => each.id === id)).toEqual([]);
  });

  test.each(['mark', 'takeMarks', 'commitRefresh', 'releaseLease'] as const)(
    'when the process dies before or after %s',
    async (operation) => {
      for (const when of ['before', 'after'] as const) {
        let armed = false;
        world = await mirrored({
          database: (real) =>
            new Proxy(real, {
              get: (target, name) => {
                const value: unknown = Reflect.get(target, name);
                if (typeof value !== 'function' || name !== operation)
                  return typeof value === 'function' ? value.bind(target) : value;
                return async (...args: unknown[]) => {
                  if (!armed) return await value.apply(target, args);
                  armed = false;
                  if (when === 'after') await value.apply(target, args);
                  throw new Error('the process died here');
                };
              },
            }),
        });
        world.change('customer-edit');
        await world.courier.pump();
        armed = true;
        await expect(world.work()).rejects.toThrow('died');
        // The message comes back after its lease; a lease in the database runs out by itself.
        world.wait(11 * 60_000);
        world.service = world.process();
        await world.live(2 * 60_000);
        expect(await world.differences(['customers'])).toEqual([]);
        await world.close();
      }
    },
  );

  test('a database that is away for an hour costs delay, not the signal', async () => {
    let away = false;
    world = await mirrored({
      database: (real) =>
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
    away = true;
    for (let n = 0; n < 20; n++) world.change('customer-edit');
    await world.courier.pump();
    expect(world.courier.stats.failed).toBe(0);
    for (let minutes = 0; minutes < 60; minutes++) {
      for (const message of world.queues.receive('signals', 32, 600_000)) {
        await markSignal(world.service, signal.parse(JSON.parse(message.text)));
        world.queues.complete(message);
      }
      world.wait(60_000);
    }
    away = false;
    await world.live(20 * 60_000);
    expect(await world.differences(['customers'])).toEqual([]);
  });
});

describe('R5: the watermark', () => {
  test('does not move past the overlap between pages, and moves to the first request at the end', async () => {
    world = await mirrored({ size: { customers: 0, products: 1, orders: 300 } });
    const storeId = await world.storeId();
    const watermark = async () => (await world.database.syncState(storeId, 'orders')).watermark!;
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    for (const order of [...world.shop.orders.values()])
      world.shop.orders.put({ ...order, updatedAt: world.now });
    world.wait(60_000);
    const before = await watermark();
    const [store] = await world.database.stores();
    const api = world.service.adminOf(store!);
    // A deadline that is over after the first page: what a ten-minute limit or a crash leaves behind.
    const position = await sweep(world.service, api, store!, 'orders', () => true);
    expect(position).toMatchObject({ cursor: expect.any(String) });
    expect(await watermark()).toBe(before);
    const sentAt = world.now;
    expect(await sweep(world.service, api, store!, 'orders', () => false)).toBe('swept');
    expect(await watermark()).toBe(sentAt);
  });

  test('stays when the filter is ignored and everything comes back', async () => {
    world = await mirrored({ size: { customers: 0, products: 1, orders: 60 } });
    await world.reconcile('sweep');
    world.wait(24 * 3_600_000);
    const storeId = await world.storeId();
    const before = (await world.database.syncState(storeId, 'orders')).watermark;
    world.rewrite = (body) => body.replaceAll('updated_at:', 'updated_atx:');
    await world.reconcile('sweep', ['orders']);
    expect((await world.database.syncState(storeId, 'orders')).watermark).toBe(before);
  });

  test('a row that the index omits is found by the sweep of its window', async () => {
    world = await mirrored();
    const { id } = world.change('customer-edit');
    await world.live(60_000);
    world.shop.consistency.omitFromIndex.add(gidOf(id));
    // Changed again unannounced: the index keeps silent about it.
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    const customer = world.shop.customers.current(gidOf(id))!;
    world.shop.customers.put({ ...customer, note: 'changed', updatedAt: world.now });
    world.wait(2 * OVERLAP);
    await world.reconcile('sweep', ['customers']);
    await world.live(60_000);
    expect(await world.differences(['customers'])).toEqual([]);
  });
});

describe('R6: a signal that comes during a read is not lost', () => {
  test('the object changes after Shopify answered, its webhook is marked before we commit', async () => {
    world = await mirrored();
    const { id } = world.change('customer-edit');
    world.wait(SETTLE * 2);
    await world.courier.pump();
    world.duringNextRequest = async () => {
      const customer = world.shop.customers.current(gidOf(id))!;
      world.shop.customers.put({ ...customer, note: 'during the read' });
      await world.database.mark(await world.storeId(), [
        {
          entity: 'customers',
          id,
          lane: 'webhook',
          reason: 'CUSTOMERS_UPDATE',
          announces: 'presence',
          expectedUpdatedAt: null,
          dueInMs: 0,
        },
      ]);
    };
    await world.work();
    expect(await world.differences(['customers'])).toEqual([]);
  });
});

describe('R7: one store never delays another', () => {
  test.each([
    [
      'a revoked token',
      (w: World) => {
        w.shop.installed = false;
      },
    ],
    [
      'an API that answers only errors',
      (w: World) => {
        w.shop.faults.serverError = 1;
      },
    ],
  ])('%s in one store, and the other is mirrored as fast as ever', async (_, breakIt) => {
    world = await World.create({ size });
    const other = world.simulator.addShop({ domain: 'other.myshopify.com', plan: 'plus' });
    other.installation = { ...other.installation };
    world.service = world.process({
      SHOPIFY_2_SHOP: 'other.myshopify.com',
      SHOPIFY_2_CLIENT_ID: other.installation.clientId,
      SHOPIFY_2_CLIENT_SECRET: other.installation.clientSecret,
      STORES_AT_ONCE: '1',
    });
    await world.connect();
    breakIt(world);
    await world.live(60_000);
    const stores = await world.database.stores();
    const healthy = stores.find(({ domain }) => domain === 'other.myshopify.com')!;
    expect((await world.database.syncState(healthy.id, 'orders')).watermark).not.toBeNull();
  });
});

describe('R10: deletion is confirmed', () => {
  const announce = (lost: number) => {
    world.courier.faults = { ...world.courier.faults, lost };
  };

  test('a delete delivery and one null bury at once', async () => {
    world = await mirrored();
    const { id } = orderless();
    world.change('customer-delete', id);
    await world.work();
    expect((await rowOf(id))?.deletedAt).not.toBeNull();
  });

  test('a deletion that nobody announced is buried by the census, after two nulls SETTLE apart', async () => {
    world = await mirrored();
    const { id } = orderless();
    announce(1);
    world.change('customer-delete', id);
    await world.reconcile('census', ['customers']);
    expect((await rowOf(id))?.deletedAt).toBeNull();
    await world.live(2 * SETTLE);
    expect((await rowOf(id))?.deletedAt).not.toBeNull();
  });

  test('a single null, from a replica that does not show a new object yet, buries nothing', async () => {
    world = await mirrored();
    const { id } = world.change('customer-create');
    await world.work();
    world.shop.consistency.replicaLagMs = 10_000;
    world.change('customer-edit', gidOf(id));
    await world.work();
    expect((await rowOf(gidOf(id)))?.deletedAt).toBeNull();
    await world.live(2 * SETTLE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('an update delivery that comes after the delete does not raise the dead', async () => {
    world = await mirrored();
    const { id } = orderless();
    world.courier.faults = { ...world.courier.faults, reordered: 0 };
    world.change('customer-edit', id);
    world.change('customer-delete', id);
    world.shop.consistency.replicaLagMs = 5_000;
    await world.live(3 * SETTLE);
    expect((await rowOf(id))?.deletedAt).not.toBeNull();
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('when most of an entity vanishes, nothing is buried until an operator releases it', async () => {
    world = await mirrored({ size: { customers: 300, products: 1, orders: 0 } });
    announce(1);
    for (const { id } of [...world.shop.customers.values()].slice(0, 150)) world.shop.customers.delete(id);
    await world.reconcile('census', ['customers']);
    await world.live(5 * 60_000);
    const storeId = await world.storeId();
    const live = async () => (await world.database.status(storeId)).rows['Customers'];
    expect(await live()).toBe(300);
    const [store] = await world.database.stores();
    expect(store?.settings.brakeHeld).toEqual(['customers']);
    const reply = await reconcile(world.service, {
      store: store?.domain,
      entity: 'customers',
      kind: 'release',
    });
    expect(reply.status).toBe(202);
    await world.live(5 * 60_000);
    expect(await live()).toBe(150);
  });

  test('a token of another shop buries nothing and writes nothing', async () => {
    world = await mirrored();
    const before = await world.snapshot();
    Object.assign(world.shop.profile, { id: 'gid://shopify/Shop/999' });
    for (const { id } of [...world.shop.customers.values()]) world.shop.customers.delete(id);
    await world.reconcile('census');
    await world.live(5 * 60_000);
    expect(await world.snapshot()).toEqual(before);
  });

  test('a scope lost overnight buries nothing', async () => {
    world = await mirrored();
    world.shop.installation = { ...world.shop.installation, scopes: ['read_products'] };
    await world.reconcile('census');
    world.change('customer-edit');
    await world.live(5 * 60_000);
    const { rows } = await world.database.status(await world.storeId());
    expect([rows['Customers'], rows['Orders']]).toEqual([40, 40]);
  });

  test('without read_all_orders an order older than 60 days is unknowable, not deleted', async () => {
    world = await mirrored();
    const old = [...world.shop.orders.values()].filter(
      ({ createdAt }) => createdAt < world.now - 61 * 86_400_000,
    );
    expect(old.length).toBeGreaterThan(0);
    const scopes = world.shop.installation.scopes.filter((scope) => scope !== 'read_all_orders');
    world.shop.installation = { ...world.shop.installation, scopes };
    await world.connect();
    const storeId = await world.storeId();
    await world.reconcile('census', ['orders']);
    await world.live(5 * 60_000);
    expect(await world.database.status(storeId)).toMatchObject({
      gapsFound: 0,
      marksWaiting: 0,
      marksHeld: 0,
    });
    // A webhook about such an order still comes, and reads null.
    world.change('order-old');
    await world.live(20 * 60_000);
    expect((await world.database.status(storeId)).rows['Orders']).toBe(40);
  });
});
