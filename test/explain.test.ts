import { afterEach, expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../src/clock.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { explain } from '../src/explain.ts';
import { World } from './world.ts';

/** The story of a key, from the tables alone, in order of time. */
const size = { customers: 20, products: 5, orders: 10 };
const { settleMs: SETTLE } = DEFAULT_TIMING;
let world: World;
afterEach(() => world.close());

const storyOf = async (id: string, entity: EntityName = 'customers') => {
  const story = await explain(world.database, await world.storeId(), entity, id);
  expect(story.map(({ at }) => at)).toEqual(story.map(({ at }) => at).toSorted((a, b) => a - b));
  return story;
};
const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

test('of a lost webhook: announced once, lost once, found by a sweep, right again, certified', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const { id: gid } = world.shop.customers.at(0)!;
  const id = decimal(gid);
  world.edit(gid, { note: 'announced' });
  await world.live(2 * SETTLE);
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  world.edit(gid, { note: 'lost' });
  const lostAt = Math.floor(world.now / 1_000) * 1_000;
  await world.live(10 * 60_000);
  await world.reconcile('sweep');
  await world.live(2 * SETTLE);
  await world.reconcile('census');
  await world.live(2 * SETTLE);

  const story = await storyOf(id);
  expect(story.map(({ what }) => what)).toEqual([
    'created',
    'certificate',
    'delivery',
    'changed',
    'refreshed',
    'gap',
    'changed',
    'healed',
    'row',
    'certificate',
  ]);
  const said = (what: string) => story.findLast((each) => each.what === what)!.sentence;
  expect(said('delivery')).toMatch(/^A webhook CUSTOMERS_UPDATE came, triggered by Shopify at 2026-11-23T/);
  expect(said('refreshed')).toMatch(/CUSTOMERS_UPDATE announced was read .* \d+\.\d s after the trigger\.$/);
  expect(said('gap')).toBe(
    `A sweep (run ${await sweepOfCustomers()}) found it newer in Shopify than here, changed at ${new Date(lostAt).toISOString()}; no webhook had told.`,
  );
  expect(said('healed')).toMatch(
    /^It was right again, \d+\.\d s after it was found\. Cause: never announced\.$/,
  );
  expect(said('certificate')).toMatch(/^A census of heads \(run \d+\) covered it between .*: matched\.$/);
});

/** The run that opened the only gap. */
async function sweepOfCustomers(): Promise<number | null> {
  const id = decimal(world.shop.customers.at(0)!.id);
  const { gaps } = await world.database.keyStory(await world.storeId(), 'customers', id);
  expect(gaps).toHaveLength(1);
  return gaps[0]!.runId;
}

test('of a key that is marked, and then buried, and of one that nobody knows', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const { id: gid } = [...world.shop.customers.values()].find(
    ({ numberOfOrders }) => numberOfOrders === '0',
  )!;
  world.change('customer-delete', gid);
  await world.work();
  const story = await storyOf(decimal(gid));
  expect(story.map(({ what }) => what)).toEqual([
    'created',
    'certificate',
    'delivery',
    'mark',
    'deleted',
    'refreshed',
    'row',
  ]);
  expect(story.at(-1)!.sentence).toMatch(/^The row as it stands is a tombstone since /);
  expect(story.find(({ what }) => what === 'mark')!.sentence).toMatch(
    /marked as possibly stale \(CUSTOMERS_DELETE\), read 1 times since, due at/,
  );
  expect(await storyOf('987654321')).toEqual([]);
});

test('names no person, and a parked record only by its columns', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const { id: gid } = world.shop.customers.at(0)!;
  world.edit(gid, { firstName: 'Hush', locale: 'hush'.repeat(20) });
  await world.live(SETTLE);
  const story = await storyOf(decimal(gid));
  expect(story.map(({ sentence }) => sentence).join()).not.toMatch(/hush/i);
  expect(story.find(({ what }) => what === 'reject')!.sentence).toMatch(/parked: read \d+ times.*Locale/);
});

test('of a row that lacks something: what it is, and why', async () => {
  world = await World.create({ size });
  world.shop.withheld.add('Customer.note');
  await world.mirrored();
  const story = await storyOf(decimal(world.shop.customers.at(0)!.id));
  expect(story.findLast(({ what }) => what === 'row')!.sentence).toMatch(
    /of Shopify's time\. It lacks Customers\.Note \(denied\)\.$/,
  );
});
