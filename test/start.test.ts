/** `npm start` as a person meets it: it mirrors, stops at any moment, and goes on from there. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { attend } from '../app/upkeep.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { compare } from '../local/compare.ts';
import { SHORTENED } from '../local/demo.ts';
import { startDriftless } from '../local/driftless.ts';
import { phaseOf } from '../local/phase.ts';
import { SimulatedShop } from '../local/simulated.ts';
import { drained } from '../local/waiting.ts';
import { Journal } from '../simulator/journal.ts';
import type { Database } from '../src/database.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { anybodys, STORE, startHere } from './start-here.ts';
import { directory, freePort, SIZE, STACK, Start, silentPort } from './start-process.ts';

async function databaseIn(...path: readonly string[]): Promise<Database> {
  const database = await openSqlite(join(...path, 'driftless.db'), { clock: Date.now, nonce: randomUUID });
  onTestFinished(() => database.close());
  return database;
}

async function statusIn(database: Database) {
  const [store] = await database.stores();
  if (!store) throw new Error('The database has no store.');
  const status = await database.status(store.id);
  const states = await Promise.all(ENTITY_NAMES.map((name) => database.syncState(store.id, name)));
  const mirrored = states.every(({ watermark }) => watermark !== null);
  return { ...status, mirrored, phase: await phaseOf(database, store, status) };
}

async function differences(database: Database, shop: SimulatedShop): Promise<readonly string[]> {
  const [store] = await database.stores();
  const found = ENTITY_NAMES.map((name) => compare(database, store!.id, name, shop.truth(name)));
  return (await Promise.all(found)).flatMap(({ differences }) => differences.map(({ where }) => where));
}

describe('the simulated store', () => {
  const size = { customers: 400, products: 100, orders: 400 };
  const args = ['--data=data', ...Object.entries(size).map(([name, n]) => `--${name}=${n}`)];
  /** Slow enough to be interrupted: every object costs a point, and there are few. */
  const slowly = ['--plan=standard', '--cost-model=pessimistic'];

  test('interrupted in its first mirror, the next start goes on, and in the end nothing differs', async () => {
    const cwd = directory();
    const first = new Start(cwd, [...args, ...slowly]);
    await first.says(/: mirroring …/);
    const interruptedAt = performance.now();
    first.kill('SIGINT');
    expect(await first.exit()).toBe(0);
    expect(performance.now() - interruptedAt).toBeLessThan(5_000);
    expect(first.said).toMatch(/Stopping …\nStopped\.\n$/);
    expect(first.said).not.toMatch(STACK);
    const database = await databaseIn(cwd, 'data', 'demo');
    expect(await statusIn(database)).toMatchObject({ phase: 'mirroring' });

    const second = new Start(cwd, args);
    await second.says(/The store lives/);
    await vi.waitUntil(async () => (await statusIn(database)).deliveries > 3, 10_000);
    second.kill('SIGINT');
    expect(await second.exit()).toBe(0);
    expect(second.said).not.toMatch(STACK);
    // Living by then, but for the marks of its trade, of which a slow machine has many.
    expect(await statusIn(database)).toMatchObject({ mirrored: true });
    await database.close();

    expect(await differencesAfterRest(join(cwd, 'data', 'demo'))).toEqual([]);
  });

  /** The shop as it was left, without further changes, and Driftless at work until it has nothing to do. */
  async function differencesAfterRest(dataDir: string): Promise<readonly string[]> {
    const settings = { seed: 1, plan: 'plus', costModel: 'observed', journal: join(dataDir, 'shop.db') };
    const { signal } = new AbortController();
    const shop = await SimulatedShop.start({ ...settings, ...size }, signal);
    onTestFinished(() => shop.stop());
    const driftless = await startDriftless({
      env: { ...shop.env, ...SHORTENED, SETTLE_MS: '500' },
      dataDir,
      timers: false,
      log: () => () => {},
      webhooksToHost: true,
      signal,
    });
    onTestFinished(() => driftless.stop());
    const { service } = driftless;
    await attend(service, service.configuredStores[0]!);
    const [store] = await service.database.stores();
    // Some fields move without `updatedAt`; only reading everything again finds them.
    for (const entity of ENTITY_NAMES)
      await service.queues.send('sweeps', { storeId: store!.id, entity, kind: 'content' });
    await drained({ driftless, storeId: store!.id, signal }, 15_000, 1_500);
    return await differences(service.database, shop);
  }

  test('ends with whoever started it, even if that was killed', async () => {
    const cwd = directory();
    const start = new Start(cwd, args);
    await start.says(/: mirroring …/);
    start.kill('SIGKILL');
    await start.exit();
    // A simulator that lived on would hold its journal.
    const journal = new Journal(join(cwd, 'data', 'demo', 'shop.db'), () => {});
    journal.close();
  });
});

describe('a store of one’s own', () => {
  test('is mirrored by sweeps alone where webhooks cannot come, and not mirrored again', async () => {
    const shop = await anybodys();
    const cwd = directory();
    const { SHOPIFY_CLIENT_ID, SHOPIFY_CLIENT_SECRET, ...rest } = shop.env;
    const env = { ...rest, SHOPIFY_ACCESS_TOKEN: 'shpat_00000001', PORT: '0' };
    writeFileSync(
      join(cwd, '.env'),
      Object.entries(env)
        .map((pair) => pair.join('='))
        .join('\n'),
    );
    const first = new Start(cwd, []);
    await first.says(/From now on sweeps find what changes: .*orders at "0 15/);
    first.kill('SIGTERM');
    expect(await first.exit()).toBe(0);
    expect(first.said).toMatch(new RegExp(`mirrored, ${SIZE.customers + SIZE.products + SIZE.orders} obj`));
    expect(await differences(await databaseIn(cwd, '.driftless'), shop)).toEqual([]);

    const second = new Start(cwd, []);
    await second.says(/135 objects are mirrored already/);
    await second.says(/From now on/);
    expect(second.said).not.toMatch(/mirroring/);
  });

  test('is listened to where they can', async () => {
    const shop = await anybodys();
    const data = directory();
    const port = String(await freePort());
    const { said } = startHere({ ...shop.env, PORT: port, WEBHOOK_URL: `http://127.0.0.1:${port}` }, data);
    await vi.waitUntil(() => said.some((line) => /From now on webhooks tell/.test(line)), 10_000);
    for await (const _ of shop.changes({ count: 5, perSecond: 500, seed: 3 }));
    const database = await databaseIn(data);
    await vi.waitUntil(async () => (await statusIn(database)).deliveries >= 5, 5_000);
  });

  test('is waited for while it cannot be reached, and left at once', async () => {
    const env = { ...STORE, SHOPIFY_ORIGIN: `http://127.0.0.1:${await freePort()}` };
    const { said, ended, stop } = startHere(env);
    await vi.waitUntil(() => said.some((line) => /could not be reached.*tried again/.test(line)), 5_000);
    stop();
    expect(await ended).toBe('');
  });

  test('that does not answer does not hold up the end', async () => {
    const port = await silentPort();
    const { said, ended, stop } = startHere({ ...STORE, SHOPIFY_ORIGIN: `http://127.0.0.1:${port.number}` });
    await port.asked;
    stop();
    expect(await ended).toBe('');
    expect(said).toEqual([expect.stringMatching(/^Connecting to a.myshopify.com/)]);
  });

  test('of which only a part may be read is mirrored in that part', async () => {
    const shop = await anybodys(['read_products', 'read_orders']);
    const { said, ended, stop } = startHere({ ...shop.env, SETTLE_MS: '500' });
    await vi.waitUntil(() => said.some((line) => /mirrored, \d+ objects/.test(line)), 10_000);
    stop();
    expect(await ended).toBe('');
    expect(said.join('\n')).toMatch(/customers cannot be read without read_customers: grant it/);
    expect(said.join('\n')).toMatch(/older than 60 days cannot be read/);
  });
});
