import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadSchema } from '../simulator/schema/load.ts';
import { startServer } from '../simulator/server.ts';
import { customer, order } from './simulator-objects.ts';
import { codesOf, DAY, START, world } from './simulator-world.ts';

describe('the schema', () => {
  test('a field that Shopify lacks is refused with its type and its way there', async () => {
    const { ask } = world();
    const answer = await ask('query Q { customers(first: 1) { nodes { id totalSpent } } }');
    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]).toMatchObject({
      message: "Field 'totalSpent' doesn't exist on type 'Customer'",
      path: ['query Q', 'customers', 'nodes', 'totalSpent'],
      extensions: { code: 'undefinedField', typeName: 'Customer', fieldName: 'totalSpent' },
    });
  });

  test('a deprecated field still answers, and what 2026-10 removed does not', async () => {
    const { ask, shop } = world();
    shop.customers.put(customer(1, START));
    const old = await ask('{ customer(id: "gid://shopify/Customer/1") { email } }');
    expect(old.data['customer']).toEqual({ email: 'c1@example.com' });
    expect(codesOf(await ask('{ customers(first: 1) { nodes { ordersCount } } }'))).toEqual([
      'undefinedField',
    ]);
  });

  test('what is in the schema and not in the simulator fails loudly instead of answering nothing', async () => {
    const { ask } = world();
    expect(codesOf(await ask('{ events(first: 1) { nodes { id } } }'))).toEqual(['NOT_SIMULATED']);
  });

  test('mistakes carry the codes of the real API', async () => {
    const { ask } = world();
    const page = 'query ($first: Int!) { customers(first: $first) { nodes { id } } }';
    expect(codesOf(await ask('{ customers(first: 1, where: 2) { nodes { id } } }'))).toEqual([
      'argumentNotAccepted',
    ]);
    expect(codesOf(await ask('{ shop }'))).toEqual(['selectionMismatch']);
    expect(codesOf(await ask(page, { first: 'ten' }))).toEqual(['INVALID_VARIABLE']);
    expect(codesOf(await ask(page, { first: 251 }))).toEqual(['BAD_REQUEST']);
    const ids = Array.from({ length: 251 }, (_, i) => `gid://shopify/Customer/${i}`);
    const tooMany = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(codesOf(tooMany)).toEqual(['MAX_INPUT_SIZE_EXCEEDED']);
  });
});

describe('access', () => {
  const scopes = (...granted: string[]) => ({ installation: { scopes: granted } });

  test('a missing scope on a field that cannot be null takes the whole answer with it', async () => {
    const { ask } = world(scopes('read_orders'));
    const answer = await ask('{ shop { name } customers(first: 1) { nodes { id } } }');
    expect(answer.data).toBeNull();
    expect(answer.errors?.[0]).toMatchObject({
      path: ['customers'],
      extensions: { code: 'ACCESS_DENIED', requiredAccess: '`read_customers` access scope.' },
    });
  });

  test('a missing scope on a field that can be null leaves a hole, also in nodes', async () => {
    const { ask, shop } = world(scopes('read_orders'));
    shop.customers.put(customer(1, START));
    shop.orders.put(order(2, START, { customerGid: 'gid://shopify/Customer/1' }));
    const answer = await ask(`{ orders(first: 1) { nodes { name customer { id } } }
      nodes(ids: ["gid://shopify/Customer/1", "gid://shopify/Order/2"]) { id } }`);
    expect(answer.data).toEqual({
      orders: { nodes: [{ name: '#2', customer: null }] },
      nodes: [null, { id: 'gid://shopify/Order/2' }],
    });
    expect(codesOf(answer)).toEqual(['ACCESS_DENIED', 'ACCESS_DENIED']);
  });

  test('a withheld field is null with an error that names its place', async () => {
    const { ask, shop } = world();
    shop.customers.put(customer(1, START));
    shop.withheld.add('Customer.firstName').add('CustomerEmailAddress.emailAddress');
    const answer = await ask('{ customers(first: 1) { nodes { firstName lastName } } }');
    expect(answer.data['customers']).toEqual({ nodes: [{ firstName: null, lastName: 'Mori' }] });
    expect(answer.errors?.[0]).toMatchObject({
      path: ['customers', 'nodes', 0, 'firstName'],
      extensions: { code: 'ACCESS_DENIED' },
    });
  });

  test('orders beyond 60 days exist only with read_all_orders', async () => {
    const query = `{ old: order(id: "gid://shopify/Order/1") { id } orders(first: 5) { nodes { id } } ordersCount { count } }`;
    const look = async (...granted: string[]) => {
      const { ask, shop } = world(scopes('read_orders', 'read_customers', ...granted));
      shop.orders.put(order(1, START - 61 * DAY));
      shop.orders.put(order(2, START - 59 * DAY));
      return (await ask(query)).data;
    };
    expect(await look()).toMatchObject({ old: null, orders: { nodes: [{}] }, ordersCount: { count: 1 } });
    expect(await look('read_all_orders')).toMatchObject({
      old: {},
      orders: { nodes: [{}, {}] },
      ordersCount: { count: 2 },
    });
  });

  test('a wrong token is 401, an unknown shop 404, another version is answered in ours', async () => {
    const { post, simulator } = world();
    const wrong = await post('api/2026-10/graphql.json', { query: '{ shop { id } }' }, 'shpat_wrong');
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({
      errors: '[API] Invalid API key or access token (unrecognized login or wrong password)',
    });
    const elsewhere = 'http://localhost/coffee.myshopify.com/admin/api/2026-10/graphql.json';
    expect((await simulator.fetch(new Request(elsewhere, { method: 'POST', body: '{}' }))).status).toBe(404);
    const older = await post('api/2025-01/graphql.json', { query: '{ shop { id } }' });
    expect(older.headers.get('x-shopify-api-version')).toBe('2026-10');
    expect(older.headers.get('date')).toBe('Fri, 20 Nov 2026 12:00:00 GMT');
    expect(older.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-/);
  });

  test('the client-credentials grant gives a token for a day', async () => {
    const { post, shop, clock } = world({ installation: { accessToken: null } });
    const { clientId, clientSecret } = shop.installation;
    const grant = (secret: string) =>
      post('oauth/access_token', {
        client_id: clientId,
        client_secret: secret,
        grant_type: 'client_credentials',
      });
    expect((await grant('guess')).status).toBe(400);
    const { access_token, expires_in } = (await (await grant(clientSecret)).json()) as {
      access_token: string;
      expires_in: number;
    };
    expect(expires_in).toBe(86_399);
    const call = async () =>
      (await post('api/2026-10/graphql.json', { query: '{ shop { id } }' }, access_token)).status;
    expect(await call()).toBe(200);
    clock.now += DAY;
    expect(await call()).toBe(401);
  });
});

describe('webhook subscriptions', () => {
  const create = `mutation ($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
      webhookSubscription { id topic uri apiVersion { handle } } userErrors { field message } } }`;
  const sub = { uri: 'https://mirror.example.com/hooks', includeFields: ['id', 'updated_at'] };

  test('are created, listed, updated and deleted', async () => {
    const { ask, shop } = world();
    const { data } = await ask(create, { topic: 'ORDERS_UPDATED', sub });
    const made = data['webhookSubscriptionCreate'] as { webhookSubscription: { id: string } };
    expect(made).toMatchObject({
      webhookSubscription: { apiVersion: { handle: '2026-10' } },
      userErrors: [],
    });
    const { id } = made.webhookSubscription;
    const list =
      '{ webhookSubscriptions(first: 5, topics: [ORDERS_UPDATED]) { nodes { id uri format includeFields } } }';
    expect((await ask(list)).data['webhookSubscriptions']).toEqual({
      nodes: [{ id, ...sub, format: 'JSON' }],
    });
    await ask(
      `mutation ($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: { uri: "https://b.example" }) {
      userErrors { message } } }`,
      { id },
    );
    expect(shop.subscriptions.get(id)).toMatchObject({
      uri: 'https://b.example',
      includeFields: sub.includeFields,
    });
    await ask(`mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId } }`, {
      id,
    });
    expect(shop.subscriptions.size).toBe(0);
  });

  test('are refused twice for one address, without the scope, and where nothing could be delivered', async () => {
    const { ask } = world({ installation: { scopes: ['read_orders'] } });
    const messages = async (topic: string, input: object) => {
      const { data } = await ask(create, { topic, sub: input });
      const { userErrors } = data['webhookSubscriptionCreate'] as { userErrors: { message: string }[] };
      return userErrors.map(({ message }) => message).join();
    };
    expect(await messages('ORDERS_UPDATED', sub)).toBe('');
    expect(await messages('ORDERS_UPDATED', sub)).toContain('already been taken');
    expect(await messages('CUSTOMERS_UPDATE', sub)).toContain('customers/update topic');
    expect(await messages('ORDERS_CREATE', { uri: 'pubsub://project:topic' })).toContain('not supported');
  });
});

describe('faults', () => {
  test('are off unless asked for, and each looks like itself', async () => {
    const { post, shop } = world();
    const call = () => post('api/2026-10/graphql.json', { query: '{ shop { id } }' });
    expect((await call()).status).toBe(200);
    shop.faults.serverError = 1;
    expect((await call()).status).toBe(502);
    shop.faults.serverError = 0;
    shop.faults.tooManyRequests = 1;
    expect((await call()).headers.get('retry-after')).toBe('2.0');
    shop.faults.tooManyRequests = 0;
    shop.faults.abort = 1;
    await expect(call()).rejects.toThrow('fetch failed');
  });

  test('over a socket an aborted answer is a broken connection, the next one is fine', async () => {
    const { simulator, shop } = world();
    const server = await startServer(simulator);
    const call = () =>
      fetch(`${server.url}/admin/api/2026-10/graphql.json`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-shopify-access-token': shop.installation.accessToken ?? '',
        },
        body: JSON.stringify({ query: '{ shop { myshopifyDomain } }' }),
      });
    try {
      shop.faults.abort = 1;
      await expect(call()).rejects.toThrow();
      shop.faults.abort = 0;
      const response = await call();
      expect(response.headers.get('date')).toBe('Fri, 20 Nov 2026 12:00:00 GMT');
      expect(await response.json()).toMatchObject({
        data: { shop: { myshopifyDomain: 'tea.myshopify.com' } },
      });
    } finally {
      await server.close();
    }
  });
});

test('the vendored schema is one that graphql-js reads and small enough to keep', () => {
  const sdl = readFileSync(new URL('../simulator/schema/admin-2026-10.graphql', import.meta.url), 'utf8');
  expect(sdl.length).toBeLessThan(300_000);
  expect(loadSchema().getType('Customer')).toBeDefined();
});
