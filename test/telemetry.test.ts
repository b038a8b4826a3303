import { readFileSync } from 'node:fs';
import { app } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { registerAll } from '../app/register.ts';
import { type Observed, observe } from '../app/telemetry/observe.ts';
import { startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import { tick } from '../reconcile/tick.ts';
import { Transient } from '../src/failures.ts';
import { type Dimensions, METRICS, type MetricName } from '../src/metrics.ts';
import { type Ingestion, openIngestion } from './ingestion.ts';
import { knockAt, requestOf } from './webhook-requests.ts';
import { World } from './world.ts';

/**
 * What Application Insights receives, over https, when a store lives through a good deal: the metrics by their names,
 * kinds and dimensions, the log, and one trace from each delivery to its row. Every person of the store is called by
 * one word, which must not arrive.
 */
const WORD = /hush/i;

/** As dashboards and alerts know them. */
const NAMES = {
  counters: [
    ...['Sync.Customers.ProcessedCount', 'Sync.Products.ProcessedCount', 'Sync.Orders.ProcessedCount'],
    ...['Sync.Customers.ErrorCount', 'Sync.Products.ErrorCount', 'Sync.Orders.ErrorCount'],
    ...['Webhook.Received', 'Webhook.Refused'],
  ],
  timers: [
    ...['Sync.Customers.Duration', 'Sync.Products.Duration', 'Sync.Orders.Duration'],
    ...['Sync.Customers.Lag', 'Sync.Products.Lag', 'Sync.Orders.Lag'],
    ...['ShopifyApi.CallDuration', 'Webhook.Lag'],
  ],
  gauges: [
    ...['Sync.Customers.Gaps', 'Sync.Products.Gaps', 'Sync.Orders.Gaps'],
    ...['ShopifyApi.RateLimitRemaining', 'Stale.Waiting', 'Store.LastSyncAgeMinutes'],
  ],
};

let ingestion: Ingestion;
let world: World;
let observed: Observed;

/** Lets the exporter send what it has. */
async function sent(): Promise<void> {
  world.wait(10_000);
  await observed.telemetry.flush();
}

const itemsOf = (type: string, from = 0) =>
  ingestion.envelopes
    .slice(from)
    .filter(({ data }) => data.baseType === type)
    .map(({ tags, data }) => ({
      ...data.baseData,
      trace: tags['ai.operation.id'],
      parent: tags['ai.operation.parentId'],
    }));

/** Those of them that arrived after the first `from` items. */
const spans = (from = 0) => itemsOf('RemoteDependencyData', from);

/** What the SDK adds of its own accord stands aside. */
const ADDED = ['_OTELRESOURCE_', 'dependencies/duration', 'requests/duration', 'traces/count'];

const measured = () =>
  itemsOf('MetricData').flatMap(({ metrics = [], properties: by }) =>
    metrics.filter(({ name }) => !ADDED.includes(name)).map((sample) => ({ ...sample, by })),
  );

const total = (name: MetricName, by: Partial<Record<keyof Dimensions, string>> = {}): number =>
  measured()
    .filter(
      (each) => each.name === name && Object.entries(by).every(([key, value]) => each.by[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);

function makePersonal({ shop }: World): void {
  for (const customer of [...shop.customers.values()])
    shop.customers.put({ ...customer, firstName: 'Hush', lastName: 'Hush', note: 'hush', tags: ['hush'] });
  for (const order of [...shop.orders.values()])
    shop.orders.put({ ...order, email: 'hush@hush.example', note: 'hush', tags: ['hush'] });
}

/** One of each entity that no column can hold. */
function makeUndecodable({ shop, now }: World): void {
  const [customer] = shop.customers.values();
  const [product] = shop.products.values();
  const [order] = shop.orders.values();
  const money = { amount: 'hush', currencyCode: 'EUR' };
  shop.customers.put({ ...customer!, firstName: 'Hush'.repeat(100), updatedAt: now });
  shop.products.put({ ...product!, handle: 'hush'.repeat(200), updatedAt: now });
  shop.orders.put({
    ...order!,
    totalPriceSet: { shopMoney: money, presentmentMoney: money },
    updatedAt: now,
  });
}

async function live(): Promise<void> {
  makePersonal(world);
  await world.mirrored();
  for (let n = 0; n < 40; n++) world.change();
  await world.live(3 * 60_000);
  // Found by a sweep and announced a little later: on their way, and no gaps.
  world.courier.faults = { ...world.courier.faults, late: 1, lateMs: 150_000 };
  for (let n = 0; n < 20; n++) world.change('customer-edit');
  world.wait(45_000);
  await world.reconcile('sweep', ['customers']);
  await world.live(4 * 60_000);
  world.courier.faults = { ...world.courier.faults, late: 0 };
  // Lost, and found by a sweep; too old to be merely on its way.
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  for (let n = 0; n < 60; n++) world.change();
  await world.live(20 * 60_000);
  makeUndecodable(world);
  await world.reconcile('sweep');
  await world.live(6 * 60_000);
  world.courier.faults = { ...world.courier.faults, lost: 0 };
}

/** One of each refusal. */
async function refuse(): Promise<void> {
  await knockAt(world, { body: new Uint8Array(6 * 1024 * 1024) });
  await knockAt(world, { headers: { 'X-Shopify-Hmac-Sha256': null } });
  await knockAt(world, { headers: { 'X-Shopify-Topic': null } });
  await knockAt(world, { body: '' });
  await knockAt(world, { secret: 'hush-wrong' });
  await knockAt(world, { domain: 'nobody.myshopify.com' });
  await knockAt(world, { body: '{"id": hush' });
  await knockAt(world, { body: { id: 1, admin_graphql_api_id: 'gid://shopify/Order/1' } });
  await knockAt(world, { topic: 'carts/update' });
  await knockAt(world, { topic: 'hush@hush.example' });
  const { queues } = world.service;
  const away = { ...queues, send: () => Promise.reject(new Transient('the queue is away')) };
  world.service = { ...world.service, queues: away };
  await knockAt(world);
  world.service = { ...world.service, queues };
}

/** Shopify does not sign when something happened. */
async function lie(): Promise<void> {
  for (const at of ['2001-01-01T00:00:00Z', '2999-01-01T00:00:00Z', '2026-11-23T09:31:10Z'])
    await knockAt(world, { headers: { 'X-Shopify-Triggered-At': at, 'X-Shopify-Webhook-Id': at } });
}

beforeAll(async () => {
  ingestion = await openIngestion();
  let started: World | undefined;
  observed = observe({
    config: { connectionString: ingestion.connectionString, identity: null },
    language: 'ja',
    clock: () => started?.now ?? 0,
    monotonic: () => started?.now ?? 0,
    console: () => {},
    both: false,
  });
  await observed.telemetry.flush();
  started = await World.create({
    size: { customers: 30, products: 8, orders: 30 },
    shop: { installation: { clientSecret: 'hush-client-secret' } },
    telemetry: observed.telemetry,
  });
  world = started;
  world.service = { ...world.service, log: observed.log };
  await live();
  await refuse();
  await lie();
  await world.live(60_000);
  await tick(world.service);
  await sent();
}, 120_000);

afterAll(async () => {
  await observed.stop();
  await world.close();
  await ingestion.stop();
}, 60_000);

describe('metrics', () => {
  test('arrive by the documented names, all of them and no other', () => {
    const names = new Set(measured().map(({ name }) => name));
    expect([...names].sort()).toEqual(Object.values(NAMES).flat().sort());
  });

  test('are of their kinds: a timer spreads, a counter adds, a gauge tells', () => {
    const kinds = Object.entries(METRICS);
    const named = (kind: string) => kinds.filter(([, metric]) => metric.kind === kind).map(([name]) => name);
    expect(named('counter').sort()).toEqual([...NAMES.counters].sort());
    expect(named('timer').sort()).toEqual([...NAMES.timers].sort());
    expect(named('gauge').sort()).toEqual([...NAMES.gauges].sort());
    for (const { name, min, max, count, value } of measured()) {
      expect([name, max === undefined]).toEqual([name, !NAMES.timers.includes(name)]);
      if (max !== undefined && min !== undefined) expect(value).toBeLessThanOrEqual(max * count);
    }
  });

  test('have their dimensions, each of them and no other', () => {
    const known: Readonly<Record<string, { readonly by: readonly string[] } | undefined>> = METRICS;
    for (const { name, by } of measured()) {
      const optional = name === 'Webhook.Refused' && by['StoreId'] === undefined ? ['StoreId'] : [];
      expect([name, [...Object.keys(by), ...optional].sort()]).toEqual([name, [...known[name]!.by].sort()]);
    }
  });

  test('count what happened', async () => {
    const status = await world.database.status(await world.storeId());
    expect(total('Sync.Customers.ProcessedCount', { Outcome: 'written' })).toBeGreaterThanOrEqual(30);
    expect(total('Sync.Orders.Lag')).toBeGreaterThanOrEqual(0);
    const gaps = ['Customers', 'Products', 'Orders'] as const;
    const counted = gaps.reduce((sum, of) => sum + total(`Sync.${of}.Gaps`), 0);
    expect(counted).toBe(status.gapsFound);
    expect(measured().filter(({ by }) => by['Cause'] === 'in flight')).toEqual([]);
    expect(counted).toBeGreaterThan(5);
    const [age] = measured().filter(({ name }) => name === 'Store.LastSyncAgeMinutes');
    expect(age!.value).toBeGreaterThanOrEqual(6);
    expect(age!.value).toBeLessThan(30);
  });

  test('believe no delivery that says it was sent in another age', () => {
    const lags = measured().filter(({ name }) => name.endsWith('Lag'));
    expect(lags.length).toBeGreaterThan(4);
    for (const { name, min, max } of lags) {
      expect([name, min! >= 0]).toEqual([name, true]);
      expect([name, max! < 24 * 3_600_000]).toEqual([name, true]);
    }
    // What is not believed is counted all the same.
    expect(total('Webhook.Received', { Topic: 'CUSTOMERS_UPDATE' })).toBeGreaterThanOrEqual(3);
  });

  test('tell a record that was parked from everything else that goes wrong', () => {
    for (const entity of ['Customers', 'Products', 'Orders'] as const)
      expect(total(`Sync.${entity}.ErrorCount`, { Outcome: 'rejected', Kind: 'refresh' })).toBeGreaterThan(0);
  });

  test('tell each refusal at the door by its reason, and the store only where it is ours', () => {
    const refusals = measured().filter(({ name }) => name === 'Webhook.Refused');
    expect(refusals.map(({ by, value }) => [by['Reason'], by['StoreId'] ?? 'nobody', value]).sort()).toEqual([
      ['invalid JSON', '1', 1],
      ['no body', 'nobody', 1],
      ['no topic', 'nobody', 1],
      ['not a body of its topic', '1', 1],
      ['not durable', 'nobody', 1],
      ['too large', 'nobody', 1],
      ['unknown store', 'nobody', 1],
      ['unsigned', 'nobody', 1],
      ['wrong signature', '1', 1],
    ]);
  });

  test('take no topic from a stranger: what is not subscribed to is unknown', () => {
    const topics = measured().flatMap(({ name, by }) => (name === 'Webhook.Received' ? [by['Topic']] : []));
    expect(topics).toContain('unknown');
    expect(topics.filter((topic) => WORD.test(topic ?? ''))).toEqual([]);
  });
});

describe('the log', () => {
  const lines = () => itemsOf('MessageData');

  test('arrives with its level, logger and properties, and belongs to its trace', () => {
    const ended = lines().filter(({ message }) => message === '顧客同期完了');
    expect(ended.length).toBeGreaterThan(3);
    for (const { properties, severityLevel, trace } of ended) {
      expect(severityLevel).toBe('Information');
      expect(trace).toMatch(/^[0-9a-f]{32}$/);
      expect(properties).toMatchObject({
        logger: 'CustomerSyncService',
        StoreId: '1',
        ProcessedCount: expect.stringMatching(/^\d+$/),
        Duration: expect.stringMatching(/^\d\d:\d\d:\d\d$/),
        StartTime: expect.stringMatching(/^2026-11-23T\d\d:\d\d:\d\dZ$/),
        EndTime: expect.stringMatching(/^2026-11-23T\d\d:\d\d:\d\dZ$/),
      });
    }
    const kinds = new Set(ended.map(({ properties }) => properties['Kind']));
    expect(kinds).toEqual(new Set(['backfill', 'refresh', 'sweep']));
  });

  test('has its warnings, in the language that was asked for', () => {
    const warnings = lines().filter(({ severityLevel }) => severityLevel === 'Warning');
    expect(warnings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('demo.myshopify.comのWebhookの署名が一致しません'),
    );
  });
});

describe('a trace', () => {
  const named = (all: ReturnType<typeof spans>, name: string) => all.filter((span) => span.name === name);
  const only = (all: ReturnType<typeof spans>, name: string) => {
    const found = named(all, name);
    expect([name, found.length]).toEqual([name, 1]);
    return found[0]!;
  };

  test('leads from the delivery over mark and doorbell to the request to Shopify and the row', async () => {
    const from = ingestion.envelopes.length;
    const [, customer] = world.shop.customers.values();
    world.wait(60_000);
    world.edit(customer!.id, { note: 'hush, changed' });
    await world.live(40_000);
    await sent();
    const delivery = only(spans(from), 'delivery');
    const trace = spans(from).filter((span) => span.trace === delivery.trace);
    const mark = only(trace, 'mark');
    expect(mark.parent).toBe(delivery.id);
    const doorbell = only(trace, 'doorbell');
    expect(doorbell.parent).toBe(mark.id);
    const refresh = only(trace, 'refresh');
    expect(refresh.parent).toBe(doorbell.id);
    const request = trace.find(({ properties }) => properties['Operation'] === 'ReadCustomers')!;
    expect(request).toMatchObject({ type: 'Http', parent: refresh.id, success: true });
    expect(request.properties).toMatchObject({ StoreId: '1', Outcome: 'answered' });
    expect(only(trace, 'delivery refreshed').parent).toBe(delivery.id);
    const [line] = itemsOf('MessageData', from).filter(({ trace: of }) => of === delivery.trace);
    expect(line).toMatchObject({ message: '顧客同期完了', parent: doorbell.id });
  });

  test('ends with the row also where another delivery had it read', async () => {
    const from = ingestion.envelopes.length;
    const customers = [...world.shop.customers.values()].slice(2, 5);
    world.wait(60_000);
    for (const { id } of customers) world.edit(id, { note: 'hush too' });
    await world.live(40_000);
    await sent();
    const deliveries = named(spans(from), 'delivery');
    expect(deliveries).toHaveLength(3);
    const ends = named(spans(from), 'delivery refreshed');
    expect(ends.map(({ parent }) => parent).sort()).toEqual(deliveries.map(({ id }) => id).sort());
    // One batch read all three, in the trace of the one that rang first; the others are linked to it.
    const refresh = named(spans(from), 'refresh').find(({ trace }) =>
      deliveries.some((of) => of.trace === trace),
    )!;
    for (const { properties, trace } of ends) {
      expect(properties['_MS.links']).toContain(`"id":"${refresh.id}"`);
      expect(deliveries.map((delivery) => delivery.trace)).toContain(trace);
    }
  });

  test('is a part of the invocation in which the host asked for it, and links where it goes on', async () => {
    const from = ingestion.envelopes.length;
    const queues = openQueues(':memory:');
    const invocations: string[] = [];
    const host = await startHost({
      register: () => {
        registerAll(async () => world.service, {});
        app.hook.preInvocation(({ invocationContext }) => {
          invocations.push(invocationContext.traceContext?.traceParent ?? '');
        });
      },
      hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
      queues,
      port: 0,
      settings: {},
      timers: false,
      log: () => {},
    });
    onTestFinished(async () => {
      await host.stop();
      queues.close();
    });
    world.service = { ...world.service, queues };
    const { headers, body } = requestOf(world);
    const reply = await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', headers, body });
    expect(reply.status).toBe(200);
    while (!host.idle()) await new Promise((resolve) => setImmediate(resolve));
    await sent();
    const delivery = only(spans(from), 'delivery');
    expect(invocations[0]).toBe(`00-${delivery.trace}-${delivery.parent}-01`);
    const mark = only(spans(from), 'mark');
    expect(mark).toMatchObject({ trace: delivery.trace, parent: delivery.id });
    const [, trace, span] = invocations[1]!.split('-');
    expect(JSON.parse(mark.properties['_MS.links']!)).toEqual([{ operation_Id: trace, id: span }]);
  });

  test('tells of requests for access tokens too, by their address alone', () => {
    const tokens = spans().filter(({ properties }) => properties['Operation'] === 'AccessToken');
    // The first was asked for before anybody knew who the store is.
    expect(tokens[0]!.properties['StoreId']).toBe('0');
    expect(tokens[1]).toMatchObject({
      type: 'Http',
      data: 'http://shopify.test/demo.myshopify.com/admin/oauth/access_token',
      properties: { StoreId: '1', Outcome: 'answered' },
    });
    expect(total('ShopifyApi.CallDuration', { Operation: 'AccessToken' })).toBeGreaterThanOrEqual(0);
  });

  test('of what failed says so, by the class of the failure alone', async () => {
    const from = ingestion.envelopes.length;
    const failing = observed.telemetry.span({ name: 'census' }, () =>
      Promise.reject(new Transient('hush@hush.example broke it')),
    );
    await expect(failing).rejects.toThrow(Transient);
    await sent();
    const census = only(spans(from), 'census');
    expect(census).toMatchObject({ success: false, properties: { Failure: 'Transient' } });
  });

  test('of a request that nobody signed does not exist', async () => {
    const from = ingestion.envelopes.length;
    for (let n = 0; n < 20; n++) await knockAt(world, { secret: 'wrong' });
    await sent();
    expect(named(spans(from), 'delivery')).toEqual([]);
  });
});

test('nothing of a person, no secret and no token arrives', () => {
  expect(ingestion.texts.length).toBeGreaterThan(5);
  expect(ingestion.texts.filter((text) => WORD.test(text))).toEqual([]);
  expect(ingestion.texts.filter((text) => /shpat_|shpca_|hmac/i.test(text))).toEqual([]);
});

test('while nobody takes it, nothing waits longer than seconds and nothing fails', async () => {
  ingestion.status = 500;
  world.change();
  await world.live(30_000);
  const before = performance.now();
  await sent();
  expect(performance.now() - before).toBeLessThan(10_000);
  ingestion.status = 200;
});
