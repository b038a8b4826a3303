/** What can never work ends `npm start` at once, and says what to do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Environment } from '../src/config.ts';
import { anybodys, STORE, startHere } from './start-here.ts';
import { directory, STACK, Start } from './start-process.ts';

const refusal = async (env: Environment, data = join(directory(), 'data')): Promise<string> =>
  await startHere(env, data).ended;

test('without a stack, and with exit code 1', async () => {
  const start = new Start(directory(), [], { SHOPIFY_ACCESS_TOKEN: 'shpat_1' });
  expect(await start.exit()).toBe(1);
  expect(start.said).toMatch(/^Driftless stops: .*SHOPIFY_SHOP is missing/s);
  expect(start.said).not.toMatch(STACK);
});

test('a store that Shopify refuses', async () => {
  const { env } = await anybodys();
  expect(await refusal({ ...env, SHOPIFY_ACCESS_TOKEN: 'wrong' })).toMatch(/invalid or was revoked/);
  expect(await refusal({ ...env, SHOPIFY_CLIENT_SECRET: 'wrong' })).toMatch(/check them, and that the app/);
  expect(await refusal({ ...env, ...STORE })).toMatch(/no such store.*check SHOPIFY_SHOP/s);
});

test('a store of which nothing may be read', async () => {
  const { env } = await anybodys(['read_customer_merge']);
  expect(await refusal(env)).toMatch(/may read nothing: grant it read_customers/);
});

test('a wrong configuration, all of it at once', async () => {
  const wrong = { ...STORE, SHOPIFY_SHOP: 'example.com', SETTLE_MS: 'long' };
  expect(await refusal(wrong)).toMatch(/SETTLE_MS .*SHOPIFY_SHOP is no shop domain/s);
  const schedules = { ...STORE, ORDER_SYNC_CRON: 'hourly', TICK_CRON: '1/5 * * * * *' };
  expect(await refusal(schedules)).toMatch(/ORDER_SYNC_CRON is "hourly".*TICK_CRON is "1\/5 /s);
});

test('a port in use', async () => {
  const { env } = await anybodys();
  const { port } = new URL(env['SHOPIFY_ORIGIN']!);
  expect(await refusal({ ...STORE, PORT: port })).toMatch(/Port \d+ .* is in use.*PORT sets it/s);
});

test('files that cannot be used', async () => {
  const cwd = directory();
  writeFileSync(join(cwd, 'file'), '');
  expect(await refusal(STORE, join(cwd, 'file', 'data'))).toMatch(/file\/data cannot be made .*--data/);
  for (const name of ['driftless.db', 'queues.db']) {
    mkdirSync(join(cwd, name));
    writeFileSync(join(cwd, name, name), 'this is no database, only some text '.repeat(200));
  }
  expect(await refusal(STORE, join(cwd, 'driftless.db'))).toMatch(/no SQLite database.*move it away/s);
  expect(await refusal(STORE, join(cwd, 'queues.db'))).toMatch(/queue file .* cannot be opened.*remove it/s);
});
