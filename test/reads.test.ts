import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { World } from './world.ts';

/** Reads that take long, span pages, or are overtaken while they run. */
const size = { customers: 20, products: 20, orders: 10 };
let world: World;
afterEach(() => world.close());

const lose = (lost: number) => {
  world.courier.faults = { ...world.courier.faults, lost };
};

test('what changes while a slow answer is on its way is not taken for read: a read is as old as its sending', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const { id } = world.change('customer-edit');
  const gid = `gid://shopify/Customer/${id}`;
  await world.courier.pump();
  lose(1);
  world.duringNextRequest = () => {
    // In the same second as the change that was announced, after Shopify has read it for its answer …
    const customer = world.shop.customers.current(gid)!;
    world.wait(100);
    world.shop.customers.put({ ...customer, note: 'later in the same second', updatedAt: world.now });
    // … which then takes longer than SETTLE to arrive.
    world.wait(DEFAULT_TIMING.settleMs + 5_000);
  };
  await world.work();
  expect(await world.differences(['customers'])).not.toEqual([]);
  await world.live(2 * 60_000);
  expect(await world.differences(['customers'])).toEqual([]);
});

describe('an object whose list needs several pages', () => {
  const giant = () => [...world.shop.products.values()].find(({ variants }) => variants.length > 200)!;

  test('is mirrored whole', async () => {
    world = await World.create({ size });
    expect(giant()).toBeDefined();
    await world.mirrored();
    const rows = await world.database.mirrorRows(await world.storeId(), 'products', null, 1_000);
    const [row] = rows.filter(({ key }) => giant().id.endsWith(`/${key}`));
    expect(row?.children['ProductVariants']).toHaveLength(giant().variants.length);
  });

  test('and that is edited between its pages is never written half old, half new', async () => {
    world = await World.create({ size });
    await world.mirrored();
    const { id } = giant();
    const priced = (price: string, updatedAt: number) => {
      const product = world.shop.products.current(id)!;
      const variants = product.variants.map((variant) => ({ ...variant, price, updatedAt }));
      world.shop.products.put({ ...product, variants, updatedAt });
    };
    priced('100.0', world.now);
    const storeId = await world.storeId();
    const prices = async () => {
      const rows = await world.database.mirrorRows(storeId, 'products', null, 1_000);
      const children = rows.find(({ key }) => id.endsWith(`/${key}`))?.children['ProductVariants'] ?? [];
      return new Set(children.map(({ row }) => row['Price']));
    };
    await world.reconcile('sweep', ['products']);
    await world.live(2 * 60_000);
    expect(await prices()).toEqual(new Set(['100.0000']));
    priced('200.0', world.now);
    // After the first page of variants the product is edited again; the second page is of another version.
    world.duringNextRequest = () => {
      world.duringNextRequest = () => {
        world.wait(2_000);
        priced('300.0', world.now);
      };
    };
    await world.queues.send('sweeps', { storeId, entity: 'products', kind: 'sweep' });
    for (let steps = 0; steps < 50 && (await world.step()); steps++) expect((await prices()).size).toBe(1);
    await world.live(2 * 60_000);
    expect(await prices()).toEqual(new Set(['300.0000']));
  });
});
