import { afterEach, describe, expect, test } from 'vitest';
import { census } from '../reconcile/census.ts';
import { reconcile } from '../reconcile/manual.ts';
import { RELEASE_MS } from '../src/brake.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { World } from './world.ts';

/** R10's brake from an operator's side: it holds until somebody lets go, and letting go is enough. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let world: World;
afterEach(() => world.close());

async function mirroredUnheard(size: {
  customers: number;
  products: number;
  orders: number;
}): Promise<World> {
  const made = await World.create({ size });
  await made.mirrored();
  made.courier.faults = { ...made.courier.faults, lost: 1 };
  return made;
}

const settings = async () => (await world.database.stores())[0]!.settings;
const rows = async (table: string) => (await world.database.status(await world.storeId())).rows[table];
const release = async (entity: EntityName) => {
  const reply = await reconcile(world.service, { store: 'demo.myshopify.com', entity, kind: 'release' });
  expect(reply.status).toBe(202);
};

describe('a brake that refreshes have pulled', () => {
  /** A sweep that misses 150 of 400 orders in its own window makes refreshes find nulls, until the brake holds. */
  const pulled = async () => {
    world = await mirroredUnheard({ customers: 20, products: 2, orders: 400 });
    world.wait(MINUTE);
    const doomed = [...world.shop.orders.values()].slice(0, 150);
    for (const order of doomed) world.shop.orders.put({ ...order, updatedAt: world.now });
    world.wait(MINUTE);
    await world.reconcile('sweep', ['orders']);
    await world.live(3 * MINUTE);
    world.wait(30 * MINUTE);
    for (const { id } of doomed) world.shop.orders.delete(id);
    await world.reconcile('sweep', ['orders']);
    await world.live(3 * MINUTE);
    expect((await settings()).brakeHeld).toEqual(['orders']);
  };

  test('holds for as long as no operator releases it, not for an hour', async () => {
    await pulled();
    const held = await rows('Orders');
    expect(held).toBeGreaterThan(250);
    for (let hours = 0; hours < 3; hours++) {
      await world.live(HOUR, MINUTE);
      expect(await rows('Orders')).toBe(held);
    }
  });

  test('lets every burial happen once it is released', async () => {
    await pulled();
    await release('orders');
    await world.live(45 * MINUTE, 20_000);
    expect(await rows('Orders')).toBe(250);
    expect((await settings()).brakeHeld).toEqual([]);
  });
});

describe('a release', () => {
  test('lasts a day, whatever the censuses find, and then the brake holds again', async () => {
    world = await mirroredUnheard({ customers: 700, products: 1, orders: 0 });
    const vanish = async (count: number) => {
      for (const { id } of [...world.shop.customers.values()].slice(0, count))
        world.shop.customers.delete(id);
      await world.reconcile('census', ['customers']);
      await world.live(5 * MINUTE);
    };
    await vanish(150);
    expect(await rows('Customers')).toBe(700);
    await release('customers');
    const releasedAt = world.now;
    await world.live(5 * MINUTE);
    expect(await rows('Customers')).toBe(550);
    // A census that finds nothing does not end it …
    await vanish(0);
    world.now = releasedAt + RELEASE_MS - HOUR;
    await vanish(150);
    expect(await rows('Customers')).toBe(400);
    // … and one that finds a little every night does not prolong it.
    await vanish(1);
    world.now = releasedAt + RELEASE_MS + HOUR;
    await vanish(399);
    expect(await rows('Customers')).toBe(399);
    expect((await settings()).brakeHeld).toEqual(['customers']);
  });

  test('and a brake of other entities survive a census that began before them and holds its own', async () => {
    world = await mirroredUnheard({ customers: 150, products: 2, orders: 0 });
    const [remembered] = await world.database.stores();
    for (const { id } of [...world.shop.customers.values()].slice(0, 140)) world.shop.customers.delete(id);
    world.duringNextRequest = async () => {
      await world.database.updateSettings(remembered!.id, { brakeHeld: ['orders'] });
      await release('products');
    };
    const releasedAt = world.now;
    const api = world.service.adminOf(remembered!);
    expect(await census(world.service, api, remembered!, 'customers', () => false)).toBe('held');
    expect(await settings()).toMatchObject({
      brakeHeld: ['orders', 'customers'],
      brakeReleased: { products: releasedAt + RELEASE_MS },
    });
  });
});
