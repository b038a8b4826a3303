import { stringify } from 'lossless-json';
import { afterEach, describe, expect, test } from 'vitest';
import { addByHand } from '../app/add-store.ts';
import { resumeStore } from '../app/pause-store.ts';
import { upkeep } from '../app/upkeep.ts';
import { install, uninstall } from '../simulator/installation.ts';
import { redactShop } from '../simulator/privacy.ts';
import { shopBody } from '../simulator/webhooks/payloads/shop.ts';
import { pauseStore } from '../src/rest.ts';
import { MemoryVault } from './memory-vault.ts';
import { sayings } from './said.ts';
import { knockAt } from './webhook-requests.ts';
import { World, type WorldOptions } from './world.ts';

/** One refusal proves nothing (R8); a disconnected store comes back by itself; a paused one does not. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const size = { customers: 10, products: 3, orders: 4 };
let world: World;
const said: string[] = [];
afterEach(() => world.close());

async function mirrored(options: WorldOptions = {}): Promise<void> {
  world = await World.create({ size, ...options });
  world.service = { ...world.service, log: sayings(said, ({ logger }) => logger === 'StoreService') };
  await world.mirrored();
  said.length = 0;
}

/** A store that no configuration names. */
async function added(): Promise<void> {
  const vault = new MemoryVault();
  world = await World.create({ size, vault, env: { SHOPIFY_SHOP: '' } });
  world.service = { ...world.service, log: sayings(said, ({ logger }) => logger === 'StoreService') };
  const { clientId, clientSecret } = world.shop.installation;
  const credentials = { kind: 'client', clientId, clientSecret };
  const reply = await addByHand(world.service, { store: world.shop.profile.domain, credentials });
  expect(reply.status).toBe(201);
  await world.live(2 * MINUTE);
  said.length = 0;
}

const store = async () => (await world.database.stores())[0]!;
const knock = async () =>
  (await knockAt(world, { topic: 'app/uninstalled', body: stringify(shopBody(world.shop)) })).status;

/** As the timer does it: each minute. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= MINUTE) {
    await world.live(MINUTE, MINUTE);
    await upkeep(world.service);
  }
}

/** Refuses requests to the Admin API, or for tokens, with this status while it is on. */
function refusing(status: number, body = '{}', to: 'graphql' | 'everything' = 'graphql') {
  const state = { on: true, times: 0 };
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) => {
    if (!state.on || (to === 'graphql' && !request.url.endsWith('graphql.json'))) return await real(request);
    state.times++;
    return new Response(body, { status, headers: { date: new Date(world.now).toUTCString() } });
  };
  return state;
}

describe('an uninstallation that is told, and was none,', () => {
  test.each([403, 402, 404, 423])(
    'is not proved by %i, however often and for however long',
    async (status) => {
      await mirrored();
      refusing(status);
      for (let n = 0; n < 3; n++) {
        expect(await knock()).toBe(200);
        await pass(40 * MINUTE);
      }
      expect(await store()).toMatchObject({ active: true, refused: false });
    },
  );

  test.each([
    ['403 with an error of OAuth', 403, '{"error":"invalid_request"}'],
    ['401 of a proxy', 401, '<html>'],
    ['400 that passes', 400, '{"error":"temporarily_unavailable"}'],
  ])('is not proved by a token request that is answered %s', async (_, status, body) => {
    await mirrored();
    world.shop.issuedTokens.clear();
    const real = world.simulator.fetch.bind(world.simulator);
    world.simulator.fetch = async (request) =>
      request.url.endsWith('access_token') ? new Response(body, { status }) : await real(request);
    expect(await knock()).toBe(200);
    await pass(40 * MINUTE);
    expect(await store()).toMatchObject({ active: true, refused: false });
  });

  test('is not proved by one 401', async () => {
    await mirrored();
    const state = refusing(401);
    await knock();
    await world.work();
    expect(await store()).toMatchObject({ active: true, refused: true });
    state.on = false;
    await pass(HOUR);
    expect(await store()).toMatchObject({ active: true, refused: false });
  });

  test('is not proved by many at once: minutes have to lie between', async () => {
    await mirrored();
    refusing(401);
    for (let n = 0; n < 30; n++) {
      await knock();
      await world.live(5_000);
    }
    expect((await store()).active).toBe(true);
    await pass(4 * MINUTE);
    expect((await store()).active).toBe(false);
  });

  test('is not proved by two with an answer in between, whoever was answered', async () => {
    await mirrored();
    const state = refusing(401);
    await knock();
    await world.work();
    state.on = false;
    world.wait(MINUTE);
    world.change('customer-edit');
    await world.live(5_000);
    expect((await store()).refused).toBe(false);
    state.on = true;
    await world.live(4 * MINUTE + 30_000);
    expect((await store()).active).toBe(true);
  });

  test('is remembered over a restart: the first refusal stands in the database', async () => {
    await mirrored();
    refusing(401);
    await knock();
    await world.work();
    world.service = world.process();
    await world.live(6 * MINUTE);
    expect((await store()).active).toBe(false);
  });

  test('of a shop that is to be erased is proved in the same way: a passing refusal erases nothing', async () => {
    await mirrored({ env: { WEBHOOK_URL: 'https://driftless.test/' } });
    const state = refusing(403);
    redactShop(world.shop);
    await world.live(3 * HOUR, 5 * MINUTE);
    state.on = false;
    expect((await store()).active).toBe(true);
    await world.live(50 * HOUR, 20 * MINUTE);
    expect((await world.database.privacyRequests(null, 1))[0]).toMatchObject({ state: 'refused' });
    const once = refusing(401);
    redactShop(world.shop);
    await world.work();
    once.on = false;
    await world.live(50 * HOUR, 20 * MINUTE);
    expect(await store()).toMatchObject({ active: true });
    expect((await world.database.privacyRequests(null, 1))[0]).toMatchObject({ state: 'refused' });
  });
});

describe('a disconnected store', () => {
  test.each([
    ['that the configuration names', () => mirrored()],
    ['that an operator added', () => added()],
  ])('%s resumes by itself, with what it missed', async (_, made) => {
    await made();
    uninstall(world.shop);
    await pass(6 * MINUTE);
    expect(await store()).toMatchObject({ active: false, rest: { why: 'disconnected' } });
    world.change('customer-edit');
    const [gone] = [...world.shop.products.values()];
    world.shop.products.delete(gone!.id);
    await pass(30 * MINUTE);
    install(world.shop);
    await pass(HOUR);
    expect(await store()).toMatchObject({ active: true, rest: null, settings: { attention: null } });
    expect(await world.differences(['customers', 'products'])).toEqual([]);
    expect(said.at(-1)).toMatch(/the app is installed again; the mirror is resumed with a census/);
  });

  test('is looked at with growing delay, for ever: 5 minutes, doubling to 6 hours, once for all processes', async () => {
    await added();
    const other = { ...world.process({ SHOPIFY_SHOP: '' }), log: world.service.log };
    uninstall(world.shop);
    await pass(6 * MINUTE);
    const asked: number[] = [];
    const real = world.simulator.fetch.bind(world.simulator);
    const since = world.now;
    world.simulator.fetch = async (request) => {
      asked.push(Math.round((world.now - since) / MINUTE));
      return await real(request);
    };
    for (let minute = 0; minute < 40 * 60; minute++) {
      world.wait(MINUTE);
      await Promise.all([upkeep(world.service), upkeep(other)]);
    }
    const gaps = asked.map((at, i) => at - (asked[i - 1] ?? 0)).filter((gap) => gap > 0);
    expect(gaps.slice(1, 8)).toEqual([10, 20, 40, 80, 160, 320, 360]);
    expect(gaps.slice(8).every((gap) => gap === 360)).toBe(true);
    // A refused grant is tried again with the secret as it is now, by the one process that looks.
    expect(asked.length).toBe(2 * new Set(asked).size);
  });

  test('that the configuration names is looked at by a process that starts, which may have other credentials', async () => {
    await mirrored();
    const { clientSecret } = world.shop.installation;
    const refused = refusing(401, '{"error":"app_not_installed"}', 'everything');
    await knock();
    await pass(20 * HOUR);
    expect((await store()).active).toBe(false);
    const { times } = refused;
    await pass(HOUR);
    expect(refused.times - times).toBeLessThanOrEqual(2);
    refused.on = false;
    world.service = world.process({ SHOPIFY_CLIENT_SECRET: clientSecret });
    await pass(5 * MINUTE);
    expect((await store()).active).toBe(true);
  });

  test('has its deliveries verified, counted and shown, also after a restart', async () => {
    await added();
    uninstall(world.shop);
    await pass(6 * MINUTE);
    for (let n = 0; n < 7; n++) expect((await knockAt(world)).status).toBe(200);
    expect((await knockAt(world, { secret: 'guessed' })).status).toBe(401);
    await world.work();
    world.service = world.process({ SHOPIFY_SHOP: '' });
    expect((await store()).unheard).toBe(7);
    expect((await world.database.status(1)).marksWaiting).toBe(0);
  });

  test('is looked at soon when it is delivered for, and resumed by its credentials alone', async () => {
    await added();
    uninstall(world.shop);
    await pass(3 * HOUR);
    const { requests } = world;
    const refused = refusing(401, '{}', 'everything');
    for (let n = 0; n < 40; n++) {
      await knockAt(world);
      await world.live(15_000);
    }
    // Ten minutes: three looks at most, whatever a look costs.
    expect(refused.times).toBeLessThanOrEqual(6);
    expect(refused.times).toBeGreaterThan(0);
    expect(world.requests).toBe(requests);
    expect(await store()).toMatchObject({ active: false, unheard: 40 });
    refused.on = false;
    install(world.shop);
    await knockAt(world);
    world.wait(5 * MINUTE);
    await knockAt(world);
    await world.live(2 * MINUTE);
    expect(await store()).toMatchObject({ active: true, unheard: 0 });
  });

  test('that was resumed a moment ago loses nothing that another process turned away', async () => {
    await mirrored();
    await world.database.deactivateStore(1);
    const late = world.process();
    await late.directory.all();
    await world.connect();
    await world.live(2 * MINUTE);
    const { directory } = late;
    const stale = (await directory.all()).map((each) => ({ ...each, active: false }));
    const current = world.service;
    world.service = {
      ...late,
      directory: { ...directory, byDomain: async () => stale[0]!, all: async () => stale },
    };
    const [customer] = [...world.shop.customers.values()];
    world.edit(customer!.id, { firstName: 'Unheard' });
    await world.courier.pump();
    world.service = current;
    await world.live(MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    expect((await store()).unheard).toBe(0);
  });

  test('keeps nobody waiting, and is resumed at once by an operator who adds it again', async () => {
    await added();
    uninstall(world.shop);
    await pass(5 * HOUR);
    install(world.shop);
    const { clientId, clientSecret } = world.shop.installation;
    const credentials = { kind: 'client', clientId, clientSecret };
    const reply = await addByHand(world.service, { store: world.shop.profile.domain, credentials });
    expect(reply.status).toBe(201);
    expect(await store()).toMatchObject({ id: 1, active: true });
  });
});

describe('a paused store', () => {
  test('is resumed by nobody but an operator: not by upkeep, configuration, deliveries, or being added', async () => {
    await mirrored();
    await pauseStore(world.service, await store());
    expect(await store()).toMatchObject({ active: false, rest: { why: 'paused' } });
    expect((await store()).settings.attention).toMatch(/an operator has paused it \(2026-.*resume it/);
    const { requests } = world;
    await knockAt(world);
    await knock();
    await pass(13 * HOUR);
    await world.connect();
    world.service = world.process();
    await pass(HOUR);
    const credentials = { kind: 'client', clientId: 'x', clientSecret: 'y' };
    const reply = await addByHand(world.service, { store: world.shop.profile.domain, credentials });
    expect(reply).toMatchObject({ status: 409, body: { error: expect.stringMatching(/paused.*resume/) } });
    expect(world.requests).toBe(requests);
    expect(await store()).toMatchObject({ active: false, rest: { why: 'paused' }, unheard: 2 });
    expect(await world.database.acquireLease(1, 'orders', 'refresh', 1_000)).toBeNull();
  });

  test('starts anew when its operator resumes it, with what it missed', async () => {
    await mirrored();
    await pauseStore(world.service, await store());
    world.change('customer-edit');
    const [gone] = [...world.shop.products.values()];
    world.shop.products.delete(gone!.id);
    await pass(HOUR);
    expect(await resumeStore(world.service, await store())).toBe(true);
    await world.live(3 * MINUTE);
    expect(await store()).toMatchObject({ active: true, rest: null, settings: { attention: null } });
    expect(await world.differences(['customers', 'products'])).toEqual([]);
  });

  test('whose app is gone meanwhile is disconnected then, says so, and comes back by itself', async () => {
    await mirrored();
    await pauseStore(world.service, await store());
    uninstall(world.shop);
    await pass(HOUR);
    expect(await resumeStore(world.service, await store())).toBe(false);
    expect(await store()).toMatchObject({ active: false, rest: { why: 'disconnected' } });
    expect((await store()).settings.attention).toMatch(/credentials have not worked yet/);
    install(world.shop);
    await pass(HOUR);
    expect(await store()).toMatchObject({ active: true });
  });

  test('is erased no sooner than another: its pause is no refusal', async () => {
    await mirrored({ env: { WEBHOOK_URL: 'https://driftless.test/' } });
    await pauseStore(world.service, await store());
    await pass(60 * HOUR);
    world.shop.installed = false;
    redactShop(world.shop);
    await world.live(46 * HOUR, 20 * MINUTE);
    expect(await world.database.stores()).toHaveLength(1);
    await world.live(3 * HOUR, 20 * MINUTE);
    expect(await world.database.stores()).toEqual([]);
  });
});
