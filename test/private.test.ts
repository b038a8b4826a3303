import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { addStore } from '../app/add-store.ts';
import { finishInstall, linkToInstall } from '../app/install-store.ts';
import { upkeep } from '../app/upkeep.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { describe as describeError } from '../local/host/log.ts';
import { reconcile } from '../reconcile/manual.ts';
import { tick } from '../reconcile/tick.ts';
import { readConfig } from '../src/config.ts';
import { tablesOf } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { Transient } from '../src/failures.ts';
import { createLog } from '../src/log/line.ts';
import { type Telemetry, untold } from '../src/telemetry.ts';
import { MemoryVault } from './memory-vault.ts';
import { knockAt } from './webhook-requests.ts';
import { World } from './world.ts';

/**
 * R12: nothing secret and nothing personal in any log, error, run record, queue message or answer. A store whose
 * every personal field holds one word lives through all that can go wrong; then the word is looked for.
 */
const WORD = /hush/i;

/** Gives every person and every free text of the shop the word, and money that no column holds to one order. */
function makePersonal(world: World): void {
  const person = { firstName: 'Hushfirst', lastName: 'Hushlast', phone: '+49-HUSH' };
  const address = { ...person, company: 'Hush Ltd', city: 'Hushville', address1: '1 Hush Lane' };
  for (const customer of [...world.shop.customers.values()]) {
    const { defaultEmailAddress: email, defaultAddress } = customer;
    world.shop.customers.put({
      ...customer,
      ...person,
      note: 'hush note',
      tags: ['hush tag'],
      defaultEmailAddress: email && { ...email, emailAddress: 'hush@hush.example' },
      defaultAddress: defaultAddress && { ...defaultAddress, ...address },
    });
  }
  for (const order of [...world.shop.orders.values()])
    world.shop.orders.put({ ...order, email: 'hush@hush.example', note: 'hush note', tags: ['hush tag'] });
}

/** Records that no column can hold. */
function makeUndecodable(world: World): void {
  const [customer] = world.shop.customers.values();
  const [order] = world.shop.orders.values();
  world.shop.customers.put({ ...customer!, firstName: `Hush${'h'.repeat(300)}`, updatedAt: world.now });
  const money = { amount: 'hush', currencyCode: 'EUR' };
  world.shop.orders.put({
    ...order!,
    totalPriceSet: { shopMoney: money, presentmentMoney: money },
    updatedAt: world.now,
  });
}

/** Measurements and spans, as what they would be sent with. */
const telling = (tell: (what: unknown) => void): Telemetry => ({
  ...untold,
  measure: (name, value, by) => tell({ measured: name, value, by }),
  span: (about, work) => {
    tell(about);
    return work({ set: tell });
  },
  moment: tell,
});

test('nothing secret or personal is written anywhere but into the mirror', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'private-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mirror.db');
  const texts: string[] = [];
  const tokens = new Set<string>();
  let world: World | undefined;
  const database = await openSqlite(file, {
    clock: () => world?.now ?? 0,
    nonce: () => world?.nonce() ?? 'first',
  });
  world = await World.create({
    size: { customers: 30, products: 8, orders: 30 },
    shop: { installation: { clientSecret: 'hush-client-secret' } },
    env: { SHOPIFY_WEBHOOK_SECRET_PREVIOUS: 'hush-previous-secret' },
    log: (...entry) => texts.push(JSON.stringify(entry)),
    telemetry: telling((what) => texts.push(JSON.stringify(what))),
    database: () => database,
  });
  const { shop } = world;
  makePersonal(world);

  /** Answers that are cut off in the middle of a person, and refusals that quote one. */
  let fetches = 0;
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) => {
    tokens.add(request.headers.get('x-shopify-access-token') ?? 'none');
    const response = await real(request);
    fetches++;
    if (fetches % 7 === 0) return new Response((await response.text()).slice(0, -40));
    if (fetches % 11 === 0) return Response.json({ errors: 'hush@hush.example' }, { status: 500 });
    if (fetches % 29 === 0)
      return Response.json({ errors: [{ message: 'hush@hush.example', extensions: { code: 'TIMEOUT' } }] });
    return response;
  };

  const attempt = async (work: () => Promise<unknown>) => {
    try {
      texts.push(JSON.stringify(await work()) ?? '');
    } catch (error) {
      texts.push(describeError(error), inspect(error, { depth: 8 }));
    }
  };
  const live = async (minutes: number) => {
    for (let n = 0; n < minutes * 6; n++) {
      for (let tries = 0; tries < 50; tries++) await attempt(() => world.work());
      world.wait(10_000);
      if (n % 6 === 0) await attempt(() => tick(world.service));
    }
  };

  await attempt(() => world.connect());
  await live(3);
  shop.faults = {
    ...shop.faults,
    serverError: 0.1,
    abort: 0.1,
    garbage: 0.1,
    tooManyRequests: 0.1,
    tokenRevoked: 0.1,
  };
  world.courier.faults = { ...world.courier.faults, forged: 0.3, lost: 0.2, doubled: 0.2 };
  for (let n = 0; n < 60; n++) world.change();
  makePersonal(world);
  makeUndecodable(world);
  for (const kind of ['sweep', 'census', 'content'] as const) {
    await attempt(() => world.reconcile(kind));
    await live(2);
  }

  for (const body of ['{"id":"hush', { id: 'hush@hush.example' }, { id: 1, email: 'hush@hush.example' }])
    for (const secret of ['hush-client-secret', 'hush-wrong-secret'])
      for (const topic of ['customers/update', 'customers/unheard_of'])
        await attempt(() => knockAt(world, { body, secret, topic }));
  await attempt(() => reconcile(world.service, { store: 'hush@hush.example', entity: 'all' }));
  await attempt(() => reconcile(world.service, { store: 1, entity: 'hush@hush.example', kind: 'hush' }));
  await live(2);

  // A database that refuses a person's row: the driver's error knows all its values.
  const raw = new DatabaseSync(file);
  onTestFinished(() => raw.close());
  for (const event of ['INSERT', 'UPDATE'])
    raw.exec(
      `CREATE TRIGGER refuse_${event} BEFORE ${event} ON Customers BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
  await attempt(() => world.reconcile('content', ['customers']));
  await live(1);
  expect(texts.some((text) => text.includes('caused by Error: refused'))).toBe(true);

  // A store that is refused altogether.
  for (const event of ['INSERT', 'UPDATE']) raw.exec(`DROP TRIGGER refuse_${event}`);
  shop.installed = false;
  await attempt(() => world.connect());
  await live(1);

  const mirror = new Set(ENTITY_NAMES.flatMap((name) => tablesOf(entityOf(name))));
  const tables = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables)
    if (!mirror.has(String(name)))
      for (const row of raw.prepare(`SELECT * FROM "${String(name)}"`).all())
        texts.push(`${String(name)}: ${Object.values(row).join(' ')}`);
  for (const row of world.queues.database.prepare('SELECT Text FROM Messages').all())
    texts.push(String(row['Text']));

  expect(texts.length).toBeGreaterThan(1_000);
  expect(texts.filter((text) => text.startsWith('{"measured"')).length).toBeGreaterThan(500);
  // What is looked for is really there.
  const people = raw.prepare('SELECT COUNT(*) AS n FROM Customers WHERE Email LIKE ?').get('%hush%');
  expect(Number(people?.['n'])).toBeGreaterThan(20);
  expect(tokens.size).toBeGreaterThan(2);
  expect(texts.filter((text) => WORD.test(text))).toEqual([]);
  for (const token of tokens)
    expect(texts.filter((text) => token !== 'none' && text.includes(token))).toEqual([]);
  const rejects = texts.filter((text) => text.startsWith('Rejects: '));
  expect(rejects.join('\n')).toMatch(/Customers.FirstName is longer than 255 characters/);
  await world.close();
});

test('no key, token or code of a store in a vault is written or said anywhere but in the vault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'private-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mirror.db');
  const texts: string[] = [];
  let world: World | undefined;
  const database = await openSqlite(file, {
    clock: () => world?.now ?? 0,
    nonce: () => world?.nonce() ?? 'first',
  });
  const vault = new MemoryVault(() => world?.now ?? 0);
  vault.put('shopify-app', { clientId: 'client-1', clientSecret: 'hush-before' });
  vault.put('shopify-app', { clientId: 'client-1', clientSecret: 'hush-client-secret' });
  world = await World.create({
    size: { customers: 10, products: 2, orders: 10 },
    vault,
    shop: { installation: { clientSecret: 'hush-client-secret', accessToken: null } },
    database: () => database,
  });
  const { shop, service } = world;
  world.log = createLog({
    clock: () => 0,
    language: 'en',
    sinks: [(line) => texts.push(JSON.stringify(line))],
  });
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      const result = await work();
      texts.push(JSON.stringify(result) ?? '', inspect(result, { depth: 8 }));
    } catch (error) {
      texts.push(describeError(error), inspect(error, { depth: 8, showHidden: true }));
    }
  };
  const live = async (minutes: number) => {
    for (let n = 0; n < minutes * 2; n++) {
      await attempt(() => world.work());
      world.wait(30_000);
      if (n % 2 === 0) await attempt(() => tick(world.service));
      if (n % 20 === 0) await attempt(() => upkeep(world.service));
      if (n % 5 === 0) world.change();
    }
  };
  const back = async () => {
    const link = await linkToInstall(service, shop.profile.domain);
    const answer = await world.simulator.fetch(new Request(link));
    return new URL(answer.headers.get('location') ?? '').searchParams;
  };

  // Installed, after being asked for wrongly in every way.
  vault.put('shopify-store-demo', { kind: 'offline' });
  await attempt(() => world.connect());
  const good = await back();
  for (const name of ['hmac', 'state', 'code', 'shop', 'timestamp']) {
    const broken = new URLSearchParams(good);
    broken.set(name, 'hush');
    await attempt(() => finishInstall(service, broken));
  }
  await attempt(() => finishInstall(service, good));
  await attempt(() => finishInstall(service, good));
  expect(shop.subscriptions.size).toBeGreaterThan(15);
  await live(2);

  // Renewals, some of which fail at Shopify, some at the vault; then broken documents, and keys that are refused.
  let calls = 0;
  let isFull = true;
  const { write } = vault;
  Object.assign(vault, {
    write: async (...args: Parameters<typeof write>) => {
      calls++;
      if (isFull) throw new Transient('the vault did not answer (503)', { retryAfterMs: 10_000 });
      await write(...args);
    },
  });
  const hour = async () => {
    world.wait(57 * 60_000);
    await live(6);
  };
  await hour();
  isFull = false;
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) =>
    request.url.endsWith('access_token') && calls++ % 3 === 1
      ? Response.json({ error: 'hush', access_token: 'hush\n', refresh_token: 'hush' }, { status: 500 })
      : await real(request);
  for (let n = 0; n < 3; n++) await hour();
  world.simulator.fetch = real;
  for (const document of [
    'hush',
    { kind: 'offline', hush: 'hush' },
    { kind: 'token', accessToken: 'hush hush' },
  ]) {
    vault.put('shopify-store-demo', document);
    await live(4);
    await attempt(() => knockAt(world, { secret: 'hush-wrong-secret' }));
  }
  vault.put('shopify-store-demo', { kind: 'token', accessToken: 'hush-static', webhookSecret: 'hush-signs' });
  await live(4);
  vault.put('shopify-store-demo', { kind: 'client', clientId: 'client-1', clientSecret: 'hush-wrong' });
  shop.offline.endAccess();
  await attempt(() => world.connect());
  await live(4);
  vault.put('shopify-store-demo', { kind: 'offline' });
  await live(4);
  await attempt(() => knockAt(world, { secret: 'hush-wrong-secret' }));
  shop.installed = false;
  await hour();
  await attempt(async () => service);
  await attempt(async () =>
    readConfig({ KEY_VAULT_URL: 'https://vault.test', DATABASE_URL: 'mssql://sa:hush@host/d' }),
  );
  await attempt(() => addStore(service, 'hush.example', { kind: 'token', accessToken: 'hush' }));

  const raw = new DatabaseSync(file);
  onTestFinished(() => raw.close());
  for (const { name } of raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all())
    for (const row of raw.prepare(`SELECT * FROM "${String(name)}"`).all())
      texts.push(`${String(name)}: ${Object.values(row).join(' ')}`);
  for (const row of world.queues.database.prepare('SELECT Text FROM Messages').all())
    texts.push(String(row['Text']));

  // What is looked for was there, in every kind.
  expect(vault.texts('shopify-tokens-demo').length).toBeGreaterThan(1);
  const never = [
    /not installed in demo.myshopify.com yet/,
    /did not take the code/,
    /vault did not answer/,
    /cannot be used/,
    /refused the app's client id and secret/,
    /no longer accepts the refresh token/,
    /wrong signature/,
    /looks like example.myshopify.com/,
  ].filter((said) => !texts.some((text) => said.test(text)));
  expect(never).toEqual([]);
  expect(texts.filter((text) => WORD.test(text) || /shp(at|rt)_/.test(text))).toEqual([]);
  await world.close();
});
