import { afterEach, describe, expect, test } from 'vitest';
import { tick } from '../reconcile/tick.ts';
import { World, type WorldOptions } from './world.ts';

/** R9: what a scope opens again is caught up, however the scope is noticed. */

const MINUTE = 60_000;
const size = { customers: 30, products: 8, orders: 30 };
let world: World;
afterEach(() => world.close());

async function mirrored(options: WorldOptions = {}): Promise<void> {
  world = await World.create({ size, ...options });
  await world.mirrored();
}

const customer = (nth = 0) =>
  [...world.shop.customers.values()].filter(({ firstName }) => firstName !== null)[nth]!;
const status = async () => await world.database.status(await world.storeId());
const lacking = async () => (await status()).lacking;
const grant = (scopes: readonly string[]) => {
  world.shop.installation = { ...world.shop.installation, scopes: [...scopes] };
};
const without = (scope: string) => world.shop.installation.scopes.filter((each) => each !== scope);

describe('a scope that comes back', () => {
  const shown = async () => (await world.database.stores())[0]!.settings.scopes;

  test('noticed first by a burial’s own look is caught up', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_products'));
    await world.connect();
    const order = [...world.shop.orders.values()].find(({ lineItems }) =>
      lineItems.some((each) => each.productGid),
    )!;
    // Of an order that is new, the app cannot see what was sold.
    world.change('order-create');
    await world.live(2 * MINUTE);
    expect((await lacking()).map(({ column }) => column)).toContain('OrderItems.ShopifyProductId');
    grant(all);
    const { id: gone } = [...world.shop.orders.values()].find(({ id }) => id !== order.id)!;
    world.change('order-delete', gone);
    await world.live(2 * MINUTE);
    expect(await shown()).toContain('read_products');
    await world.live(10 * MINUTE);
    expect(await lacking()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });

  test('owes nothing to entities that it does not open', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_products'));
    await world.connect();
    await world.live(2 * MINUTE);
    grant(all);
    await world.connect();
    const { contentOwed } = (await world.database.stores())[0]!.settings;
    expect(Object.keys(contentOwed).sort()).toEqual(['orders', 'products']);
  });

  test('read_all_orders owes the orders, and the customers for their last one', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_all_orders'));
    await world.connect();
    grant(all);
    await world.connect();
    const { contentOwed } = (await world.database.stores())[0]!.settings;
    expect(Object.keys(contentOwed)).toEqual(['customers', 'orders']);
  });

  test('is owed before it is noted, and stays owed until it is enqueued, whoever dies in between', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_orders'));
    await world.connect();
    world.edit(customer().id, { note: 'a new note' });
    await world.live(2 * MINUTE);
    grant(all);
    const { send } = world.queues;
    world.queues.send = async () => {
      throw new Error('the process died');
    };
    await world.connect();
    expect(await shown()).toContain('read_orders');
    await expect(tick(world.service)).rejects.toThrow('the process died');
    world.queues.send = send;
    await world.live(10 * MINUTE);
    expect(await lacking()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});
