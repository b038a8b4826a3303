import { stringify } from 'lossless-json';
import { afterEach, describe, expect, test } from 'vitest';
import { upkeep } from '../app/upkeep.ts';
import { install, uninstall } from '../simulator/installation.ts';
import { shopBody } from '../simulator/webhooks/payloads/shop.ts';
import { Reject, Transient } from '../src/failures.ts';
import { WANTED_TOPICS } from '../webhooks/topics.ts';
import { sayings } from './said.ts';
import { knockAt } from './webhook-requests.ts';
import { World } from './world.ts';

/** An app that is uninstalled and comes back, and those who only say so (R8). */
const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Longer than lies between the two refusals that prove it. */
const PROOF = 6 * MINUTE;
let world: World;
afterEach(() => world.close());

const said: string[] = [];
const log = sayings(said, ({ logger }) => logger === 'StoreService');

async function mirroredWorld(): Promise<void> {
  world = await World.create({ size: { customers: 10, products: 3, orders: 4 } });
  world.service = world.process({}, log);
  await world.mirrored();
  said.length = 0;
}

const topics = () => [...world.shop.subscriptions.values()].map(({ topic }) => topic).sort();
const WANTED = [...WANTED_TOPICS, 'APP_UNINSTALLED'].sort();

/** Says that the app is gone, with a body that Shopify signed. */
async function knock(change: object = {}, secret = world.shop.installation.clientSecret): Promise<number> {
  const body = stringify({ ...shopBody(world.shop), ...change });
  const { status } = await knockAt(world, { topic: 'app/uninstalled', body, secret });
  return status;
}

describe('an app that is uninstalled', () => {
  const store = async () => (await world.database.stores())[0]!;

  test('is confirmed by its refused credentials: the store rests, and nothing is asked of Shopify for it', async () => {
    await mirroredWorld();
    uninstall(world.shop);
    await world.live(PROOF);
    expect(await store()).toMatchObject({ active: false });
    expect((await store()).settings.attention).toMatch(/^the app was uninstalled \(2026-.*install it again/);
    const { requests } = world;
    world.change('customer-edit');
    for (const kind of ['sweep', 'census'] as const) await world.reconcile(kind);
    await world.live(10 * MINUTE);
    expect(world.requests).toBe(requests);
    // Its rows stay, and its hourly visit neither wakes it nor repeats the news.
    said.length = 0;
    await world.connect();
    expect(await store()).toMatchObject({ active: false });
    expect((await store()).settings.attention).toMatch(/^the app was uninstalled/);
    expect(said).toEqual([]);
    expect(await world.differences(['products'])).toEqual([]);
  });

  test('and installed again is resumed with a census: what happened in between is found, deletions too', async () => {
    await mirroredWorld();
    uninstall(world.shop);
    await world.live(PROOF);
    for (let n = 0; n < 20; n++) world.change();
    const [gone] = [...world.shop.products.values()];
    world.shop.products.delete(gone!.id);
    world.wait(3 * HOUR);
    install(world.shop);
    await world.connect();
    expect(await store()).toMatchObject({ active: true });
    expect((await store()).settings.attention).toBeNull();
    await world.live(5 * MINUTE);
    expect(topics()).toEqual(WANTED);
    expect(await world.differences()).toEqual([]);
    // It is heard again.
    world.edit([...world.shop.customers.values()][0]!.id, { firstName: 'Back' });
    await world.live(2 * MINUTE);
    expect(await world.differences()).toEqual([]);
  });

  test('is visited ever more rarely while it rests, and resumed at the next visit', async () => {
    await mirroredWorld();
    await upkeep(world.service);
    uninstall(world.shop);
    await world.live(PROOF);
    const { requests } = world;
    const visit = async (minutes: number) => {
      for (let n = 0; n < minutes; n++) {
        await world.live(MINUTE, MINUTE);
        await upkeep(world.service);
      }
    };
    await visit(130);
    expect(await store()).toMatchObject({ active: false });
    expect(world.requests - requests).toBeLessThanOrEqual(10);
    install(world.shop);
    await visit(30);
    expect(await store()).toMatchObject({ active: true });
    expect(said).toHaveLength(2);
    expect(said[1]).toMatch(/^information: .*: the app is installed again/);
  });

  test('loses the work that is under way: a read that was begun before writes nothing after', async () => {
    await mirroredWorld();
    world.edit([...world.shop.customers.values()][0]!.id, { firstName: 'Too late' });
    world.duringNextRequest = async () => {
      await world.database.deactivateStore((await store()).id);
    };
    await world.live(MINUTE);
    const rows = await world.database.mirrorRows((await store()).id, 'customers', null, 100);
    expect(rows.map(({ row }) => row['FirstName'])).not.toContain('Too late');
  });

  test('is told late, after it was installed again: three looks, and nothing is changed', async () => {
    await mirroredWorld();
    world.courier.faults.late = 1;
    world.courier.faults.lateMs = HOUR;
    uninstall(world.shop);
    install(world.shop);
    await world.connect();
    await world.live(2 * MINUTE);
    const { requests } = world;
    await world.live(2 * HOUR, MINUTE);
    expect(await store()).toMatchObject({ active: true });
    expect(said.filter((text) => text.includes('app/uninstalled came, but'))).toHaveLength(1);
    expect(world.requests - requests).toBeLessThanOrEqual(3);
  });

  test('is confirmed when Shopify can be asked again, hours later', async () => {
    await mirroredWorld();
    uninstall(world.shop);
    world.shop.faults.serverError = 1;
    await world.live(3 * HOUR, MINUTE);
    expect(await store()).toMatchObject({ active: true });
    world.shop.faults.serverError = 0;
    await world.live(20 * MINUTE, MINUTE);
    expect(await store()).toMatchObject({ active: false });
  });

  test.each([
    ['does not answer', () => new Transient('the database is away')],
    ['has to be mended by hand', () => new Reject('the database lacks a column')],
  ])('is confirmed hours later by a database that %s for so long', async (_, failure) => {
    await mirroredWorld();
    const { database } = world.service;
    const broken = { ...database, deactivateStore: () => Promise.reject(failure()) };
    world.service = { ...world.service, database: broken };
    uninstall(world.shop);
    await world.live(3 * HOUR, MINUTE);
    expect(await store()).toMatchObject({ active: true });
    world.service = { ...world.service, database };
    await world.live(20 * MINUTE, MINUTE);
    expect(await store()).toMatchObject({ active: false });
  });

  test('is not believed of a client secret that is wrong', async () => {
    await mirroredWorld();
    const { clientSecret } = world.shop.installation;
    world.shop.installation = { ...world.shop.installation, clientSecret: 'rotated' };
    world.shop.issuedTokens.clear();
    expect(await knock({}, clientSecret)).toBe(200);
    await world.live(20 * MINUTE, MINUTE);
    expect(await store()).toMatchObject({ active: true });
  });
});

describe('app/uninstalled', () => {
  test.each([
    ['of another shop', { myshopify_domain: 'other.myshopify.com' }],
    ['with the id of another shop', { id: 4711 }],
    ['without a shop', { myshopify_domain: null }],
  ])('%s is refused, whoever signed it', async (_, change) => {
    await mirroredWorld();
    expect(await knock(change)).toBe(400);
    expect(world.queues.receive('errands', 10, 1_000)).toEqual([]);
  });
});
