/** The population of a simulated shop, what happens in it, and the truth that a mirror is measured against. */
import { describe, expect, test } from 'vitest';
import { withTotals } from '../simulator/changes/totals.ts';
import { type Change, change, changesOf, type What, whats } from '../simulator/changes.ts';
import { expectedRow, expectedRows } from '../simulator/expected.ts';
import type { Customer, MoneyBag, Order } from '../simulator/model.ts';
import { parseAmount } from '../simulator/money.ts';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import type { Shop } from '../simulator/shop.ts';
import { createSimulator, type Simulator } from '../simulator/simulator.ts';
import { gidOf, HOUR_MS, kinds, live, NOW, newWorld, populated } from './simulator-trade.ts';

const truthOf = (shop: Shop) => kinds.map((kind) => [...expectedRows(shop, kind)]);
const shopAmount = (set: MoneyBag | null) => parseAmount(set?.shopMoney.amount ?? '0.0');
const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, amount) => total + amount, 0n);

/** The fields whose values the schema restricts, and those it does not let be null. */
const everyEnumAndMore = {
  customers: `state locale tags taxExemptions numberOfOrders amountSpent { currencyCode } lastOrder { processedAt }
    defaultEmailAddress { emailAddress marketingState marketingOptInLevel }
    defaultPhoneNumber { phoneNumber smsMarketingConsent { state optInLevel collectedFrom } }
    defaultAddress { id countryCodeV2 }`,
  products: `status category { fullName } options(first: 3) { name values }
    variants(first: 20) { nodes { price inventoryPolicy selectedOptions { name value }
      inventoryItem { tracked unitCost { currencyCode } measurement { weight { value unit } } } } }`,
  orders: `cancelReason displayFinancialStatus displayFulfillmentStatus returnStatus currencyCode
    presentmentCurrencyCode shippingAddress { countryCodeV2 }
    refunds(first: 5) { processedAt refundLineItems(first: 10) { nodes { restockType lineItem { id } } } }
    lineItems(first: 20) { nodes { quantity product { id } variant { id } } }`,
};

async function askAdminApi(simulator: Simulator, { profile, installation }: Shop, body: object) {
  const url = `http://simulator.test/${profile.domain}/admin/api/2026-10/graphql.json`;
  const headers = {
    'content-type': 'application/json',
    'x-shopify-access-token': installation.accessToken ?? '',
  };
  const response = await simulator.fetch(
    new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
  return JSON.parse(await response.text());
}

describe('population', () => {
  test('the same seed gives the same shop, another seed another', () => {
    const [first, again, other] = [populated(3), populated(3), populated(4)].map(({ shop }) => truthOf(shop));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('it has the cases that break mirrors', () => {
    const { shop } = populated();
    const customers = [...shop.customers.values()];
    const orders = [...shop.orders.values()];
    const lines = orders.flatMap((order) => order.lineItems);
    const has = (list: readonly unknown[]) => expect(list.length).toBeGreaterThan(0);
    has(customers.filter((one) => one.firstName === null && one.lastName === null));
    has(customers.filter((one) => one.defaultEmailAddress === null));
    has(customers.filter((one) => one.defaultPhoneNumber === null));
    has(customers.filter((one) => one.defaultAddress === null));
    has(customers.filter((one) => /\p{Extended_Pictographic}/u.test([one.note, ...one.tags].join())));
    has([...shop.products.values()].filter((product) => product.variants.length === 250));
    has(orders.filter((order) => order.lineItems.length === 120));
    has(orders.filter((order) => order.customerGid === null));
    has(orders.filter((order) => order.test));
    has(orders.filter((order) => order.edited));
    has(orders.filter((order) => order.cancelledAt !== null));
    has(orders.filter((order) => order.refunds.length > 1));
    has(orders.filter((order) => order.displayFinancialStatus === 'PARTIALLY_REFUNDED'));
    has(orders.filter((order) => order.displayFinancialStatus === null));
    has(orders.filter((order) => order.presentmentCurrencyCode === 'USD'));
    has(lines.filter((line) => line.productGid === null && line.vendor === null));
    has(lines.filter((line) => line.productGid === null && line.vendor !== null));
    has(
      lines.filter((line) => line.discountAllocations.length > 0 && shopAmount(line.totalDiscountSet) === 0n),
    );
    expect(orders.every((order) => /^\d+\.0$/.test(order.totalPriceSet.shopMoney.amount))).toBe(true);
  });

  test('each kind has ids of 3, 10, 13 and 19 digits, the longest beyond 2^53', () => {
    const { shop } = populated();
    for (const kind of kinds) {
      const lengths = new Set([...expectedRows(shop, kind)].map(({ key }) => key.length));
      expect([kind, ...lengths]).toEqual([kind, 3, 10, 13, 19]);
    }
  });

  test('times lie in the past two years, in order, and some objects share one second', () => {
    const { shop } = populated();
    const seconds = new Map<number, number>();
    for (const kind of kinds) {
      for (const { createdAt, updatedAt } of shop.collection(kind).values()) {
        expect(createdAt).toBeLessThanOrEqual(updatedAt);
        expect(updatedAt).toBeLessThan(NOW);
        expect(createdAt).toBeGreaterThan(NOW - 731 * 24 * HOUR_MS);
        const second = Math.floor(updatedAt / 1000);
        seconds.set(second, (seconds.get(second) ?? 0) + 1);
      }
    }
    expect(Math.max(...seconds.values())).toBeGreaterThan(5);
  });

  test('all of it can be read through the Admin API, before and after changes', async () => {
    const clock = { now: NOW };
    const simulator = createSimulator({ clock: () => clock.now });
    const shop = simulator.addShop({ domain: 'nami.myshopify.com', currencyCode: 'JPY', plan: 'enterprise' });
    populate(shop, { seed: 1, customers: 200, products: 30, orders: 300 });
    live({ shop, clock }, 300);
    for (const [kind, fields] of Object.entries(everyEnumAndMore)) {
      for (let after = null; ; ) {
        const query = `query($after: String) { ${kind}(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { ${fields} } } }`;
        const { data, errors } = await askAdminApi(simulator, shop, { query, variables: { after } });
        expect(errors).toBeUndefined();
        const { hasNextPage, endCursor } = data[kind].pageInfo;
        clock.now += 10_000;
        if (!hasNextPage) break;
        after = endCursor;
      }
    }
  });

  test('100,000 customers take less than five seconds', () => {
    const { shop } = newWorld();
    const begin = performance.now();
    populate(shop, { seed: 1, customers: 100_000, products: 0, orders: 0 });
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(shop.customers.size).toBe(100_000);
  });
});

/** Every total of every object, recomputed from the parts by other formulas than the simulator's. */
function expectTotalsToAgree(shop: Shop): void {
  const byCustomer = new Map<string, Order[]>();
  for (const order of shop.orders.values()) {
    expectOrderToAddUp(order);
    if (order.customerGid)
      byCustomer.set(order.customerGid, [...(byCustomer.get(order.customerGid) ?? []), order]);
  }
  for (const customer of shop.customers.values()) {
    const orders = byCustomer.get(customer.id) ?? [];
    byCustomer.delete(customer.id);
    expect(customer.numberOfOrders).toBe(String(orders.length));
    expect(parseAmount(customer.amountSpent.amount)).toBe(
      sum(orders.map((order) => shopAmount(order.netPaymentSet))),
    );
    expect(customer.lastOrderGid).toBe(lastOf(orders)?.id ?? null);
  }
  expect([...byCustomer.keys()]).toEqual([]);
  for (const { variants, totalInventory } of shop.products.values()) {
    const tracked = variants.filter(({ inventoryItem }) => inventoryItem.tracked);
    expect(totalInventory).toBe(tracked.reduce((total, one) => total + (one.inventoryQuantity ?? 0), 0));
    expect(variants.map(({ position }) => position)).toEqual(variants.map((_, index) => index + 1));
  }
}

const lastOf = (orders: readonly Order[]) =>
  orders.reduce<Order | null>(
    (last, order) => (last && last.processedAt > order.processedAt ? last : order),
    null,
  );

function expectOrderToAddUp(order: Order): void {
  const allocated = (line: Order['lineItems'][number]) =>
    sum(line.discountAllocations.map(({ allocatedAmountSet }) => shopAmount(allocatedAmountSet)));
  const subtotal = sum(order.lineItems.map((line) => shopAmount(line.originalTotalSet) - allocated(line)));
  expect(shopAmount(order.subtotalPriceSet)).toBe(subtotal);
  expect(shopAmount(order.totalDiscountsSet)).toBe(sum(order.lineItems.map(allocated)));
  expect(shopAmount(order.totalPriceSet)).toBe(subtotal + shopAmount(order.totalShippingPriceSet));
  const refunded = sum(order.refunds.map(({ totalRefundedSet }) => shopAmount(totalRefundedSet)));
  expect(shopAmount(order.totalRefundedSet)).toBe(refunded);
  expect(shopAmount(order.netPaymentSet)).toBe(shopAmount(order.totalReceivedSet) - refunded);
  expect(shopAmount(order.netPaymentSet)).toBeGreaterThanOrEqual(0n);
  for (const line of order.lineItems) {
    const back = order.refunds.flatMap(({ refundLineItems }) =>
      refundLineItems.filter((one) => one.lineItemGid === line.id),
    );
    const returned = back.reduce((total, { quantity }) => total + quantity, 0);
    expect(line.currentQuantity).toBeLessThanOrEqual(line.quantity - returned);
    expect(line.currentQuantity).toBeGreaterThanOrEqual(0);
  }
  expect(withTotals(order)).toEqual(order);
}

describe('changes', () => {
  test('after thousands of changes all totals still agree', () => {
    const world = populated();
    expectTotalsToAgree(world.shop);
    live(world, 2500);
    expectTotalsToAgree(world.shop);
    expect(new Set(changesOf(world.shop).map(({ what }) => what))).toEqual(new Set(whats));
  });

  test('the same seed makes the same changes', () => {
    const [first, again] = [populated(), populated()];
    live(first, 400);
    live(again, 400);
    expect(changesOf(again.shop)).toEqual(changesOf(first.shop));
    expect(truthOf(again.shop)).toEqual(truthOf(first.shop));
  });

  test('often one object changes twice within one second', () => {
    const world = populated();
    live(world, 1000);
    const seconds = changesOf(world.shop).map(({ kind, id, at }) => `${kind} ${id} ${Math.floor(at / 1000)}`);
    expect(seconds.length - new Set(seconds).size).toBeGreaterThan(50);
  });

  const quiet: readonly What[] = ['customer-tags', 'customer-consent', 'product-unit-cost'];
  const deletions: readonly What[] = ['customer-delete', 'product-delete', 'order-delete'];

  test.each(whats.filter((what) => !deletions.includes(what)))('%s shows in the truth', (what) => {
    const world = populated();
    const { shop, clock } = world;
    const before = structuredClone(
      new Map(kinds.flatMap((kind) => [...expectedRows(shop, kind)].map((row) => [row.key, row]))),
    );
    clock.now += 5000;
    const { kind, id } = change(shop, new Random(2), { what });
    const after = expectedRow(shop, kind, gidOf(kind, id));
    expect(after).not.toBeNull();
    expect(after).not.toEqual(before.get(id));
    const moved = after?.row['UpdatedAt'] !== before.get(id)?.row['UpdatedAt'];
    expect(moved).toBe(!quiet.includes(what));
  });

  test.each(deletions)('%s leaves nothing behind', (what) => {
    const { shop } = populated();
    const { kind, id, topics: announced } = change(shop, new Random(2), { what });
    expect(expectedRow(shop, kind, gidOf(kind, id))).toBeNull();
    expect(announced[0]).toBe(`${kind}/delete`);
  });

  test('line items outlive their product, without its ids and without moving their order', () => {
    const { shop } = populated();
    const order = [...shop.orders.values()].find(({ lineItems }) =>
      lineItems.some(({ productGid }) => productGid),
    )!;
    const line = order.lineItems.find(({ productGid }) => productGid)!;
    const itemOf = () =>
      expectedRow(shop, 'orders', order.id)!.children.find(({ key }) => key === line.id.split('/').at(-1))!;
    const before = itemOf();
    change(shop, new Random(1), { what: 'product-delete', gid: line.productGid! });
    expect(itemOf().row).toEqual({ ...before.row, ShopifyProductId: null, ShopifyVariantId: null });
    expect(before.links).toHaveProperty('ProductHandle');
    expect(itemOf().links).toEqual({});
    expect(shop.orders.current(order.id)?.updatedAt).toBe(order.updatedAt);
  });

  test('a merge hands over the orders and the lost customer is gone', () => {
    const { shop } = populated();
    const before = new Set([...shop.customers.values()].map(({ id }) => id));
    const { id, topics: announced } = change(shop, new Random(9), { what: 'customer-merge' });
    const after = new Set([...shop.customers.values()].map((customer) => customer.id));
    expect([...before].filter((gid) => !after.has(gid))).toHaveLength(1);
    expect(after.has(gidOf('customers', id))).toBe(true);
    expect(announced).toEqual(['customers/merge', 'customers/update']);
    expectTotalsToAgree(shop);
  });

  test('an order moves its customer only where the shop is said to do so', () => {
    for (const spendMovesUpdatedAt of [false, true]) {
      const { shop, clock } = populated(1, { spendMovesUpdatedAt });
      const before = new Map([...shop.customers.values()].map((customer) => [customer.id, customer]));
      clock.now += 1000;
      const random = new Random(1);
      let made: Change;
      do made = change(shop, random, { what: 'order-create' });
      while (!made.topics.includes('customers/purchasing_summary'));
      const buyer = shop.customers.current(shop.orders.current(gidOf('orders', made.id))!.customerGid!)!;
      expect(buyer.numberOfOrders).toBe(String(Number(before.get(buyer.id)!.numberOfOrders) + 1));
      expect(buyer.updatedAt > before.get(buyer.id)!.updatedAt).toBe(spendMovesUpdatedAt);
      expect(made.topics.includes('customers/update')).toBe(spendMovesUpdatedAt);
    }
  });

  test('what cannot happen says so', () => {
    const { shop } = newWorld();
    expect(() => change(shop, new Random(1), { what: 'order-refund' })).toThrow(/order-refund cannot happen/);
    expect(() => change(shop, new Random(1), { what: 'order-create', gid: 'gid://shopify/Order/1' })).toThrow(
      /leave out the id/,
    );
  });
});

describe('the truth', () => {
  test('spells money with four decimals, times in whole seconds, lists with commas', () => {
    const { shop } = newWorld();
    const customer: Customer = {
      __typename: 'Customer',
      id: 'gid://shopify/Customer/9007199254740993100',
      createdAt: Date.parse('2025-01-02T03:04:05.999Z'),
      updatedAt: Date.parse('2026-01-02T03:04:05.001Z') + 0.5,
      firstName: '𠮷',
      lastName: null,
      defaultEmailAddress: null,
      defaultPhoneNumber: null,
      defaultAddress: null,
      state: 'DISABLED',
      verifiedEmail: false,
      locale: 'ja',
      note: null,
      tags: ['a', 'b 🎂'],
      taxExempt: false,
      taxExemptions: [],
      dataSaleOptOut: false,
      numberOfOrders: '0',
      amountSpent: { amount: '12000.0', currencyCode: 'JPY' },
      lastOrderGid: null,
    };
    shop.customers.put(customer);
    expect([...expectedRows(shop, 'customers')]).toEqual([
      {
        table: 'Customers',
        key: '9007199254740993100',
        row: {
          FirstName: '𠮷',
          LastName: null,
          Email: null,
          Phone: null,
          Company: null,
          City: null,
          ProvinceCode: null,
          CountryCode: null,
          AddressPhone: null,
          AcceptsEmailMarketing: false,
          AcceptsSMSMarketing: false,
          TotalSpent: '12000.0000',
          TotalSpentCurrency: 'JPY',
          TotalOrders: 0,
          TaxExempt: false,
          Tags: 'a, b 🎂',
          State: 'DISABLED',
          VerifiedEmail: false,
          Locale: 'ja',
          Note: null,
          LastOrderDate: null,
          LastShopifyOrderId: null,
          CreatedAt: '2025-01-02T03:04:05Z',
          UpdatedAt: '2026-01-02T03:04:05Z',
          ShopifyCreatedAt: '2025-01-02T03:04:05Z',
          ShopifyUpdatedAt: '2026-01-02T03:04:05Z',
        },
        children: [],
      },
    ]);
  });

  test('names every item, refund and refunded line of an order once', () => {
    const { shop } = populated();
    const orders = [...expectedRows(shop, 'orders')];
    const refunds = orders.flatMap(({ children }) => children.filter(({ table }) => table === 'Refunds'));
    const rows = [
      ...orders,
      ...orders.flatMap(({ children }) => children),
      ...refunds.flatMap(({ children }) => children),
    ];
    expect(new Set(rows.map(({ table, key }) => `${table} ${key}`)).size).toBe(rows.length);
    const refund = refunds.find(({ children }) => children.some(({ key }) => key.includes('-')))!;
    const item = refund.children.find(({ key }) => key.includes('-'))!;
    expect(item.key).toBe(`${refund.key}-${item.row['ShopifyLineItemId']}`);
  });
});
