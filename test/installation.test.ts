import '@shopify/shopify-api/adapters/web-api';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addByHand, addStore } from '../app/add-store.ts';
import { assemble } from '../app/assemble.ts';
import { finishInstall, linkToInstall } from '../app/install-store.ts';
import { registerAll } from '../app/register.ts';
import { upkeep } from '../app/upkeep.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { type LocalHost, startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import { startServer } from '../simulator/server.ts';
import type { Shop } from '../simulator/shop.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { readConfig } from '../src/config.ts';
import { Secret } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import { API_VERSION } from '../src/shopify/documents.ts';
import { readReturn } from '../src/shopify/installation.ts';
import { untold } from '../src/telemetry.ts';
import { neverRings } from './alarms.ts';
import { MemoryVault } from './memory-vault.ts';
import { sayings } from './said.ts';

/** Stores that come while Driftless runs, over the wire on both sides: to our doors, and to Shopify. */
const DOMAIN = 'demo.myshopify.com';
let shop: Shop;
let vault: MemoryVault;
let service: Service;
let host: LocalHost;
let said: string[];
let close: () => Promise<void>;

beforeEach(async () => {
  await using opened = new AsyncDisposableStack();
  const simulator = createSimulator();
  shop = simulator.addShop({ domain: DOMAIN, installation: { accessToken: null } });
  const shopify = await startServer(simulator);
  opened.defer(() => shopify.close());
  vault = new MemoryVault(Date.now);
  putApp();
  const queues = openQueues(':memory:');
  opened.defer(() => queues.close());
  let nonces = 0;
  const nonce = () => `n${++nonces}`;
  const database = await openSqlite(':memory:', { clock: Date.now, nonce });
  opened.defer(() => database.close());
  said = [];
  host = await startHost({
    register: () => registerAll(async () => service, {}),
    hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
    queues: openQueues(':memory:'),
    port: 0,
    settings: {},
    timers: false,
    log: () => {},
  });
  opened.defer(() => host.stop());
  const config = readConfig({
    KEY_VAULT_URL: 'https://vault.test',
    SHOPIFY_ORIGIN: `${shopify.url}/{shop}`,
    WEBHOOK_URL: host.url,
  });
  service = assemble(config, {
    database,
    queues,
    vault,
    log: sayings(said),
    telemetry: untold,
    alarm: neverRings,
    clock: Date.now,
    monotonic: () => performance.now(),
    // A tenth of what it would wait for somebody who renews tokens.
    sleep: (ms) => sleepFor(ms / 10),
    random: Math.random,
    nonce,
    fetch,
  });
  const all = opened.move();
  close = () => all.disposeAsync();
});
afterEach(() => close());

const putApp = () => {
  const { clientId, clientSecret } = shop.installation;
  vault.put('shopify-app', { clientId, clientSecret });
};
const storeNow = async () => (await service.database.stores()).find(({ domain }) => domain === DOMAIN);
const install = (query = `shop=${DOMAIN}`, key = host.functionKey) =>
  fetch(`${host.url}/api/stores/install?${query}`, {
    headers: { 'x-functions-key': key },
    redirect: 'manual',
  });
/** The merchant's browser: to Shopify's page, and where that sends it. */
async function agreed(): Promise<URL> {
  const asked = (await install()).headers.get('location');
  const back = (await fetch(asked!, { redirect: 'manual' })).headers.get('location');
  return new URL(back!);
}
const arrive = async (url: URL) => {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
};

describe('an installation', () => {
  test('ends with tokens in the vault, a store that was reached, and its first mirror under way', async () => {
    const { status, text, headers } = await arrive(await agreed());
    expect({ status, text }).toEqual({
      status: 200,
      text: 'demo.myshopify.com is installed. You may close this page.',
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(vault.texts('shopify-store-demo')[0]!)).toEqual({ kind: 'offline' });
    const tokens = JSON.parse(vault.texts('shopify-tokens-demo')[0]!) as Record<string, string>;
    expect(shop.offline.accepts(tokens['accessToken']!)).toBe(true);
    expect(await storeNow()).toMatchObject({
      active: true,
      secretName: 'shopify-store-demo',
      shopId: shop.profile.id.split('/').at(-1),
      settings: { attention: null },
    });
    expect(shop.subscriptions.size).toBeGreaterThan(15);
    expect(said).toEqual([]);
  });

  test('asks for the scopes of the app, for an expiring token, and comes back to our door', async () => {
    const asked = new URL((await install()).headers.get('location')!);
    expect(asked.pathname).toBe(`/${DOMAIN}/admin/oauth/authorize`);
    expect(asked.searchParams.get('client_id')).toBe(shop.installation.clientId);
    expect(asked.searchParams.get('scope')).toBe('');
    expect(asked.searchParams.get('redirect_uri')).toBe(`${host.url}/api/stores/callback`);
    expect(asked.href).not.toContain(shop.installation.clientSecret);
  });

  test('can be done again, and leaves the store as it is with tokens that work', async () => {
    await arrive(await agreed());
    const before = await storeNow();
    expect((await arrive(await agreed())).status).toBe(200);
    expect(await storeNow()).toMatchObject({ id: before!.id, active: true, settings: { attention: null } });
    expect(vault.texts('shopify-store-demo')).toHaveLength(1);
    expect(vault.texts('shopify-tokens-demo')).toHaveLength(2);
  });

  test('brings a store back whose app had been uninstalled', async () => {
    await arrive(await agreed());
    const { id } = (await storeNow())!;
    await service.database.deactivateStore(id);
    shop.installed = false;
    expect((await arrive(await agreed())).status).toBe(200);
    expect(await storeNow()).toMatchObject({ id, active: true, settings: { attention: null } });
  });

  test('waits for a renewal that is under way, whose tokens it ends', async () => {
    await arrive(await agreed());
    const { id } = (await storeNow())!;
    const lease = await service.database.acquireTokenLease(id, 60_000);
    const back = await agreed();
    const waits = Promise.withResolvers<void>();
    const { sleep } = service;
    service = {
      ...service,
      sleep: async (ms) => {
        waits.resolve();
        await sleep(ms);
      },
    };
    const arriving = arrive(back);
    await Promise.race([waits.promise, arriving]);
    // The renewal writes what it got, and lets go.
    vault.put('shopify-tokens-demo', { accessToken: 'dead', issuedAt: 0 });
    await service.database.releaseTokenLease(id, lease!);
    expect((await arriving).status).toBe(200);
    const tokens = JSON.parse(vault.texts('shopify-tokens-demo')[0]!) as Record<string, string>;
    expect(shop.offline.accepts(tokens['accessToken']!)).toBe(true);
  });

  test('goes on after a rotation of the app’s secret, though it is remembered', async () => {
    const back = agreed();
    await back;
    shop.installation = { ...shop.installation, clientSecret: 'rotated' };
    putApp();
    expect((await arrive(await agreed())).status).toBe(200);
  });

  test.each(['named by another secret', 'in its own document'])(
    'goes by the app of that store alone, whose keys are %s',
    async (where) => {
      const keys = keysOf(shop);
      vault.put('shopify-app', { clientId: 'of-the-others', clientSecret: 'of-the-others' });
      vault.put('shopify-app-two', keys);
      const own = where.startsWith('named') ? { app: 'shopify-app-two' } : keys;
      vault.put('shopify-store-demo', { kind: 'offline', ...own });
      service = {
        ...assembleAnew(),
        configuredStores: [{ domain: DOMAIN, secretName: 'shopify-store-demo' }],
      };
      const { status, text } = await arrive(await agreed());
      expect({ status, text }).toEqual({ status: 200, text: expect.stringMatching(/is installed/) });
      expect(await storeNow()).toMatchObject({ active: true, settings: { attention: null } });
      expect(vault.texts('shopify-store-demo')).toHaveLength(1);
      expect(said).toEqual([]);
    },
  );

  test('from then on the store is kept by the upkeep as those of the configuration are', async () => {
    await arrive(await agreed());
    shop.subscriptions.clear();
    await upkeep(service);
    expect(shop.subscriptions.size).toBeGreaterThan(15);
  });
});

test('what Shopify asks in the name of privacy is answered for a shop that is not, or no longer, here', async () => {
  const body = JSON.stringify({ shop_id: 1, shop_domain: DOMAIN });
  const ask = (secret: string) =>
    fetch(`${host.url}/api/webhooks/shopify`, {
      method: 'POST',
      headers: {
        'x-shopify-topic': 'shop/redact',
        'x-shopify-shop-domain': DOMAIN,
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
      },
      body,
    });
  expect(await storeNow()).toBeUndefined();
  expect((await ask(shop.installation.clientSecret)).status).toBe(200);
  expect((await ask('forged')).status).toBe(401);
});

describe('nobody gets in who was not asked', () => {
  test('the link is for operators', async () => {
    expect((await install(undefined, 'wrong')).status).toBe(401);
  });

  test.each([
    '',
    'shop=',
    'shop=evil.example.com',
    'shop=demo.myshopify.com.evil.com',
    'shop=a/b.myshopify.com',
  ])('no link for "%s"', async (query) => {
    const answer = await install(query);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(/looks like example/)]);
  });

  test.each<[string, (url: URL) => void, RegExp]>([
    ['no signature', (url) => url.searchParams.delete('hmac'), /not signed by Shopify/],
    ['a wrong signature', (url) => url.searchParams.set('hmac', '0'.repeat(64)), /not signed by Shopify/],
    ['another code', (url) => url.searchParams.set('code', 'x'), /not signed by Shopify/],
    ['another shop', (url) => url.searchParams.set('shop', 'evil.myshopify.com'), /not signed by Shopify/],
    ['one more parameter', (url) => url.searchParams.set('more', '1'), /not signed by Shopify/],
  ])('%s', async (_, change, says) => {
    const back = await agreed();
    change(back);
    const { status, text } = await arrive(back);
    expect({ status, text }).toEqual({ status: 400, text: expect.stringMatching(says) });
    expect(await storeNow()).toBeUndefined();
    expect(vault.texts('shopify-tokens-demo')).toEqual([]);
  });

  test('a merchant who started from Shopify, or with a link for another store', async () => {
    const ours = new URL((await install()).headers.get('location')!);
    const foreign = new URL(await linkToInstall(service, 'other.myshopify.com'));
    for (const state of ['', 'x.y.z', foreign.searchParams.get('state')!]) {
      ours.searchParams.set('state', state);
      const back = (await fetch(ours, { redirect: 'manual' })).headers.get('location')!;
      const { status, text } = await arrive(new URL(back));
      expect({ status, text }).toEqual({ status: 400, text: expect.stringMatching(/nobody here asked/) });
    }
    expect(await storeNow()).toBeUndefined();
  });

  test('a code that was used before', async () => {
    const back = await agreed();
    expect((await arrive(back)).status).toBe(200);
    const { status, text } = await arrive(back);
    expect({ status, text }).toEqual({
      status: 400,
      text: expect.stringMatching(
        /did not take the code \(400 invalid_request\): open the install link again/,
      ),
    });
  });

  test('such a code wakes no store that rests, and leaves another its credentials', async () => {
    const back = await agreed();
    expect((await arrive(back)).status).toBe(200);
    const { id } = (await storeNow())!;
    await service.database.activateStore({ domain: DOMAIN, secretName: 'env:SHOPIFY' });
    expect((await arrive(back)).status).toBe(400);
    expect(await storeNow()).toMatchObject({ id, secretName: 'env:SHOPIFY', active: true });
    await service.database.deactivateStore(id);
    expect((await arrive(back)).status).toBe(400);
    expect((await storeNow())?.active).toBe(false);
  });

  test('forged calls have the app’s keys read once more, not each time', async () => {
    const back = await agreed();
    back.searchParams.set('hmac', '0'.repeat(64));
    vault.asked.length = 0;
    for (let n = 0; n < 20; n++) {
      await arrive(back);
      back.searchParams.set('shop', `nobody-${n}.myshopify.com`);
    }
    expect(vault.asked).toEqual(['versions shopify-app']);
  });

  test('what only an operator can mend is told to the log alone', async () => {
    const back = await agreed();
    vault.keepNewest('shopify-app', 0);
    service = assembleAnew();
    const { status, text } = await arrive(back);
    expect(status).toBe(503);
    expect(text).toMatch(/cannot be finished now/);
    expect(text).not.toMatch(/vault|secret/);
    expect(said).toEqual([
      expect.stringMatching(/could not be finished: the vault has no secret shopify-app/),
    ]);
  });
});

/** A process that remembers nothing. */
function assembleAnew(): Service {
  const { database, queues, log, clock, monotonic, sleep, nonce, originOf, webhookUrl } = service;
  const config = readConfig({
    KEY_VAULT_URL: 'https://vault.test',
    SHOPIFY_ORIGIN: originOf('{shop}'),
    WEBHOOK_URL: webhookUrl!,
  });
  return assemble(config, {
    database,
    queues,
    log,
    telemetry: untold,
    alarm: neverRings,
    clock,
    monotonic,
    sleep,
    nonce,
    vault,
    fetch,
    random: Math.random,
  });
}

test('the link is good for a day, and what Shopify sends for ten minutes', async () => {
  const back = await agreed();
  const secrets = [new Secret(shop.installation.clientSecret)];
  const at = (ms: number) => readReturn(back.searchParams, secrets, () => Date.now() + ms);
  expect(at(0).ok).toBe(true);
  expect(at(-11 * 60_000)).toMatchObject({ ok: false, why: expect.stringMatching(/too old/) });
  expect(at(11 * 60_000)).toMatchObject({ ok: false, why: expect.stringMatching(/too old/) });
  const state = back.searchParams.get('state')!;
  expect(Number(state.split('.')[0])).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  expect(Number(state.split('.')[0])).toBeLessThan(Date.now() + 25 * 3_600_000);
});

describe('a store that an operator adds', () => {
  test.each<[string, () => Parameters<typeof addStore>[2]]>([
    ['with a static token', () => ({ kind: 'token', accessToken: 'shpat_static', webhookSecret: 'signs' })],
    ['with the keys of the app', () => ({ kind: 'client' })],
    ['with keys of its own', () => ({ kind: 'client', ...keysOf(shop) })],
  ])('%s', async (_, credentials) => {
    shop.installation = { ...shop.installation, accessToken: 'shpat_static' };
    const store = await addStore(service, ' Demo.myshopify.com', credentials());
    expect(store).toMatchObject({ domain: DOMAIN, active: true, settings: { attention: null } });
    expect(store.shopId).not.toBeNull();
  });

  test('with credentials that Shopify refuses is refused, and says why', async () => {
    const wrong = { kind: 'client' as const, clientId: 'client-1', clientSecret: 'hush' };
    const failure = await addStore(service, DOMAIN, wrong).catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      /refused the app's client id and secret \(400 invalid_client\): check them/,
    );
    expect(String(failure)).not.toContain('hush');
    expect((await storeNow())?.settings.attention).toMatch(/refused the app's client id/);
    await addStore(service, DOMAIN, { kind: 'client', ...keysOf(shop) });
    expect((await storeNow())?.settings.attention).toBeNull();
  });

  test('comes by the operator door, and is not taken twice', async () => {
    const add = async (body: unknown, key = host.functionKey) => {
      const headers = { 'x-functions-key': key };
      const answer = await fetch(`${host.url}/api/stores`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const right = { store: DOMAIN, credentials: { kind: 'client', ...keysOf(shop) } };
    expect((await add(right, 'guessed')).status).toBe(401);
    const wrong = { ...right, credentials: { ...right.credentials, clientSecret: 'hush' } };
    expect(await add(wrong)).toEqual({ status: 422, text: expect.stringMatching(/invalid_client/) });
    expect(await add(right)).toEqual({ status: 201, text: JSON.stringify({ store: DOMAIN, id: 1 }) });
    expect(await add(wrong)).toEqual({ status: 409, text: expect.stringMatching(/another version/) });
    expect((await storeNow())?.settings.attention).toBeNull();
  });

  test('with a token, and nothing to verify webhooks by, says so, subscribes to nothing, and is added again', async () => {
    const accessToken = 'shpat_static';
    Object.assign(shop.installation, { accessToken });
    const add = async (more: object) =>
      await addByHand(service, { store: DOMAIN, credentials: { kind: 'token', accessToken, ...more } });
    expect(await add({})).toMatchObject({
      status: 422,
      body: { error: expect.stringMatching(/sweeps alone: add its webhookSecret/) },
    });
    expect(shop.subscriptions.size).toBe(0);
    expect((await storeNow())?.shopId).not.toBeNull();
    expect(await add({ webhookSecret: shop.installation.clientSecret })).toMatchObject({ status: 201 });
    expect(shop.subscriptions.size).toBeGreaterThan(15);
    expect((await storeNow())?.settings.attention).toBeNull();
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', null, /wrong or missing: the whole/],
    ['no shop', { store: 'hush.example', credentials: { kind: 'client' } }, /no domain of a shop/],
    [
      'a kind that a merchant grants',
      { store: DOMAIN, credentials: { kind: 'offline' } },
      /credentials.kind/,
    ],
    [
      'half a pair of keys',
      { store: DOMAIN, credentials: { kind: 'client', clientId: 'hush' } },
      /clientSecret/,
    ],
    [
      'a token with a blank',
      { store: DOMAIN, credentials: { kind: 'token', accessToken: 'hush hush' } },
      /accessToken/,
    ],
  ])('with %s in the request changes nothing, and no answer says it again', async (_, body, why) => {
    const { status, body: answer } = await addByHand(service, body);
    expect(status).toBeOneOf([400, 422]);
    expect(String(answer['error'])).toMatch(why);
    expect(String(answer['error'])).not.toContain('hush');
    expect(await storeNow()).toBeUndefined();
  });

  test('needs a vault', async () => {
    const { database, queues, log, clock, monotonic, sleep, nonce } = service;
    const given = { telemetry: untold, alarm: neverRings, fetch, random: Math.random };
    const outside = { database, queues, log, clock, monotonic, sleep, nonce, ...given };
    const { secrets } = assemble(readConfig({}), outside);
    await expect(addStore({ ...service, secrets }, DOMAIN, { kind: 'client' })).rejects.toThrow(
      /no vault to keep secrets in: set KEY_VAULT_URL/,
    );
  });
});

const keysOf = ({ installation: { clientId, clientSecret } }: Shop) => ({ clientId, clientSecret });

describe('Shopify’s own library agrees', () => {
  const library = () =>
    shopifyApi({
      apiKey: shop.installation.clientId,
      apiSecretKey: shop.installation.clientSecret,
      apiVersion: ApiVersion.October26,
      hostName: 'driftless.test',
      isEmbeddedApp: false,
      logger: { level: LogSeverity.Error, log: () => {} },
    });

  test('on what is signed when a merchant comes back', async () => {
    const back = await agreed();
    const valid = (url: URL) => library().utils.validateHmac(Object.fromEntries(url.searchParams));
    expect(await valid(back)).toBe(true);
    back.searchParams.set('code', 'another');
    expect(await valid(back)).toBe(false);
  });

  test('on the version of the API', () => {
    expect(API_VERSION).toBe(ApiVersion.October26);
    expect(
      Object.values(ApiVersion)
        .filter((version) => version !== ApiVersion.Unstable)
        .sort()
        .at(-1),
    ).toBe(API_VERSION);
  });
});

test('two who finish one installation at once: one gets the store, the other is told to start again', async () => {
  const { searchParams } = await agreed();
  const ends = await Promise.all([
    finishInstall(service, searchParams),
    finishInstall(service, searchParams),
  ]);
  expect(ends.map(({ ok }) => ok).sort()).toEqual([false, true]);
  const tokens = JSON.parse(vault.texts('shopify-tokens-demo')[0]!) as Record<string, string>;
  expect(shop.offline.accepts(tokens['accessToken']!)).toBe(true);
});
