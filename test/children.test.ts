import { afterEach, expect, test } from 'vitest';
import type { Order, RefundLineItem } from '../simulator/model.ts';
import type { Database } from '../src/database.ts';
import { ENTITY_NAMES, type EntityName } from '../src/entities/registry.ts';
import type { RefreshCommit } from '../src/mark.ts';
import { tamper } from './tampered.ts';
import { START, World } from './world.ts';

/** Child sets: each key once, and the same set whatever order it is listed in. */
const size = { customers: 12, products: 8, orders: 20 };
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const row = async (entity: EntityName, id: string) =>
  (await world.database.mirrorRows(await world.storeId(), entity, null, 1_000)).find(({ key }) => key === id);
const story = async (entity: EntityName, id: string) =>
  await world.database.keyStory(await world.storeId(), entity, id);

const money = (amount: string) => {
  const of = { amount, currencyCode: world.shop.profile.currencyCode };
  return { shopMoney: of, presentmentMoney: of };
};
const refundLine = (lineItemGid: string, amount: string, quantity = 1): RefundLineItem => ({
  __typename: 'RefundLineItem',
  id: null,
  quantity,
  restockType: 'RETURN',
  restocked: true,
  lineItemGid,
  priceSet: money(amount),
  subtotalSet: money(amount),
  totalTaxSet: money('0.0'),
});

/** An order with one refund of these lines, whose line items have ids that were never used. */
function refunded(order: Order, lines: readonly RefundLineItem[]): void {
  const refund = {
    __typename: 'Refund',
    id: 'gid://shopify/Refund/7000000000001',
    createdAt: START,
    processedAt: START,
    updatedAt: START,
    note: null,
    totalRefundedSet: money('30.0'),
    refundLineItems: lines,
  } as const;
  world.shop.orders.put({ ...order, refunds: [refund], updatedAt: world.now });
}
const anOrder = () => [...world.shop.orders.values()].find(({ lineItems }) => lineItems.length > 0)!;
const refundItems = async (id: string) =>
  (await row('orders', id))!.children['Refunds']![0]!.children['RefundItems']!.map(({ key, row }) => [
    key,
    row['Subtotal'],
    row['Quantity'],
  ]);

test('two refund lines of one line item without ids are two rows, the same in whatever order they are listed', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const order = anOrder();
  const id = decimal(order.id);
  const gid = order.lineItems[0]!.id;
  const lines = [refundLine(gid, '20.0'), refundLine(gid, '10.0'), refundLine(gid, '10.0')];
  refunded(order, lines);
  await world.reconcile('sweep', ['orders']);
  await world.live(2 * MINUTE);
  const key = `7000000000001-${decimal(gid)}`;
  const expected = [
    [key, '10.0000', 1],
    [`${key}-2`, '10.0000', 1],
    [`${key}-3`, '20.0000', 1],
  ];
  expect(await refundItems(id)).toEqual(expected);
  expect(await world.differences(['orders'])).toEqual([]);
  const changes = (await story('orders', id)).changes.length;
  refunded(world.shop.orders.current(order.id)!, lines.toReversed());
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  expect(await refundItems(id)).toEqual(expected);
  expect((await story('orders', id)).changes.length).toBe(changes);
});

test('a list that comes in another order is no change and no gap', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const before = await world.database.status(await world.storeId());
  const changes = async () =>
    (
      await Promise.all([...world.shop.orders.values()].map(({ id }) => story('orders', decimal(id))))
    ).flatMap(({ changes }) => changes).length;
  const told = await changes();
  const hashes = () =>
    Promise.all(
      [...world.shop.orders.values()].map(
        async ({ id }) => (await story('orders', decimal(id))).row?.contentHash,
      ),
    );
  const hashed = await hashes();
  const tampering = tamper(world, ({ operation, data }) => {
    for (const node of operation === 'ReadOrders' ? data.nodes : []) {
      node?.lineItems.nodes.reverse();
      node?.refunds.reverse();
    }
  });
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  expect(tampering.requests.get('ReadOrders')).toBeGreaterThan(0);
  expect(await changes()).toBe(told);
  expect(await hashes()).toEqual(hashed);
  expect((await world.database.status(await world.storeId())).gapsFound).toBe(before.gapsFound);
});

test('a child that is listed twice parks its object with the reason, and no other; its rows stay', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const order = anOrder();
  const id = decimal(order.id);
  const before = await row('orders', id);
  const tampering = tamper(world, ({ operation, data }) => {
    for (const node of operation === 'ReadOrders' ? data.nodes : [])
      if (node?.id === order.id) node.lineItems.nodes.push({ ...node.lineItems.nodes[0], quantity: 99 });
  });
  const others = [...world.shop.orders.values()].filter((each) => each.id !== order.id);
  for (const each of [order, others[0]!])
    world.shop.orders.put({ ...each, tags: ['seen'], updatedAt: world.now });
  await world.reconcile('sweep', ['orders']);
  await world.live(2 * MINUTE);
  expect((await row('orders', id))!.children).toEqual(before!.children);
  expect((await story('orders', id)).reject?.reason ?? '').toMatch(/stands twice/);
  expect((await row('orders', decimal(others[0]!.id)))?.row['Tags']).toBe('seen');
  tampering.end();
  await world.live(30 * MINUTE, MINUTE);
  expect(await world.differences(['orders'])).toEqual([]);
});

test('a child of another type than its list is of parks its object', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const order = anOrder();
  const tampering = tamper(world, ({ operation, data }) => {
    for (const node of operation === 'ReadOrders' ? data.nodes : [])
      if (node?.id === order.id) node.lineItems.nodes[0].id = 'gid://shopify/Product/1';
  });
  world.shop.orders.put({ ...order, tags: ['seen'], updatedAt: world.now });
  await world.reconcile('sweep', ['orders']);
  await world.live(MINUTE);
  expect((await story('orders', decimal(order.id))).reject?.reason ?? '').toMatch(/no id of a LineItem/);
  tampering.end();
});

test('a child below two objects of one answer is given to neither', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const [one, other, third] = [...world.shop.products.values()].filter(
    ({ variants }) => variants.length > 0 && variants.length < 50,
  );
  const before = [await row('products', decimal(one!.id)), await row('products', decimal(other!.id))];
  const tampering = tamper(world, ({ operation, data }) => {
    if (operation !== 'ReadProducts') return;
    const find = (id: string) => data.nodes.find((node: { id?: string } | null) => node?.id === id);
    const from = find(one!.id);
    const to = find(other!.id);
    if (from && to) to.variants.nodes.push(from.variants.nodes[0]);
  });
  for (const each of [one!, other!, third!])
    world.shop.products.put({ ...each, vendor: 'Both', updatedAt: world.now });
  await world.reconcile('sweep', ['products']);
  await world.live(MINUTE);
  expect((await story('products', decimal(one!.id))).reject?.reason ?? '').toMatch(/two objects at once/);
  expect((await story('products', decimal(other!.id))).reject?.reason ?? '').toMatch(/two objects at once/);
  expect([
    (await row('products', decimal(one!.id)))?.children,
    (await row('products', decimal(other!.id)))?.children,
  ]).toEqual(before.map((each) => each?.children));
  expect((await row('products', decimal(third!.id)))?.row['Vendor']).toBe('Both');
  tampering.end();
  await world.live(30 * MINUTE, MINUTE);
  expect(await world.differences(['products'])).toEqual([]);
});

test('rows that an earlier release hashed in another way are no changes, no gaps, and mark no customer', async () => {
  let release: 'earlier' | 'this' = 'earlier';
  const raised: string[] = [];
  const asEarlier = (commit: RefreshCommit): RefreshCommit => ({
    ...commit,
    verdicts: commit.verdicts.map((verdict) =>
      verdict.row.do === 'write'
        ? {
            ...verdict,
            row: { ...verdict.row, record: { ...verdict.row.record, contentHash: `earlier ${verdict.id}` } },
          }
        : verdict,
    ),
  });
  const database = (real: Database): Database => ({
    ...real,
    commitRefresh: (lease, commit) => {
      raised.push(...commit.raises.map(({ id }) => id));
      return real.commitRefresh(lease, release === 'earlier' ? asEarlier(commit) : commit);
    },
  });
  world = await World.create({ size, database });
  await world.mirrored();
  const changes = async (type: 'changed' | 'created') => {
    const all = [];
    for (const entity of ENTITY_NAMES)
      for (const { id } of world.shop[entity].values())
        all.push(...(await story(entity, decimal(id))).changes);
    return all.filter((change) => change.type === type).length;
  };
  const { gapsFound } = await world.database.status(await world.storeId());
  const before = await changes('changed');
  release = 'this';
  raised.length = 0;
  await world.reconcile('content');
  await world.live(3 * MINUTE);
  expect(await changes('changed')).toBe(before);
  expect(raised).toEqual([]);
  expect((await world.database.status(await world.storeId())).gapsFound).toBe(gapsFound);
  expect((await story('orders', decimal(anOrder().id))).row?.contentHash).not.toMatch(/earlier/);
});
