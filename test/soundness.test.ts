import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { answer } from '../reconcile/bell.ts';
import { census } from '../reconcile/census.ts';
import { reconcile } from '../reconcile/manual.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import type { EntityName } from '../src/entities/registry.ts';
import type { RefreshCommit } from '../src/mark.ts';
import { refuseField, spoiling } from './spoiled-answers.ts';
import { World, type WorldOptions } from './world.ts';

/**
 * R15: what `matched` promises is kept. Each case is a schedule in which a certificate once said `matched` over a wrong
 * mirror, or waited for ever; facts and traces: the model of certificates.
 */
const { settleMs: SETTLE } = DEFAULT_TIMING;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: World;
afterEach(() => world.close());

/** A mirrored store, all of it settled, whose webhooks are lost from now on. */
async function unheard(size: Partial<NonNullable<WorldOptions['size']>>, options: WorldOptions = {}) {
  world = await World.create({ size: { customers: 0, products: 1, orders: 0, ...size }, ...options });
  await world.mirrored();
  await world.live(2 * SETTLE);
  world.courier.faults = { ...world.courier.faults, lost: 1 };
}

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const customers = () => [...world.shop.customers.values()];
/** Of whom no order is left behind. */
const someone = () => customers().find(({ numberOfOrders }) => numberOfOrders === '0')!;
const store = async () => (await world.database.stores())[0]!;
const counted = async (name: EntityName = 'customers', kind: 'census' | 'content' = 'census') => {
  const present = await store();
  return await census(world.service, world.service.adminOf(present), present, name, () => false, kind);
};
const all = async (entity: EntityName = 'customers') =>
  (await world.database.certificates(await world.storeId(), 50)).filter((each) => each.entity === entity);
const latest = async (entity: EntityName = 'customers') => (await all(entity))[0]!;
const liveRows = async (entity: EntityName = 'customers') =>
  (await world.database.burialFacts(await world.storeId(), entity)).live;
const tell = async (gid: string, more: { readonly expectedUpdatedAt?: number } = {}) =>
  await world.database.mark(await world.storeId(), [
    {
      entity: 'customers',
      id: decimal(gid),
      lane: 'webhook',
      reason: 'TEST',
      announces: 'presence',
      expectedUpdatedAt: null,
      dueInMs: 0,
      ...more,
    },
  ]);
const refresh = async (entity: EntityName = 'customers') =>
  await answer(world.service, { storeId: await world.storeId(), entity });

/** Whatever the next answer of this kind is preceded by. */
function before(operation: string, happens: () => Promise<void> | void) {
  const real = world.simulator.fetch.bind(world.simulator);
  let happened = false;
  world.simulator.fetch = async (request) => {
    const isIt = !happened && (await request.clone().text()).includes(`query ${operation}`);
    if (isIt) {
      happened = true;
      await happens();
    }
    return await real(request);
  };
}

const lagging = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  world.shop.consistency.replicaLagMs = ms;
  try {
    return await work();
  } finally {
    world.shop.consistency.replicaLagMs = 0;
  }
};

/** The mirror is what it should be, and the latest certificate says so without a remark. */
const expectMatched = async (entity: EntityName = 'customers') => {
  expect(await world.differences([entity])).toEqual([]);
  expect(await latest(entity)).toMatchObject({ verdict: 'matched', remarks: [], waiting: 0 });
};

describe('a row that is not listed', () => {
  test('is read again, however young its read: a replica may have lagged (R15 unlisted)', async () => {
    await unheard({ customers: 12 });
    const { id } = someone();
    await tell(id);
    world.wait(MINUTE);
    world.shop.customers.delete(id);
    world.wait(200);
    world.duringNextRequest = async () => {
      world.wait(200);
      await lagging(2_000, () => refresh());
    };
    expect(await counted()).toBe('counted');
    await world.live(2 * MINUTE);
    expect(await liveRows()).toBe(11);
    await expectMatched();
  });

  test('is not cleared by a lagging live answer that comes after the list (R15 absence)', async () => {
    await unheard({ customers: 12 });
    const { id } = someone();
    world.shop.customers.delete(id);
    world.wait(100);
    expect(await counted()).toBe('counted');
    await lagging(2_900, () => refresh());
    await world.live(2 * MINUTE);
    expect(await liveRows()).toBe(11);
    await expectMatched();
  });

  test('is not brought back by a read that was under way behind the list (R15 marked)', async () => {
    await unheard({ customers: 12 });
    world.change('customer-create');
    await world.live(MINUTE);
    expect(await liveRows()).toBe(12);
    // It was created long ago and is told only now; it is deleted, and nobody tells that.
    const { id, updatedAt } = customers().at(-1)!;
    await tell(id, { expectedUpdatedAt: Math.floor(updatedAt / 1_000) * 1_000 });
    world.wait(100);
    world.shop.customers.delete(id);
    world.duringNextRequest = async () => {
      world.shop.consistency.replicaLagMs = 0;
      world.wait(5_000);
      expect(await counted()).toBe('counted');
    };
    await lagging(2_900, () => refresh());
    await world.live(2 * MINUTE);
    expect(await liveRows()).toBe(12);
    await expectMatched();
  });
});

describe('a key that is marked already', () => {
  test('is awaited, although its row has the second that the list shows (R15 marked)', async () => {
    await unheard({ customers: 12 });
    const { id } = someone();
    const put = (note: string) =>
      world.shop.customers.put({ ...world.shop.customers.current(id)!, note, updatedAt: world.now });
    world.wait(MINUTE);
    put('first');
    await tell(id, { expectedUpdatedAt: world.now });
    // Read, and in the same second changed once more.
    world.duringNextRequest = () => put('second');
    await refresh();
    world.wait(5_000);
    expect(await counted()).toBe('counted');
    expect(await latest()).toMatchObject({ verdict: 'waiting', waiting: 1 });
    await world.live(2 * MINUTE);
    await expectMatched();
  });

  test('keeps no certificate open for as long as it changes every few seconds', async () => {
    await unheard({ customers: 12 });
    const { id } = someone();
    const change = async () => {
      world.shop.customers.put({
        ...world.shop.customers.current(id)!,
        note: `at ${world.now}`,
        updatedAt: world.now,
      });
      await tell(id, { expectedUpdatedAt: Math.floor(world.now / 1_000) * 1_000 });
    };
    world.wait(MINUTE);
    await change();
    await refresh();
    expect(await counted()).toBe('counted');
    expect(await latest()).toMatchObject({ waiting: 1 });
    for (let seconds = 0; seconds < 60; seconds += 3) {
      world.wait(3_000);
      await change();
      await world.work();
    }
    expect(await latest()).toMatchObject({ verdict: 'matched', waiting: 0 });
  });
});

describe('what the brake holds', () => {
  const vanish = (n: number) => {
    for (const { id } of customers().slice(0, n)) world.shop.customers.delete(id);
  };

  test('is not forgotten when the store rests and resumes (R15 kept)', async () => {
    await unheard({ customers: 400 });
    vanish(150);
    expect(await counted()).toBe('held');
    const held = await latest();
    expect(held).toMatchObject({ verdict: 'held', waiting: 150 });
    await world.database.deactivateStore(held.storeId);
    await world.live(HOUR, MINUTE);
    await world.connect();
    await world.live(HOUR, MINUTE);
    for (const { verdict, completedAt } of (await all()).filter(({ id }) => id >= held.id))
      expect({ verdict, completedAt }).toEqual({ verdict: 'held', completedAt: null });
    await reconcile(world.service, { store: 'demo.myshopify.com', entity: 'customers', kind: 'release' });
    await world.live(30 * MINUTE, MINUTE);
    expect(await liveRows()).toBe(250);
    expect((await all()).filter(({ completedAt }) => completedAt === null)).toEqual([]);
    await expectMatched();
  });

  test('is not forgotten when the census that took it over is given up (R15 kept)', async () => {
    await unheard({ customers: 1_200 });
    vanish(300);
    expect(await counted()).toBe('held');
    const held = await latest();
    // Another one takes them over, stops half way, and is given up for a content census.
    const present = await store();
    const api = world.service.adminOf(present);
    expect(await census(world.service, api, present, 'customers', () => true)).toBe('continue');
    expect(await census(world.service, api, present, 'customers', () => true, 'content')).toBe('continue');
    await world.live(5 * MINUTE);
    const first = (await all()).find(({ id }) => id === held.id)!;
    expect(first).toMatchObject({ verdict: 'held', completedAt: null });
    expect(await liveRows()).toBe(1_200);
  });

  test('is freed when it is listed again, whichever census held it (R15 again)', async () => {
    await unheard({ customers: 400 });
    const back = customers().slice(0, 150);
    vanish(150);
    expect(await counted()).toBe('held');
    for (const customer of back) world.shop.customers.put(customer);
    for (let night = 0; night < 3; night++) {
      await world.live(DAY, HOUR);
      expect(await counted()).toBe('counted');
      await world.live(5 * MINUTE);
    }
    expect((await all()).filter(({ completedAt }) => completedAt === null)).toEqual([]);
    expect((await world.database.status((await store()).id)).marksHeld).toBe(0);
    await expectMatched();
  });
});

describe('a certificate counts what ended, or stays, without proof', () => {
  test('an order that goes out of sight between list and read (R15 unproven)', async () => {
    await unheard({ customers: 5, products: 3, orders: 40 });
    world.wait(100 * DAY);
    await world.connect();
    const { id } = [...world.shop.orders.values()][0]!;
    world.shop.orders.delete(id);
    world.wait(MINUTE);
    expect(await counted('orders')).toBe('counted');
    const scopes = world.shop.installation.scopes.filter((scope) => scope !== 'read_all_orders');
    world.shop.installation = { ...world.shop.installation, scopes };
    await world.live(5 * MINUTE);
    expect(await liveRows('orders')).toBe(40);
    expect(await latest('orders')).toMatchObject({
      verdict: 'matched but',
      completion: { unproven: 1 },
      remarks: [expect.stringMatching(/^1 keys went out of this app's sight/)],
    });
  });

  test('a column that was withheld, and is granted before anything else is read (R15 withheld)', async () => {
    await unheard({ customers: 12 });
    const answers = spoiling(world);
    const { id } = someone();
    answers.spoil = refuseField(id, 'note');
    world.shop.customers.put({ ...world.shop.customers.current(id)!, note: 'new', updatedAt: world.now });
    await tell(id, { expectedUpdatedAt: Math.floor(world.now / 1_000) * 1_000 });
    await world.live(3 * MINUTE);
    expect(await counted()).toBe('counted');
    await world.live(5 * MINUTE, 20_000);
    // It waits for no value that may never be told, and counts the row that lacks it.
    expect(await latest()).toMatchObject({
      verdict: 'matched but',
      withheld: ['Customers.Note'],
      remarks: [expect.stringMatching(/Customers\.Note \(1 rows\)/)],
    });
    answers.spoil = null;
    const [other] = customers().filter((customer) => customer.id !== id);
    await tell(other!.id);
    await refresh();
    expect(await counted()).toBe('counted');
    await world.live(HOUR, MINUTE);
    expect(await counted()).toBe('counted');
    await world.live(5 * MINUTE);
    await expectMatched();
  });

  test('a list that was read while access was missing, and counted after it came back (R15 count)', async () => {
    await unheard({ customers: 12 });
    const real = world.simulator.fetch.bind(world.simulator);
    world.simulator.fetch = async (request) => {
      const response = await real(request.clone());
      if (!(await request.text()).includes('query CensusCustomers')) return response;
      const body: unknown = await response.json();
      const nothing = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
      const { data } = z.looseObject({ data: z.looseObject({}) }).parse(body);
      return Response.json(
        { data: { ...data, customers: nothing } },
        { headers: { date: response.headers.get('date')! } },
      );
    };
    expect(await counted()).toBe('counted');
    world.simulator.fetch = real;
    await world.live(5 * MINUTE);
    expect(await latest()).toMatchObject({ verdict: 'count differs', listed: 0, counted: 12 });
  });
});

test('a ReadAt that lies in the future is none: no census passes such a row over (R15 future)', async () => {
  let aheadMs = 0;
  const ahead = (commit: RefreshCommit): RefreshCommit => ({
    ...commit,
    verdicts: commit.verdicts.map((verdict) =>
      verdict.row.do === 'write'
        ? { ...verdict, row: { ...verdict.row, readAt: verdict.row.readAt + aheadMs } }
        : verdict,
    ),
  });
  await unheard(
    { customers: 12 },
    {
      database: (real) => ({
        ...real,
        commitRefresh: (lease, commit) => real.commitRefresh(lease, ahead(commit)),
      }),
    },
  );
  const [gone, read] = customers().filter(({ numberOfOrders }) => numberOfOrders === '0');
  world.wait(MINUTE);
  await tell(gone!.id, { expectedUpdatedAt: 1 });
  await tell(read!.id, { expectedUpdatedAt: 1 });
  aheadMs = 400 * DAY;
  await refresh();
  aheadMs = 0;
  world.wait(MINUTE);
  world.shop.customers.delete(gone!.id);
  world.wait(MINUTE);
  expect(await counted()).toBe('counted');
  await world.live(5 * MINUTE);
  expect(await liveRows()).toBe(11);
  expect(await world.differences(['customers'])).toEqual([]);
});

test('what Shopify changes less than SETTLE before a census began is not promised, and is not passed over', async () => {
  await unheard({ customers: 12 });
  const { id } = someone();
  world.shop.customers.delete(id);
  world.wait(200);
  // The list itself comes from a replica that does not know of it yet: nothing can tell.
  expect(await lagging(2_000, () => counted())).toBe('counted');
  await world.live(5 * MINUTE);
  expect(await latest()).toMatchObject({ verdict: 'matched' });
  expect(await liveRows()).toBe(12);
  expect(await counted()).toBe('counted');
  await world.live(5 * MINUTE);
  expect(await liveRows()).toBe(11);
});

test('two lists that are asked for while a refresh commits behind them leave nothing old (R15)', async () => {
  await unheard({ customers: 12 });
  const { id } = someone();
  world.wait(MINUTE);
  before('CensusCustomers', async () => {
    world.shop.customers.put({ ...world.shop.customers.current(id)!, note: 'new', updatedAt: world.now });
    world.wait(500);
    await tell(id, {});
    await lagging(2_000, () => refresh());
  });
  expect(await counted()).toBe('counted');
  await world.live(3 * MINUTE);
  await expectMatched();
});
