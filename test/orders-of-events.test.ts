import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answer } from '../reconcile/bell.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { World } from './world.ts';

/** What happens to one object in which order, and what is lost of it: the orders that undo mirrors (R9, R10). */
const { settleMs: SETTLE } = DEFAULT_TIMING;
const MINUTE = 60_000;
let world: World;
let storeId: number;

beforeEach(async () => {
  world = await World.create({ size: { customers: 30, products: 8, orders: 30 } });
  await world.mirrored();
  storeId = await world.storeId();
});
afterEach(() => world.close());

const announce = (lost: number) => {
  world.courier.faults = { ...world.courier.faults, lost };
};
const rowOf = async (entity: 'customers' | 'orders', id: string) => {
  const rows = await world.database.mirrorRows(storeId, entity, null, 1_000);
  return rows.find(({ key }) => key === id);
};
const marksWaiting = async () => (await world.database.status(storeId)).marksWaiting;
const orderless = () =>
  [...world.shop.customers.values()].find(({ numberOfOrders }) => numberOfOrders === '0')!;
const idOf = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

describe('created and deleted', () => {
  test('both lost: nothing ever tells of it, and nothing is mirrored', async () => {
    announce(1);
    const { id } = world.change('customer-create');
    world.wait(5_000);
    world.change('customer-delete', `gid://shopify/Customer/${id}`);
    announce(0);
    await world.reconcile('sweep');
    await world.reconcile('census');
    await world.live(3 * SETTLE);
    expect(await rowOf('customers', id)).toBeUndefined();
    expect(await world.differences()).toEqual([]);
    expect(await marksWaiting()).toBe(0);
  });

  test('the delete overtakes the create: no row rises, and no mark stays', async () => {
    world.courier.faults = { ...world.courier.faults, reordered: 1, reorderedMs: 20_000 };
    const { id } = world.change('customer-create');
    world.courier.faults = { ...world.courier.faults, reordered: 0 };
    world.change('customer-delete', `gid://shopify/Customer/${id}`);
    await world.work();
    expect((await world.database.keyStory(storeId, 'customers', id)).deliveries).toMatchObject([
      { topic: 'CUSTOMERS_DELETE' },
    ]);
    await world.live(12 * MINUTE);
    expect(await rowOf('customers', id)).toBeUndefined();
    expect(await marksWaiting()).toBe(0);
  });

  test('the delete is seen by one replica and not by the next: buried once, and never risen', async () => {
    const { id: gid } = orderless();
    world.change('customer-delete', gid);
    await world.work();
    const buried = await rowOf('customers', idOf(gid));
    expect(buried?.deletedAt).not.toBeNull();
    world.shop.consistency.replicaLagMs = 20_000;
    world.wait(2_000);
    await world.live(3 * SETTLE);
    expect((await rowOf('customers', idOf(gid)))?.deletedAt).toBe(buried?.deletedAt);
    expect(await marksWaiting()).toBe(0);
  });
});

describe('an order whose customer is not mirrored yet', () => {
  test('points to nobody, and to its customer as soon as that arrives', async () => {
    announce(1);
    const { id: customerId } = world.change('customer-create');
    announce(0);
    let orderId: string | null = null;
    for (let n = 0; n < 50 && orderId === null; n++) {
      const { id } = world.change('order-create');
      const order = world.shop.orders.current(`gid://shopify/Order/${id}`)!;
      world.shop.orders.put({ ...order, customerGid: `gid://shopify/Customer/${customerId}` });
      orderId = id;
    }
    await world.database.mark(storeId, [
      {
        entity: 'orders',
        id: orderId!,
        lane: 'webhook',
        reason: 'ORDERS_CREATE',
        announces: 'presence',
        expectedUpdatedAt: null,
        dueInMs: 0,
      },
    ]);
    await answer(world.service, { storeId, entity: 'orders' });
    expect(await rowOf('orders', orderId!)).toMatchObject({
      row: { ShopifyCustomerId: customerId, CustomerId: null },
    });
    // The order itself says that its customer has changed: no webhook of the customer's is needed.
    await world.work();
    expect(await rowOf('customers', customerId)).toBeDefined();
    expect((await rowOf('orders', orderId!))?.row['CustomerId']).not.toBeNull();
    await world.live(2 * SETTLE);
    expect(await world.differences()).toEqual([]);
  });

  test('keeps pointing to nobody while that cannot be read, and is linked when it can', async () => {
    // Not nullable, so that Shopify answers no customer at all.
    world.shop.withheld.add('Customer.createdAt');
    const { id: customerId } = world.change('customer-create');
    const { id } = world.change('order-create');
    const gid = `gid://shopify/Order/${id}`;
    const order = world.shop.orders.current(gid)!;
    world.shop.orders.put({ ...order, customerGid: `gid://shopify/Customer/${customerId}` });
    await world.live(15 * MINUTE);
    expect(await rowOf('orders', id)).toMatchObject({
      row: { ShopifyCustomerId: customerId, CustomerId: null },
    });
    world.shop.withheld.clear();
    await world.live(2 * 60 * MINUTE, MINUTE);
    expect((await rowOf('orders', id))?.row['CustomerId']).not.toBeNull();
    expect(await marksWaiting()).toBe(0);
  });
});
