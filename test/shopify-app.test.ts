import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { appToml, PLACEHOLDERS, wantedScopes } from '../src/shopify/app-toml.ts';
import { sayings } from './said.ts';
import { World } from './world.ts';

/** shopify.app.toml is made from the entities, and says all that Shopify has to know to let them be read. */
const root = fileURLToPath(new URL('..', import.meta.url));

test('the committed file is up to date: else run `npm run shopify:app` and commit what it writes', () => {
  expect(readFileSync(join(root, 'shopify.app.toml'), 'utf8')).toBe(appToml(PLACEHOLDERS));
});

test('with options it is about an app of one’s own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopify-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'mine.toml');
  const options = ['--client-id=abc', '--name=My "mirror"', '--url=https://mine.example/', '--all-orders'];
  const script = join(root, 'app/shopify-app.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, ...options, `--out=${out}`]);
  expect([status, String(stderr)]).toEqual([0, '']);
  const written = readFileSync(out, 'utf8');
  expect(written).toContain('client_id = "abc"\nname = "My \\"mirror\\""\n');
  expect(written).toContain(
    'scopes = "read_all_orders,read_customer_merge,read_customers,read_orders,read_products"\n',
  );
  expect(written).toContain('redirect_urls = ["https://mine.example/api/stores/callback"]\n');
  expect(written).not.toContain('ask Shopify for it');
});

/** What a store with these scopes lacks, in the words of the log and of its status. */
async function lacking(scopes: readonly string[]): Promise<readonly string[]> {
  const world = await World.create({
    size: { customers: 5, products: 2, orders: 5 },
    shop: { installation: { scopes: [...scopes] } },
  });
  const said: string[] = [];
  world.log = sayings(said);
  await world.mirrored();
  const { lacking: columns } = await world.database.status(await world.storeId());
  await world.close();
  return [...said, ...columns.map(({ column }) => column)];
}

test('its scopes suffice for every table, column and topic', async () => {
  expect(await lacking(wantedScopes(true))).toEqual([]);
});

test.each(wantedScopes(true))('without %s something is missing', async (scope) => {
  expect(await lacking(wantedScopes(true).filter((each) => each !== scope))).not.toEqual([]);
});
