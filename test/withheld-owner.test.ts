import { describe, expect, test } from 'vitest';
import { privacyWorld, WORD } from './privacy-world.ts';
import { errorAt, nodesOf, type Spoil, spoiling } from './spoiled-answers.ts';

/** R12 after R9: whose an order is, when Shopify withholds it. */

const MINUTE_MS = 60_000;
const NEW = 'gid://shopify/Order/9007199254888888888';
const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

const withoutCustomer: Spoil = (answer) => {
  for (const [i, node] of nodesOf(answer)) {
    if (!('customer' in node)) continue;
    node['customer'] = null;
    answer.errors.push(errorAt(['nodes', i, 'customer']));
  }
};

async function made() {
  const of = await privacyWorld();
  const answers = spoiling(of.world);
  /** An order of theirs that nobody named when the erasure was asked for. */
  const orderAgain = () => {
    const order = { ...of.theirOrders()[0]!, id: NEW, createdAt: of.world.now, updatedAt: of.world.now };
    const bare = { ...order, lineItems: [], refunds: [] };
    of.world.shop.orders.put(bare);
  };
  const marks = async () => (await of.world.database.status(await of.world.storeId())).marksWaiting;
  const lacking = async () => (await of.world.database.status(await of.world.storeId())).lacking;
  const orderRow = (gid: string) =>
    of.select(
      `SELECT Email, Tags, ShopifyCustomerId, ErasedAt FROM Orders WHERE ShopifyOrderId = '${decimal(gid)}'`,
    )[0];
  return { ...of, answers, orderAgain, marks, lacking, orderRow };
}

describe('an order whose customer is withheld', () => {
  test('of whom nobody knows whose it is, in a store with erased people, is written without anybody', async () => {
    const { world, redact, answers, orderAgain, marks, lacking, orderRow, wordsFound } = await made();
    redact();
    await world.live(2 * MINUTE_MS);
    answers.spoil = withoutCustomer;
    orderAgain();
    await world.reconcile('sweep', ['orders']);
    await world.live(10 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    expect(orderRow(NEW)).toEqual({ Email: null, Tags: null, ShopifyCustomerId: null, ErasedAt: null });
    expect(await marks()).toBe(1);
    expect((await lacking()).map(({ column }) => column)).toEqual([
      'Orders.Email',
      'Orders.ShopifyCustomerId',
      'Orders.Tags',
      'Refunds.Note',
    ]);
    answers.spoil = null;
    await world.live(60 * MINUTE_MS, 30_000);
    expect(wordsFound()).toEqual([]);
    expect(orderRow(NEW)).toMatchObject({ ErasedAt: expect.any(Number) });
    expect([await marks(), await lacking()]).toEqual([0, []]);
    expect(await world.differences()).toEqual([]);
  });

  test('that turns out to be somebody else’s is whole again', async () => {
    const { world, redact, person, answers, orderAgain, orderRow } = await made();
    redact();
    await world.live(2 * MINUTE_MS);
    answers.spoil = withoutCustomer;
    orderAgain();
    const [other] = [...world.shop.customers.values()].filter(({ id }) => id !== person().id);
    const order = world.shop.orders.current(NEW)!;
    world.shop.orders.put({ ...order, customerGid: other!.id, email: 'other@example.com', tags: ['theirs'] });
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(orderRow(NEW)).toMatchObject({ Email: null, Tags: null });
    answers.spoil = null;
    await world.live(60 * MINUTE_MS, 30_000);
    expect(orderRow(NEW)).toMatchObject({ Email: 'other@example.com', Tags: 'theirs', ErasedAt: null });
    expect(await world.differences()).toEqual([]);
  });

  test('is whose its row says: of an erased person nothing comes back, of others nothing is lost', async () => {
    const { world, redact, person, theirOrders, answers, select, wordsFound, orderRow } = await made();
    redact();
    await world.live(2 * MINUTE_MS);
    // As if the order itself had never been named.
    const own = theirOrders()[0]!;
    const others = [...world.shop.orders.values()].filter(({ customerGid }) => customerGid !== person().id);
    const other = others.find(({ customerGid }) => customerGid !== null)!;
    answers.spoil = withoutCustomer;
    for (const order of [own, other])
      world.shop.orders.put({ ...order, tags: [order === own ? WORD : 'changed'], updatedAt: world.now });
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    expect(orderRow(other.id)).toMatchObject({
      Tags: 'changed',
      ShopifyCustomerId: decimal(other.customerGid!),
      ErasedAt: null,
    });
    expect(select('SELECT COUNT(*) AS n FROM Suppressions')[0]!['n']).toBeGreaterThan(0);
  });

  test('is written like any other where nobody was erased', async () => {
    const { world, answers, orderAgain, orderRow } = await made();
    answers.spoil = withoutCustomer;
    orderAgain();
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(orderRow(NEW)).toMatchObject({ Email: `${WORD}@example.com`, ShopifyCustomerId: null });
  });

  test('for want of a scope is quiet, and caught up when the scope comes back', async () => {
    const { world, redact, orderAgain, marks, lacking, orderRow, wordsFound } = await made();
    redact();
    await world.live(2 * MINUTE_MS);
    const { installation } = world.shop;
    const scopes = installation.scopes.filter((scope) => scope !== 'read_customers');
    world.shop.installation = { ...installation, scopes };
    await world.connect();
    orderAgain();
    await world.reconcile('sweep', ['orders']);
    await world.live(10 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    expect(await marks()).toBe(0);
    expect(await lacking()).toContainEqual({ column: 'Orders.Email', reason: 'scope', rows: 1 });
    world.shop.installation = installation;
    await world.connect();
    await world.live(10 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    expect(orderRow(NEW)).toMatchObject({ ErasedAt: expect.any(Number) });
    expect(await lacking()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});
