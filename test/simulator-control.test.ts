/** The control door of the simulator, through its `fetch`. */
import { describe, expect, test } from 'vitest';
import { changesOf } from '../simulator/changes.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { NOW } from './simulator-trade.ts';

const domain = 'kawa.myshopify.com';
const population = { seed: 1, customers: 300, products: 20, orders: 200 };

/** A simulator with one shop that came in through the door. */
async function opened() {
  const simulator = createSimulator({ clock: () => NOW, seed: 5 });
  const call = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await simulator.fetch(new Request(`http://simulator.test/sim/${path}`, init));
    return { status: response.status, text: await response.text() };
  };
  const ask = async (method: string, path: string, body?: unknown) =>
    JSON.parse((await call(method, path, body)).text);
  const added = await ask('POST', 'shops', { domain, population, installation: { clientSecret: 'hush' } });
  const shop = simulator.shops.get(domain);
  if (!shop) throw new Error(`The door added no ${domain}.`);
  return { shop, call, ask, added };
}

describe('the control door', () => {
  test('adds a shop with a population', async () => {
    const { shop, call, added } = await opened();
    expect(added).toMatchObject({ domain, size: { customers: 300, products: 20, orders: 200 } });
    expect(shop.profile.currencyCode).toBe('JPY');
    expect((await call('POST', 'shops', { domain })).status).toBe(400);
  });

  test('tells the truth page by page', async () => {
    const { call } = await opened();
    const all = (await call('GET', `${domain}/truth/customers`)).text.trim().split('\n');
    expect(all).toHaveLength(300);
    let paged: string[] = [];
    for (let after = '0'; ; after = JSON.parse(paged.at(-1)!).key) {
      const page = (await call('GET', `${domain}/truth/customers?after=${after}&first=77`)).text.trim();
      if (page === '') break;
      paged = [...paged, ...page.split('\n')];
    }
    expect(paged).toEqual(all);
    const raw = (await call('GET', `${domain}/truth/orders?first=1&raw=1`)).text;
    expect(JSON.parse(raw)).toHaveProperty('lineItems');
  });

  test('makes changes, and tells of them', async () => {
    const { shop, call, ask } = await opened();
    const many = await ask('POST', `${domain}/changes`, { count: 20, seed: 3 });
    expect(many).toHaveLength(20);
    const [first] = [...shop.orders.values()];
    const id = first!.id.split('/').at(-1)!;
    const one = await ask('POST', `${domain}/change`, { what: 'order-annotate', id });
    expect(one).toMatchObject({ kind: 'orders', id, what: 'order-annotate', topics: ['orders/updated'] });
    expect(await ask('GET', `${domain}/changes?since=20`)).toEqual([one]);
    const paced = await call('POST', `${domain}/changes`, { count: 3, perSecond: 10_000 });
    expect(paced.text.trim().split('\n')).toHaveLength(3);
  });

  test('turns the switches it is told to and leaves the others', async () => {
    const { shop, ask } = await opened();
    const answer = await ask('POST', `${domain}/faults`, {
      webhooks: { lost: 0.1 },
      api: { serverError: 0.2 },
      consistency: { replicaLagMs: 3000, omitFromIndex: ['gid://shopify/Order/1'] },
      withheld: ['Customer.firstName'],
      scopes: ['read_orders'],
    });
    expect(answer).toMatchObject({ webhooks: { lost: 0.1, doubled: 0 }, consistency: { indexLagMs: 0 } });
    expect(shop.faults.serverError).toBe(0.2);
    expect(shop.consistency.omitFromIndex).toEqual(new Set(['gid://shopify/Order/1']));
    expect([...shop.withheld]).toEqual(['Customer.firstName']);
    expect(shop.installation).toMatchObject({ scopes: ['read_orders'], clientSecret: 'hush' });
  });

  test('uninstalls the app and installs it again', async () => {
    const { shop, ask } = await opened();
    expect(await ask('POST', `${domain}/installation`, { installed: false })).toEqual({ installed: false });
    expect([shop.installed, shop.subscriptions.size]).toEqual([false, 0]);
    expect(await ask('POST', `${domain}/installation`, { installed: true })).toEqual({ installed: true });
    expect(shop.installed).toBe(true);
  });

  test('lives until told to stop, and counts', async () => {
    const { shop, ask } = await opened();
    expect(await ask('POST', `${domain}/live`, { changesPerSecond: 1000 })).toEqual({
      changesPerSecond: 1000,
    });
    expect(await ask('POST', `${domain}/live`, { changesPerSecond: 0 })).toEqual({ changesPerSecond: 0 });
    const stats = await ask('POST', `${domain}/pump`);
    expect(stats).toMatchObject({ now: NOW, subscriptions: 0, webhooks: { pending: 0, nextDueAt: null } });
    expect(stats.changes).toBe(changesOf(shop).length);
  });

  test('asks the app for what it holds of somebody, and for erasures', async () => {
    const { shop, call, ask } = await opened();
    const asked: { topic: string; payload: Record<string, unknown>; uri: string }[] = [];
    shop.courier.notify = (topic, payload, uri) =>
      void asked.push({ topic, payload: payload as Record<string, unknown>, uri });
    const [customer] = [...shop.customers.values()].filter(
      ({ id }) => [...shop.orders.values()].filter(({ customerGid }) => customerGid === id).length > 1,
    );
    const id = customer!.id.replace(/^.*\//, '');
    const theirs = [...shop.orders.values()].filter(({ customerGid }) => customerGid === customer!.id);
    const orders = theirs.map((order) => BigInt(order.id.replace(/^.*\//, '')));
    expect((await call('POST', `${domain}/privacy`, { ask: 'redact shop' })).text).toMatch(/Say its `uri`/);
    const uri = 'https://app.test/webhooks';
    await ask('POST', `${domain}/privacy`, { ask: 'data', customer: id, uri });
    await ask('POST', `${domain}/privacy`, { ask: 'redact customer', customer: id });
    await ask('POST', `${domain}/privacy`, { ask: 'redact shop' });
    const about = { shop_domain: domain, shop_id: expect.any(BigInt) };
    const person = { id: BigInt(id), email: customer!.defaultEmailAddress?.emailAddress ?? null };
    expect(asked).toEqual([
      {
        ...{ topic: 'customers/data_request', uri },
        payload: {
          ...{ ...about, orders_requested: orders, data_request: { id: expect.any(BigInt) } },
          customer: expect.objectContaining(person),
        },
      },
      {
        ...{ topic: 'customers/redact', uri },
        payload: { ...about, orders_to_redact: orders, customer: expect.objectContaining(person) },
      },
      { topic: 'shop/redact', payload: about, uri },
    ]);
    // Shopify forgets the person itself, unless told to go on telling.
    expect(shop.customers.current(customer!.id)).toMatchObject({
      firstName: null,
      defaultEmailAddress: null,
    });
    expect(theirs.map((order) => shop.orders.current(order.id)!.email)).toEqual(theirs.map(() => null));
    expect((await call('POST', `${domain}/privacy`, { ask: 'data' })).status).toBe(400);
  });

  test('says what is wrong with a request', async () => {
    const { call } = await opened();
    const wrong = async (method: string, path: string, body?: unknown) => {
      const { status, text } = await call(method, path, body);
      return `${status} ${JSON.parse(text).error}`;
    };
    expect(await wrong('GET', 'nowhere.myshopify.com/stats')).toMatch(/^404 There is no shop "nowhere/);
    expect(await wrong('GET', `${domain}/weather`)).toMatch(/^404 There is no GET .*There are: GET truth/);
    expect(await wrong('GET', `${domain}/truth/refunds`)).toMatch(/^400 .*customers/);
    expect(await wrong('GET', `${domain}/truth/orders?after=x`)).toMatch(/^400 .*decimal Shopify id/);
    expect(await wrong('POST', `${domain}/faults`, { webhooks: { lost: 2 } })).toMatch(/^400 .*lost/s);
    expect(await wrong('POST', `${domain}/change`, { what: 'rain' })).toMatch(/^400 /);
    expect(await wrong('POST', `${domain}/change`, { what: 'order-pay', id: '1' })).toMatch(
      /^400 order-pay cannot happen/,
    );
    expect(await wrong('POST', `${domain}/changes`, { count: 0 })).toMatch(/^400 /);
  });
});
