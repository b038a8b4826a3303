import { afterEach, describe, expect, test } from 'vitest';
import type { WebhookSubscription } from '../simulator/profile.ts';
import { WANTED_TOPICS } from '../webhooks/topics.ts';
import { sayings } from './said.ts';
import { WEBHOOK_URL, World, type WorldOptions } from './world.ts';

/** Webhook subscriptions that mend themselves, and what is owed for the time in which nothing was heard. */
const HOUR = 3_600_000;
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

const said: string[] = [];
const log = sayings(said);

async function mirroredWorld(options: WorldOptions = {}): Promise<void> {
  said.length = 0;
  world = await World.create({ size: { customers: 10, products: 3, orders: 4 }, ...options });
  world.service = world.process({}, log);
  await world.mirrored();
  world.wait(HOUR);
  said.length = 0;
}

const standing = () => [...world.shop.subscriptions.values()];
const topics = () =>
  standing()
    .map(({ topic }) => topic)
    .sort();
const WANTED = [...WANTED_TOPICS, 'APP_UNINSTALLED'].sort();

function change(topic: string, to: Partial<WebhookSubscription>): void {
  const subscription = standing().find((each) => each.topic === topic)!;
  world.shop.subscriptions.set(subscription.id, { ...subscription, ...to });
}

function add(more: Partial<WebhookSubscription>): string {
  const id = `gid://shopify/WebhookSubscription/${world.shop.nextId()}`;
  world.shop.subscriptions.set(id, { ...standing()[0]!, ...more, id });
  return id;
}

/** Which sweeps and censuses the hour brought. */
async function owed(): Promise<readonly string[]> {
  await world.connect();
  world.wait(2 * MINUTE);
  const work = world.queues.receive('sweeps', 32, 1_000).map(({ text }) => JSON.parse(text));
  world.wait(2_000);
  return work.map(({ entity, kind }) => `${entity} ${kind}`).sort();
}

describe('every hour', () => {
  test('the topics that the entities name stand, each once, and nothing is owed', async () => {
    await mirroredWorld();
    expect(topics()).toEqual(WANTED);
    expect(await owed()).toEqual([]);
    expect(topics()).toEqual(WANTED);
    expect(said).toEqual([]);
  });

  test('a missing one is put up again, and its entities are swept and counted', async () => {
    await mirroredWorld();
    const { id } = standing().find(({ topic }) => topic === 'PRODUCTS_DELETE')!;
    world.shop.subscriptions.delete(id);
    expect(await owed()).toEqual(['products census', 'products sweep']);
    expect(topics()).toEqual(WANTED);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^warning: Webhook subscriptions were missing .* since 2026-11-23T.*: PRODUCTS_DELETE; that time is swept/,
    );
  });

  test('doubles, and topics that nobody wants, are taken down; those of other addresses are left alone', async () => {
    await mirroredWorld();
    const double = add({ topic: 'ORDERS_UPDATED' });
    const unwanted = add({ topic: 'COLLECTIONS_UPDATE' });
    const foreign = add({ topic: 'ORDERS_UPDATED', uri: 'https://other.example/hook' });
    expect(await owed()).toEqual([]);
    expect([double, unwanted, foreign].map((id) => world.shop.subscriptions.has(id))).toEqual([
      false,
      false,
      true,
    ]);
    expect(
      standing()
        .filter(({ uri }) => uri === WEBHOOK_URL)
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(WANTED);
  });

  test.each([
    ['some fields only', { includeFields: ['note'] }],
    ['a filter', { filter: 'id:1' }],
  ])('one that was changed to %s is made whole, and what it left out is swept', async (_, to) => {
    await mirroredWorld();
    change('CUSTOMERS_UPDATE', to);
    world.edit([...world.shop.customers.values()][0]!.id, { firstName: 'Unheard' });
    await world.work();
    expect(await world.differences(['customers'])).not.toEqual([]);
    expect(await owed()).toEqual(['customers census', 'customers sweep']);
    expect(standing().find(({ topic }) => topic === 'CUSTOMERS_UPDATE')).toMatchObject({
      filter: null,
      includeFields: [],
    });
    await world.work();
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('of two for one topic the whole one stays', async () => {
    await mirroredWorld();
    change('ORDERS_UPDATED', { includeFields: ['note'] });
    const whole = add({ topic: 'ORDERS_UPDATED', includeFields: [] });
    expect(await owed()).toEqual([]);
    expect(
      standing()
        .filter(({ topic }) => topic === 'ORDERS_UPDATED')
        .map(({ id }) => id),
    ).toEqual([whole]);
  });

  test('a topic that Shopify refuses is said once, and is no reason to look through the store every hour', async () => {
    await mirroredWorld({
      shop: {
        installation: { scopes: ['read_customers', 'read_products', 'read_orders', 'read_all_orders'] },
      },
    });
    expect(topics()).toEqual(WANTED.filter((topic) => topic !== 'CUSTOMERS_MERGE'));
    const [store] = await world.database.stores();
    expect(store!.settings.refusedTopics).toEqual(['CUSTOMERS_MERGE']);
    expect(await owed()).toEqual([]);
    expect(said).toEqual([]);
  });

  test('a topic that another process puts up at the same time is no topic that Shopify refuses', async () => {
    await mirroredWorld();
    const lost = standing().find(({ topic }) => topic === 'PRODUCTS_DELETE')!;
    world.shop.subscriptions.delete(lost.id);
    const { simulator } = world;
    const real = simulator.fetch.bind(simulator);
    simulator.fetch = async (request) => {
      const isList = (await request.clone().text()).includes('query Webhooks(');
      const response = await real(request);
      if (isList && !topics().includes(lost.topic)) add({ topic: lost.topic });
      return response;
    };
    expect(await owed()).toEqual(['products census', 'products sweep']);
    expect(topics()).toEqual(WANTED);
    expect(said.filter((text) => text.includes('refuse'))).toEqual([]);
    expect((await world.database.stores())[0]!.settings.refusedTopics).toEqual([]);
    await world.work();
    world.wait(HOUR);
    expect(await owed()).toEqual([]);
  });

  test('a topic that was refused and is granted is owed too, even if the process dies before it says so', async () => {
    await mirroredWorld({
      shop: {
        installation: { scopes: ['read_customers', 'read_products', 'read_orders', 'read_all_orders'] },
      },
    });
    // As one left it who put it up and died.
    add({ topic: 'CUSTOMERS_MERGE' });
    // A merge tells of the orders of the customer that is gone, too.
    expect(await owed()).toEqual(['customers census', 'customers sweep', 'orders census', 'orders sweep']);
    expect((await world.database.stores())[0]!.settings.refusedTopics).toEqual([]);
    await world.work();
    world.wait(HOUR);
    expect(await owed()).toEqual([]);
  });
});

describe('the version of deliveries', () => {
  const otherVersion = async () => (await world.database.stores())[0]!.settings.otherVersion;

  test('is looked at: another one is said once an hour, in the log and in the status, and marks all the same', async () => {
    await mirroredWorld();
    world.shop.webhookVersion = '2026-07';
    const { id } = [...world.shop.customers.values()][0]!;
    for (let n = 0; n < 3; n++) {
      world.edit(id, { firstName: `Aya ${n}` });
      await world.live(MINUTE);
    }
    const odd = () => said.filter((text) => text.includes('version 2026-07 of the Admin API'));
    expect(odd()).toHaveLength(1);
    expect(odd()[0]).toMatch(/^warning: .*api_version in shopify\.app\.toml\) to 2026-10/);
    expect(await otherVersion()).toMatchObject({ version: '2026-07' });
    expect(await world.differences(['customers'])).toEqual([]);
    world.wait(HOUR);
    world.edit(id, { firstName: 'Emi' });
    await world.live(MINUTE);
    expect(odd()).toHaveLength(2);
  });

  test('is asked of the subscriptions too, and forgotten when it is ours again', async () => {
    await mirroredWorld();
    world.shop.webhookVersion = '2026-07';
    await world.connect();
    expect(await otherVersion()).toMatchObject({ version: '2026-07' });
    world.shop.webhookVersion = '2026-10';
    world.wait(3 * HOUR);
    await world.connect();
    expect(await otherVersion()).toBeNull();
  });
});
