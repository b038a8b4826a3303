import { afterEach, expect, test } from 'vitest';
import { World } from './world.ts';

/** R9 and R10 at the moment when an app's scopes change: we ask for them hourly, they change at once. */
const MINUTE = 60_000;
const size = { customers: 40, products: 10, orders: 40 };
let world: World;
afterEach(() => world.close());

const grant = (scopes: readonly string[]) => {
  world.shop.installation = { ...world.shop.installation, scopes: [...scopes] };
};

test('orders that went out of sight since we last asked for the scopes are not buried', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const isOld = ({ createdAt }: { readonly createdAt: number }) =>
    createdAt < world.now - 61 * 24 * 60 * MINUTE;
  expect([...world.shop.orders.values()].filter(isOld).length).toBeGreaterThan(0);
  grant(world.shop.installation.scopes.filter((scope) => scope !== 'read_all_orders'));
  await world.reconcile('census', ['orders']);
  await world.live(5 * MINUTE);
  expect((await world.database.status(await world.storeId())).rows['Orders']).toBe(size.orders);
});

test('columns that were withheld are filled once the scope is granted', async () => {
  const some = ['read_orders', 'read_all_orders', 'read_products'];
  world = await World.create({ size, shop: { installation: { scopes: some } } });
  await world.mirrored();
  expect(await world.differences()).not.toEqual([]);
  grant([...some, 'read_customers', 'read_customer_merge']);
  // The next hourly look; what was withheld moved no `updatedAt`, so no sweep would find it.
  world.wait(60 * MINUTE);
  await world.connect();
  await world.live(5 * MINUTE);
  expect(await world.differences()).toEqual([]);
});
