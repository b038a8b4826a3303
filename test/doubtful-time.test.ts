import { afterEach, describe, expect, test } from 'vitest';
import { customerBody } from '../simulator/webhooks/payloads/customer.ts';
import { idOfGid } from '../src/ids.ts';
import { World } from './world.ts';

/** R18: a time that cannot be is none. Nobody waits for it, and nothing is compared with it. */
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const size = { customers: 12, products: 3, orders: 6 };
let world: World;
afterEach(() => world.close());

const someCustomer = () => [...world.shop.customers.values()][0]!.id;
const idOf = (gid: string) => idOfGid(gid, 'Customer')!;
const status = async () => await world.database.status(await world.storeId());
const certificate = async () =>
  (await world.database.certificates(await world.storeId(), 20)).find(
    ({ entity }) => entity === 'customers',
  )!;

/** An object with a version that Shopify cannot have given it. */
function spoil(gid: string, updatedAt: number): void {
  world.shop.customers.put({ ...world.shop.customers.current(gid)!, note: 'spoiled', updatedAt });
}

/** As the text of an answer: the simulator holds numbers, and writes no time that is none. */
function rewriteAnswers(rewrite: (text: string) => string): void {
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) => {
    const response = await real(request);
    const { status: code, headers } = response;
    return new Response(rewrite(await response.text()), { status: code, headers });
  };
}

describe.each([
  ['in the year 9999', Date.UTC(9999, 11, 31)],
  ['in the year 2030', Date.UTC(2030, 0)],
  ['in an hour', null],
  ['in the year 0', Date.parse('0000-01-01T00:00:00Z')],
  ['before there was Shopify', Date.UTC(1970, 0)],
])('an updatedAt %s', (_, at) => {
  test('is a reject of its object, which the others do not notice', async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    const spoiled = someCustomer();
    spoil(spoiled, at ?? world.now + HOUR);
    const other = [...world.shop.customers.values()][1]!.id;
    world.courier.announce(
      'customers/update',
      customerBody(world.shop, world.shop.customers.current(spoiled)!),
    );
    world.edit(other, { note: 'beside it' });
    await world.live(3 * MINUTE);
    expect((await status()).rejects).toBe(1);
    const differing = (await world.differences(['customers'])).map(({ id }) => id);
    expect([...new Set(differing)]).toEqual([idOf(spoiled)]);
    const story = await world.database.keyStory(await world.storeId(), 'customers', idOf(spoiled));
    expect(JSON.stringify(story)).toMatch(/updatedAt/);
    // Nothing personal, and not the time itself.
    expect(story.reject?.reason).not.toMatch(/\d{4}-/);
  });

  test('is read a few times in six hours, and no certificate waits for it', async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    const spoiled = someCustomer();
    spoil(spoiled, at ?? world.now + 30 * DAY);
    world.wait(MINUTE);
    await world.reconcile('census', ['customers']);
    let reads = 0;
    const { rewrite } = world;
    world.rewrite = (body) => {
      if (/query (Read|Look)Customers/.test(body)) reads++;
      return rewrite(body);
    };
    for (let hours = 0; hours < 6; hours++) {
      await world.reconcile('sweep');
      await world.live(HOUR, MINUTE);
    }
    expect(reads).toBeLessThan(30);
    expect(await certificate()).toMatchObject({ verdict: 'matched but' });
    expect((await status()).rejects).toBe(1);
    // Once it is right again, so is the row, and nothing is parked any more.
    world.shop.customers.put({
      ...world.shop.customers.current(spoiled)!,
      note: 'right',
      updatedAt: world.now,
    });
    world.wait(MINUTE);
    await world.reconcile('census', ['customers']);
    await world.live(15 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    expect(await status()).toMatchObject({ rejects: 0, marksWaiting: 0 });
  });
});

test('a head whose time is no time costs neither its page nor the others on it', async () => {
  world = await World.create({ size });
  await world.mirrored();
  world.wait(HOUR);
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  const [spoiled, changed] = [...world.shop.customers.values()].map(({ id }) => id) as [string, string];
  world.edit(changed, { note: 'unheard' });
  world.wait(5 * MINUTE);
  const real = world.simulator.fetch;
  rewriteAnswers((text) => {
    const body = JSON.parse(text) as {
      data?: { customers?: { nodes: { id: string; updatedAt: unknown }[] } };
    };
    for (const node of body.data?.customers?.nodes ?? [])
      if (node.id === spoiled) node.updatedAt = 'yesterday';
    return JSON.stringify(body);
  });
  await world.reconcile('census', ['customers']);
  const { lastCensusAt } = await world.database.syncState(await world.storeId(), 'customers');
  expect(lastCensusAt).toBeGreaterThan(world.now - MINUTE);
  world.simulator.fetch = real;
  await world.live(10 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
  expect((await certificate()).verdict).toMatch(/^matched/);
});

describe('a delivery that tells a version which cannot be', () => {
  for (const [name, at] of [
    ['in the year 9999', Date.UTC(9999, 11, 31)],
    ['five days ahead', null],
    ['in an hour', HOUR],
  ] as const)
    test(`(${name}) tells none: its key is read, settled, and at rest within minutes`, async () => {
      world = await World.create({ size });
      await world.mirrored();
      world.wait(HOUR);
      const id = someCustomer();
      for (let n = 0; n < 4; n++) {
        const customer = { ...world.shop.customers.current(id)!, note: `edit ${n}`, updatedAt: world.now };
        world.shop.customers.put(customer);
        const told = at === null ? world.now + 5 * DAY : at === HOUR ? world.now + HOUR : at;
        world.courier.announce(
          'customers/update',
          customerBody(world.shop, { ...customer, updatedAt: told }),
        );
        await world.live(30 * SECOND);
      }
      await world.live(90 * SECOND);
      expect(await world.differences(['customers'])).toEqual([]);
      expect((await status()).marksWaiting).toBe(0);
    });
});

describe('a row that was read under a clock of five days ahead', () => {
  /** Two answers agreed, so it was believed. */
  async function readInTheFuture(): Promise<string> {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    world.dateHeader = (real) => new Date(Date.parse(real) + 5 * DAY).toUTCString();
    const id = someCustomer();
    world.edit(id, { note: 'read in the future' });
    await world.live(2 * MINUTE);
    world.dateHeader = (real) => real;
    return id;
  }

  test('is read anew by its next delivery, and its mark ends', async () => {
    const id = await readInTheFuture();
    world.wait(MINUTE);
    const customer = { ...world.shop.customers.current(id)!, tags: ['moved without a version'] };
    world.shop.customers.put(customer);
    world.courier.announce('customers/update', customerBody(world.shop, customer));
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    expect((await status()).marksWaiting).toBe(0);
  });

  test('is settled by no census until it has been read again', async () => {
    const id = await readInTheFuture();
    world.wait(HOUR);
    // The same second again, so that only a settle read finds it.
    world.shop.customers.put({ ...world.shop.customers.current(id)!, note: 'in the same second' });
    await world.reconcile('census', ['customers']);
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    const { rows } = await world.database.keysInRange(await world.storeId(), 'customers', null, null, 1);
    expect(rows[0]!.readAt).toBeLessThanOrEqual(world.now);
  });

  test('whose version was of the future too is overwritten by the right one', async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    world.dateHeader = (real) => new Date(Date.parse(real) + 5 * DAY).toUTCString();
    const id = someCustomer();
    world.shop.customers.put({
      ...world.shop.customers.current(id)!,
      note: 'of the future',
      updatedAt: world.now + 4 * DAY,
    });
    await world.reconcile('census', ['customers']);
    await world.live(2 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    world.dateHeader = (real) => real;
    world.wait(MINUTE);
    world.edit(id, { note: 'right' });
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    expect(await status()).toMatchObject({ marksWaiting: 0, rejects: 0 });
  });
});
