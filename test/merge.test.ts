import { afterEach, expect, test } from 'vitest';
import { answer } from '../reconcile/bell.ts';
import { markSignal } from '../webhooks/marking.ts';
import { signal } from '../webhooks/signal.ts';
import { World } from './world.ts';

/** A merge moves orders from one customer to another without touching the orders' `updatedAt`: no head shows it. */
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

test('a merge that is announced while an order is read for the first time reaches that order', async () => {
  world = await World.create({ size: { customers: 40, products: 5, orders: 40 } });
  await world.mirrored();
  const storeId = await world.storeId();
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  const { id } = world.change('order-create');
  world.courier.faults = { ...world.courier.faults, lost: 0 };
  const customerOf = () => world.shop.orders.current(`gid://shopify/Order/${id}`)!.customerGid;
  world.wait(20 * MINUTE);
  await world.work();
  await world.database.mark(storeId, [
    {
      entity: 'orders',
      id,
      lane: 'sweep',
      reason: 'sweep:missing',
      announces: 'presence',
      expectedUpdatedAt: 1,
      dueInMs: 0,
    },
  ]);
  const before = customerOf();
  world.duringNextRequest = async () => {
    // Shopify has told us the old customer; our table has no row yet by which the merge could find the order.
    for (let n = 0; n < 38 && customerOf() === before; n++) world.change('customer-merge');
    world.wait(1_000);
    await world.courier.pump();
    for (const message of world.queues.receive('signals', 32, 10 * MINUTE)) {
      await markSignal(world.service, signal.parse(JSON.parse(message.text)));
      world.queues.complete(message);
    }
  };
  await answer(world.service, { storeId, entity: 'orders' });
  expect(customerOf()).not.toBe(before);
  await world.live(5 * MINUTE);
  expect(await world.differences(['orders'])).toEqual([]);
});
