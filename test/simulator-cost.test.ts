import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { estimateCost } from '../simulator/api/cost.ts';
import { loadSchema } from '../simulator/schema/load.ts';
import { customer, product } from './simulator-objects.ts';
import { codesOf, HOUR, START, world } from './simulator-world.ts';

describe('cost', () => {
  const price = (query: string, variables: object = {}, model: 'observed' | 'pessimistic' = 'observed') =>
    estimateCost(loadSchema(), parse(query), { ...variables }, model);

  test('a page of 250 heads costs 13, of 250 ids 11, and money only in the pessimistic model', () => {
    expect(price('{ orders(first: 250) { pageInfo { endCursor } nodes { id updatedAt } } }')).toBe(13);
    expect(price('{ orders(first: 250) { edges { cursor node { id } } } }')).toBe(13);
    const ids = Array.from({ length: 250 }, (_, i) => `gid://shopify/Order/${i}`);
    expect(price('query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Order { name } } }', { ids })).toBe(11);
    const money = '{ customers(first: 250) { nodes { amountSpent { amount } lastOrder { id } } } }';
    expect(price(money)).toBe(2 + 11 * 2);
    expect(price(money, {}, 'pessimistic')).toBe(2 + 11 * 3);
    expect(price('{ order(id: "gid://shopify/Order/1") { refunds(first: 100) { id } } }')).toBe(1 + 9);
    expect(
      price(
        'mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }',
      ),
    ).toBe(10);
  });

  test('the measured query of 25 points costs 25', () => {
    const query = `{ product(id: "gid://shopify/Product/1") { variants(first: 250) { nodes { inventoryItem { id } } } } }`;
    expect(price(query)).toBe(25);
  });

  test('an interface costs as much as its dearest possible type', () => {
    const query = `{ node(id: "x") { id ... on Order { customer { id lastOrder { id } } } ... on Customer { lastOrder { id } } } }`;
    expect(price(query)).toBe(3);
  });

  test('the requested cost is charged, the difference to the actual given back', async () => {
    const { ask, shop, simulator } = world();
    shop.customers.put(customer(1, START));
    const { extensions } = await ask('{ customers(first: 250) { nodes { id lastOrder { id } } } }');
    expect(extensions.cost).toEqual({
      requestedQueryCost: 24,
      actualQueryCost: 3,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1997, restoreRate: 100 },
    });
    expect(simulator.stats('tea.myshopify.com')).toMatchObject({ requests: 1, throttled: 0, points: 3 });
  });

  test('an empty bucket throttles with HTTP 200 and fills at the rate of the plan', async () => {
    const { ask, shop, clock } = world();
    for (let id = 1; id <= 250; id++) shop.products.put(product(id, 100));
    const dear =
      '{ products(first: 250) { nodes { variants(first: 100) { nodes { inventoryItem { id } } } } } }';
    let answer = await ask(dear);
    for (let i = 0; !answer.errors && i < 20; i++) answer = await ask(dear);
    expect(codesOf(answer)).toEqual(['THROTTLED']);
    const { requestedQueryCost, actualQueryCost, throttleStatus } = answer.extensions.cost;
    expect(actualQueryCost).toBeNull();
    expect(throttleStatus.currentlyAvailable).toBeLessThan(requestedQueryCost);
    clock.now += Math.ceil(
      ((requestedQueryCost - throttleStatus.currentlyAvailable) / throttleStatus.restoreRate) * 1000,
    );
    expect((await ask(dear)).errors).toBeUndefined();
    shop.plan = 'plus';
    clock.now += HOUR;
    const { extensions } = await ask('{ shop { id } }');
    expect(extensions.cost.throttleStatus).toMatchObject({ maximumAvailable: 20_000, restoreRate: 1000 });
  });

  test('a query above 1,000 points is refused before it runs, in the model that charges so', async () => {
    const money = (name: string) =>
      `${name}: totalDiscountSet { shopMoney { amount } presentmentMoney { amount } }`;
    const lines = `lineItems(first: 250) { nodes { ${money('a')} ${money('b')} ${money('c')} } }`;
    const dear = `{ orders(first: 250) { nodes { ${lines} } } }`;
    const pessimistic = await world({}, { costModel: 'pessimistic' }).ask(dear);
    expect(codesOf(pessimistic)).toEqual(['MAX_COST_EXCEEDED']);
    expect((await world().ask(dear)).errors).toBeUndefined();
  });
});
