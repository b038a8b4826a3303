import { afterEach, beforeEach, expect, test } from 'vitest';
import { census } from '../reconcile/census.ts';
import { World } from './world.ts';

/** R15, R9: what the app may see is asked hourly, and a list from which old orders are hidden looks like any other. */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let world: World;
beforeEach(async () => {
  world = await World.create({ size: { customers: 2, products: 1, orders: 6 } });
  world.wait(100 * DAY);
  await world.connect();
});
afterEach(() => world.close());

function setAllOrders(granted: boolean): void {
  const others = world.shop.installation.scopes.filter((scope) => scope !== 'read_all_orders');
  const scopes = granted ? [...others, 'read_all_orders'] : others;
  world.shop.installation = { ...world.shop.installation, scopes };
}

const certificates = async () =>
  (await world.database.certificates(await world.storeId(), 50)).filter(({ entity }) => entity === 'orders');
const latest = async () => (await certificates())[0]!;

test('a scope that goes right before the first mirror is noticed by it: no certificate says matched over a list that hides orders', async () => {
  setAllOrders(false);
  await world.live(5 * MINUTE);
  expect(await latest()).toMatchObject({
    verdict: 'matched but',
    listed: 0,
    remarks: expect.arrayContaining([expect.stringMatching(/^nothing created before .* is shown/)]),
  });
  setAllOrders(true);
  await world.reconcile('census', ['orders']);
  await world.live(10 * MINUTE);
  expect(await latest()).toMatchObject({ verdict: 'matched', listed: 6 });
  expect(await world.differences(['orders'])).toEqual([]);
});

test('a census that began when old orders were out of sight starts over when they are back', async () => {
  for (let n = 0; n < 2; n++) world.change('order-create');
  await world.live(10 * MINUTE);
  setAllOrders(false);
  await world.connect();
  // The page holds all that may be seen, the two young orders; the process dies before the conclusion.
  const store = (await world.database.stores())[0]!;
  const { commitDetection } = world.database;
  const api = world.service.adminOf(store);
  let commits = 0;
  world.database.commitDetection = async (...args) => {
    if (++commits === 2) throw new Error('killed');
    return await commitDetection.apply(world.database, args);
  };
  await expect(census(world.service, api, store, 'orders', () => false)).rejects.toThrow('killed');
  world.database.commitDetection = commitDetection;
  setAllOrders(true);
  await world.connect();
  await world.reconcile('census', ['orders']);
  await world.live(10 * MINUTE);
  const verdicts = (await certificates()).map(({ verdict, listed }) => [verdict, listed]);
  expect(new Set(verdicts.map(String))).toEqual(new Set(['matched,8']));
});

test('a last order that is out of sight takes no known value away, and is read when it is in sight again', async () => {
  for (let n = 0; n < 2; n++) world.change('order-create');
  await world.live(10 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
  world.wait(100 * DAY);
  setAllOrders(false);
  await world.connect();
  await world.reconcile('content', ['customers']);
  await world.live(10 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
  const [certificate] = await world.database.certificates(await world.storeId(), 1);
  expect(certificate).toMatchObject({
    entity: 'customers',
    verdict: 'matched but',
    withheld: ['Customers.LastOrderDate', 'Customers.LastShopifyOrderId'],
  });
});
