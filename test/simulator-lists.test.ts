import { describe, expect, test } from 'vitest';
import type { ShopOptions } from '../simulator/shop.ts';
import { customer, order, product, refundedOrder } from './simulator-objects.ts';
import { type Answer, codesOf, HOUR, idsOf, START, world } from './simulator-world.ts';

const heads = `query Heads($query: String, $first: Int = 10, $after: String, $sortKey: CustomerSortKeys = UPDATED_AT) {
  customers(first: $first, after: $after, query: $query, sortKey: $sortKey) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt }
  }
}`;

describe('reading', () => {
  test('nodes gives objects in the order asked, null for what is gone, whatever the kind', async () => {
    const { ask, shop } = world();
    shop.customers.put(customer(1, START));
    shop.customers.put(customer(2, START));
    shop.orders.put(order(3, START));
    shop.customers.delete('gid://shopify/Customer/2');
    const ids = ['gid://shopify/Order/3', 'gid://shopify/Customer/2', 'gid://shopify/Customer/1'];
    const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });
    expect(data['nodes']).toEqual([
      { __typename: 'Order', id: ids[0] },
      null,
      { __typename: 'Customer', id: ids[2] },
    ]);
  });

  test('times are printed in whole seconds and 64-bit integers as strings', async () => {
    const { ask, shop } = world();
    shop.customers.put(customer('9007199254740993', START + 170.695));
    const { data } = await ask(
      '{ customers(first: 1) { nodes { legacyResourceId updatedAt numberOfOrders } } }',
    );
    expect(data['customers']).toEqual({
      nodes: [
        { legacyResourceId: '9007199254740993', updatedAt: '2026-11-20T12:00:00Z', numberOfOrders: '0' },
      ],
    });
  });

  test('ids of different lengths, beyond 2^53 too, are paged as numbers and each appears once', async () => {
    const { ask, shop } = world();
    const ids = ['9007199254740993', '999', '1000', '9007199254740992', '10123456789', '8901234567'];
    for (const id of ids) shop.customers.put(customer(id, START));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const answer: Answer = await ask(heads, { first: 2, after, sortKey: 'ID' });
      seen.push(...idsOf(answer));
      const { pageInfo } = answer.data['customers'] as {
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([
      '999',
      '1000',
      '8901234567',
      '10123456789',
      '9007199254740992',
      '9007199254740993',
    ]);
  });

  test('a cursor outlives changes: an object that moves behind it is seen again, none is lost', async () => {
    const { ask, shop, clock } = world();
    for (let id = 1; id <= 4; id++) shop.customers.put(customer(id, START + id));
    const first = await ask(heads, { first: 2 });
    const { pageInfo } = first.data['customers'] as { pageInfo: { endCursor: string } };
    clock.now += HOUR;
    shop.customers.put(customer(1, clock.now));
    expect(idsOf(first)).toEqual(['1', '2']);
    expect(idsOf(await ask(heads, { after: pageInfo.endCursor }))).toEqual(['3', '4', '1']);
    expect(codesOf(await ask(heads, { after: 'bm9uc2Vuc2U=' }))).toEqual(['BAD_REQUEST']);
  });

  test('lists run backwards and in reverse', async () => {
    const { ask, shop } = world();
    for (let id = 1; id <= 5; id++) shop.customers.put(customer(id, START + id));
    const list = (args: string) =>
      ask(`{ customers(${args}) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }`);
    expect(idsOf(await list('last: 2'))).toEqual(['4', '5']);
    const reversed = await list('first: 2, reverse: true, sortKey: UPDATED_AT');
    expect(idsOf(reversed)).toEqual(['5', '4']);
    expect(reversed.data['customers']).toMatchObject({
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
  });

  test('nested connections are paged by cursor, and variants know their product', async () => {
    const { ask, shop } = world();
    shop.products.put(product(7, 3));
    const page = (after: string | null) =>
      ask(
        `query ($after: String) { product(id: "gid://shopify/Product/7") {
          variants(first: 2, after: $after) { nodes { position product { id } } pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
    const first = (await page(null)).data['product'] as { variants: { pageInfo: { endCursor: string } } };
    const second = await page(first.variants.pageInfo.endCursor);
    expect(second.data['product']).toMatchObject({
      variants: {
        nodes: [{ position: 3, product: { id: 'gid://shopify/Product/7' } }],
        pageInfo: { hasNextPage: false },
      },
    });
  });

  test('a refund is found by its own id, with the line items of its order', async () => {
    const { ask, shop } = world();
    shop.orders.put(refundedOrder());
    const { data, errors } = await ask(`{ refund(id: "gid://shopify/Refund/50") {
      order { id } refundLineItems(first: 5) { nodes { quantity lineItem { id title } } } } }`);
    expect(errors).toBeUndefined();
    expect(data['refund']).toEqual({
      order: { id: 'gid://shopify/Order/5' },
      refundLineItems: {
        nodes: [{ quantity: 1, lineItem: { id: 'gid://shopify/LineItem/51', title: 'Tea' } }],
      },
    });
  });

  test('counts stop at their limit and say so', async () => {
    const { ask, shop } = world();
    for (let id = 1; id <= 5; id++) shop.customers.put(customer(id, START - id * HOUR));
    const { data } = await ask(`{
      all: customersCount(limit: null) { count precision }
      some: customersCount(limit: 3) { count precision }
      found: customersCount(limit: null, query: "updated_at:>='2026-11-20T10:00:00Z'") { count precision }
    }`);
    expect(data).toEqual({
      all: { count: 5, precision: 'EXACT' },
      some: { count: 3, precision: 'AT_LEAST' },
      found: { count: 2, precision: 'EXACT' },
    });
  });
});

describe('filters', () => {
  const at = (time: string) => Date.parse(`2026-11-${time}Z`);
  const stocked = (options: Partial<ShopOptions> = {}) => {
    const made = world(options);
    made.shop.customers.put(customer(1, at('18T23:30:00')));
    made.shop.customers.put(customer(2, at('19T10:00:00') + 170.695));
    made.shop.customers.put(customer(3, at('19T22:00:00')));
    return { ...made, find: async (query: string) => idsOf(await made.ask(heads, { query })) };
  };

  test('a quoted timestamp means that second, and > behaves like >= on it', async () => {
    const { find } = stocked();
    expect(await find("updated_at:>='2026-11-19T10:00:00Z'")).toEqual(['2', '3']);
    expect(await find("updated_at:>'2026-11-19T10:00:00Z'")).toEqual(['2', '3']);
    expect(await find("updated_at:>'2026-11-19T10:00:01Z'")).toEqual(['3']);
    expect(await find("updated_at:<'2026-11-19T10:00:00Z'")).toEqual(['1', '2']);
  });

  test("an unquoted timestamp loses its time of day and is a day in the shop's zone", async () => {
    const { find } = stocked();
    expect(await find('updated_at:>=2026-11-19T20:00:00Z')).toEqual(['2', '3']);
    // Tokyo's 19th began at 15:00 UTC on the 18th and ended at 15:00 UTC on the 19th.
    const tokyo = stocked({ ianaTimezone: 'Asia/Tokyo', timezoneOffsetMinutes: 540 });
    expect(await tokyo.find('updated_at:2026-11-19T20:00:00Z')).toEqual(['1', '2']);
  });

  test('customers may match by whole days, and then > drops the day itself', async () => {
    const { find, shop } = stocked();
    shop.consistency.customersByWholeDay = true;
    expect(await find("updated_at:>='2026-11-19T20:00:00Z'")).toEqual(['2', '3']);
    expect(await find("updated_at:>'2026-11-18T00:00:00Z'")).toEqual(['2', '3']);
    expect(await find("updated_at:>'2026-11-19T00:00:00Z'")).toEqual([]);
  });

  test('an unknown filter is ignored and everything comes back', async () => {
    const { find } = stocked();
    expect(await find("modified_at:>='2026-11-19T20:00:00Z'")).toEqual(['1', '2', '3']);
    expect(await find("modified_at:>='2026-11-19T20:00:00Z' id:>=3")).toEqual(['3']);
  });

  test('terms combine with AND, OR, NOT and parentheses', async () => {
    const { find } = stocked();
    expect(await find('id:1 OR id:3')).toEqual(['1', '3']);
    expect(await find('(id:1 OR id:2) AND -email:c1@example.com')).toEqual(['2']);
    expect(await find('NOT id:<=2')).toEqual(['3']);
  });
});

describe('consistency', () => {
  test('the index shows an object where it stood, the replica what it is', async () => {
    const { ask, shop, clock } = world({ consistency: { indexLagMs: 60_000 } });
    shop.customers.put(customer(1, START - HOUR), START - HOUR);
    shop.customers.put(customer(2, START - HOUR / 2), START - HOUR);
    shop.customers.put(customer(1, START));
    const since = (time: number) => ({ query: `updated_at:>='${new Date(time).toISOString()}'` });
    expect(idsOf(await ask(heads, since(START - 1000)))).toEqual([]);
    const page = await ask(heads, since(START - 2 * HOUR));
    expect(page.data['customers']).toMatchObject({
      nodes: [
        { id: 'gid://shopify/Customer/1', updatedAt: '2026-11-20T12:00:00Z' },
        { id: 'gid://shopify/Customer/2', updatedAt: '2026-11-20T11:30:00Z' },
      ],
    });
    expect(idsOf(await ask(heads))).toEqual(['2', '1']);
    clock.now += 60_000;
    expect(idsOf(await ask(heads, since(START - 1000)))).toEqual(['1']);
  });

  test('a lagging replica knows neither the newest change nor the newest death', async () => {
    const { ask, shop, clock } = world({ consistency: { replicaLagMs: 3000 } });
    shop.customers.put(customer(1, START - HOUR), START - HOUR);
    shop.customers.put(customer(2, START - HOUR), START - HOUR);
    shop.customers.put(customer(1, START, { note: 'new' }));
    shop.customers.delete('gid://shopify/Customer/2');
    shop.customers.put(customer(3, START));
    const look = () => ask('{ customers(first: 5) { nodes { id note } } }');
    const before = await look();
    expect(idsOf(before)).toEqual(['1', '2']);
    expect(before.data['customers']).toMatchObject({ nodes: [{ note: null }, {}] });
    clock.now += 3000;
    expect(idsOf(await look())).toEqual(['1', '3']);
  });

  test('the index can omit an object that reads by id and unfiltered lists still show', async () => {
    const { ask, shop } = world();
    shop.customers.put(customer(1, START));
    shop.consistency.omitFromIndex.add('gid://shopify/Customer/1');
    expect(idsOf(await ask(heads, { query: 'id:>0' }))).toEqual([]);
    expect(idsOf(await ask(heads))).toEqual(['1']);
  });
});
