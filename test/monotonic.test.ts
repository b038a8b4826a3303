import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROBE_EVERY_MS, withBreaker } from '../app/breaker.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { openQueues } from '../local/host/queues.ts';
import type { Database } from '../src/database.ts';
import { createDirectory } from '../src/directory.ts';
import { Transient } from '../src/failures.ts';
import { createOutbox, type EventTopic } from '../src/outbox.ts';
import { refreshKeySpace } from '../src/refresh.ts';
import { createRemembered } from '../src/remembered.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { createSteadyClock } from '../src/steady-clock.ts';
import { untold } from '../src/telemetry.ts';
import { World } from './world.ts';

/** R18: the clock of the machine may be set at any moment, by hours. Nothing waits until they have come round again. */
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const size = { customers: 12, products: 3, orders: 6 };
const stepsMs = [-3 * HOUR, 3 * HOUR, -10 * 24 * HOUR] as const;
let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const someCustomer = (here: World) => [...here.shop.customers.values()][0]!.id;
const waiting = async (here: World) => (await here.database.status(await here.storeId())).marksWaiting;

describe.each(stepsMs)('after the clock of the machine was moved by %d ms', (stepMs) => {
  test('marks are read when they are due', async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    world.edit(someCustomer(world), { note: 'before the step' });
    await world.work();
    expect(await waiting(world)).toBeGreaterThan(0);
    world.machineAheadMs = stepMs;
    world.edit([...world.shop.customers.values()][1]!.id, { note: 'after the step' });
    await world.live(3 * MINUTE);
    expect(await waiting(world)).toBe(0);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('sweeps and censuses find what was lost, and certificates are completed', async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    world.edit(someCustomer(world), { note: 'unheard' });
    const lease = await world.database.acquireLease(await world.storeId(), 'customers', 'sweep', MINUTE);
    expect(lease).not.toBeNull();
    // The holder of the lease died, and the clock was set.
    world.machineAheadMs = stepMs;
    world.wait(2 * MINUTE);
    await world.reconcile('census');
    await world.reconcile('sweep');
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    const certificates = await world.database.certificates(await world.storeId(), 3);
    expect(certificates.map(({ verdict }) => verdict)).toEqual(['matched', 'matched', 'matched']);
  });

  test('stores are known as they are', async () => {
    world = await World.create({ size });
    await world.mirrored();
    const storeId = await world.storeId();
    expect(await world.service.directory.byId(storeId)).toMatchObject({ active: true });
    await world.database.deactivateStore(storeId);
    world.machineAheadMs = stepMs;
    world.wait(6 * SECOND);
    expect(await world.service.directory.byId(storeId)).toMatchObject({ active: false });
  });

  test('a message that was delayed, or whose receiver died, comes in time', async () => {
    world = await World.create({ size });
    const { queues } = world;
    await queues.send('errands', { errand: 'delayed' } as never, { delayMs: MINUTE });
    await queues.send('errands', { errand: 'held' } as never);
    expect(queues.receive('errands', 1, MINUTE)).toHaveLength(1);
    world.machineAheadMs = stepMs;
    world.wait(70 * SECOND);
    expect(queues.receive('errands', 10, MINUTE)).toHaveLength(2);
  });

  test('a slice of refreshing ends in time (R7)', async () => {
    world = await World.create({ size });
    await world.mirrored();
    const here = world;
    const storeId = await here.storeId();
    await here.database.mark(
      storeId,
      [...here.shop.customers.values()].map(({ id }) => ({
        ...{ entity: 'customers', id: id.split('/').at(-1)!, lane: 'sweep', reason: 'test' },
        ...{ announces: 'presence', expectedUpdatedAt: null, dueInMs: 0 },
      })),
    );
    here.wait(MINUTE);
    here.service.batches.set(`${storeId}:customers`, 1);
    const real = here.simulator.fetch.bind(here.simulator);
    let reads = 0;
    here.simulator.fetch = async (request) => {
      reads++;
      here.machineAheadMs = stepMs;
      here.wait(8 * SECOND);
      return await real(request);
    };
    const store = (await here.database.stores())[0]!;
    const end = await refreshKeySpace(here.service, here.service.adminOf(store), store, 'customers');
    expect(end.state).toBe('more');
    expect(reads).toBe(3);
  });

  test('no measured duration is negative or longer than it was', async () => {
    const measured: number[] = [];
    world = await World.create({
      size,
      telemetry: {
        ...untold,
        measure: (name, value) => {
          if (/Duration/.test(name)) measured.push(value);
        },
      },
    });
    await world.mirrored();
    measured.length = 0;
    world.edit(someCustomer(world), { note: 'measured' });
    const here = world;
    here.duringNextRequest = () => {
      here.machineAheadMs = stepMs;
      here.wait(300);
    };
    await here.work();
    expect(measured.length).toBeGreaterThan(0);
    for (const ms of measured) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(MINUTE);
    }
  });
});

test('what waits within a process goes by its monotonic clock alone', async () => {
  let now = 0;
  const monotonic = () => now;
  // Each is given this one clock: there is no other that it could go by.
  let opened = 0;
  const away = async (): Promise<Database> => {
    opened++;
    throw new Transient('away');
  };
  const broken = withBreaker(away, monotonic);
  for (let n = 0; n < 10; n++) await broken.stores().catch(() => {});
  const before = opened;
  now += PROBE_EVERY_MS;
  await broken.stores().catch(() => {});
  expect(opened).toBe(before + 1);
  let read = 0;
  const secrets = createRemembered({ monotonic, read: async () => ++read, onKept: () => {} });
  expect(await secrets.get('a')).toBe(1);
  now += 11 * MINUTE;
  expect(await secrets.get('a')).toBe(2);
  let asked = 0;
  const stores = async () => {
    asked++;
    return [];
  };
  const database = async () => ({ stores }) as unknown as Database;
  const directory = createDirectory({ monotonic, database });
  await directory.all();
  now += 6 * SECOND;
  await directory.all();
  expect(asked).toBe(2);
  const sleep = async (ms: number) => {
    now += ms;
  };
  const pacing = createPacing({ monotonic, sleep, waitMaxMs: MINUTE });
  for (let n = 0; n < 100; n++) (await pacing.admit('Read', 250)).abandon();
  expect(now).toBeGreaterThan(11 * MINUTE + 6 * SECOND);
  const topic: EventTopic = { publish: async () => ({ state: 'accepted' }) };
  const outbox = createOutbox({
    ...{ topic, monotonic, sleep: async () => {}, random: () => 0, log: () => {} },
    database: { takeEvents: async () => [], settleEvents: async () => {} },
  });
  expect(await outbox.dispatch({ id: 1 } as never)).toBe('empty');
});

test('a hint is not proved early because the clock leapt: the database goes by a steady one', async () => {
  world = await World.create({ size, shop: { consistency: { replicaLagMs: 20_000, indexLagMs: 0 } } });
  await world.mirrored();
  world.wait(HOUR);
  const id = someCustomer(world);
  world.change('customer-tags', id);
  await world.work();
  world.machineAheadMs = 3 * HOUR;
  await world.live(3 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
});

test('a token is renewed in time though the clock was set back', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const here = world;
  here.machineAheadMs = -3 * HOUR;
  here.wait(23 * HOUR + 58 * MINUTE);
  const refused: number[] = [];
  const real = here.simulator.fetch.bind(here.simulator);
  here.simulator.fetch = async (request) => {
    const response = await real(request);
    if (response.status === 401) refused.push(here.now);
    return response;
  };
  for (let n = 0; n < 4; n++, here.wait(MINUTE)) await here.reconcile('sweep', ['customers']);
  expect(refused).toEqual([]);
});

describe('the steady clock', () => {
  test('never goes back, and is never more than a tenth faster or slower than time, however the other is set', () => {
    const steps = fc.array(
      fc.record({
        passMs: fc.integer({ min: 0, max: HOUR }),
        stepMs: fc.integer({ min: -HOUR * 48, max: HOUR * 48 }),
      }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        let [passed, set] = [0, 0];
        const steady = createSteadyClock({
          clock: () => 1e12 + passed + set,
          monotonic: () => passed,
          forward: 'slowly',
        });
        let last = steady.now();
        for (const { passMs, stepMs } of all) {
          passed += passMs;
          set += stepMs;
          const now = steady.now();
          expect(now - last).toBeGreaterThanOrEqual(Math.floor(passMs * 0.9) - 1);
          expect(now - last).toBeLessThanOrEqual(Math.ceil(passMs * 1.1) + 1);
          last = now;
        }
      }),
    );
  });

  test('is the clock of the machine again after a while', () => {
    for (const stepMs of [-HOUR, HOUR]) {
      let [passed, set] = [0, 0];
      const clock = () => 1e12 + passed + set;
      const steady = createSteadyClock({ clock, monotonic: () => passed, forward: 'slowly' });
      set = stepMs;
      for (let n = 0; n < 11 * 60; n++) {
        passed += MINUTE;
        steady.now();
      }
      expect(steady.now()).toBe(clock());
    }
  });

  test('catches up at once after a sleep where it may', () => {
    let [passed, slept] = [0, 0];
    const clock = () => 1e12 + passed + slept;
    const steady = createSteadyClock({ clock, monotonic: () => passed, forward: 'at once' });
    slept = 8 * HOUR;
    expect(steady.now()).toBe(clock());
  });
});

describe('one clock for all processes that have a file open', () => {
  let folder: string;
  const databases: Database[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'driftless-monotonic-'));
  });
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.close();
    rmSync(folder, { recursive: true });
  });
  let nonces = 0;
  const nonce = () => `n${++nonces}`;
  const open = async (clock: () => number, monotonic: () => number) => {
    const database = await openSqlite(join(folder, 'file.db'), { clock, monotonic, nonce });
    databases.push(database);
    return database;
  };

  test.each(stepsMs)('also for one that starts after the clock was moved by %d ms', async (stepMs) => {
    let passed = 0;
    const began = Date.parse('2026-11-23T09:00:00Z');
    const first = await open(
      () => began + passed,
      () => passed,
    );
    const { id } = await first.activateStore({ domain: 'a.myshopify.com', secretName: 'a' });
    passed += MINUTE;
    expect(await first.acquireLease(id, 'customers', 'refresh', MINUTE)).not.toBeNull();
    passed += SECOND;
    // A process of its own: its monotonic clock began with it.
    const startedAt = passed;
    const second = await open(
      () => began + passed + stepMs,
      () => passed - startedAt,
    );
    // A clock that was set forward ends leases early, which are fenced; one that was set back does not keep them.
    if (stepMs < 0) expect(await second.acquireLease(id, 'customers', 'refresh', MINUTE)).toBeNull();
    passed += 75 * SECOND;
    expect(await second.acquireLease(id, 'customers', 'refresh', MINUTE)).not.toBeNull();
    // And the first one knows it.
    passed += 2 * SECOND;
    expect(await first.acquireLease(id, 'customers', 'refresh', MINUTE)).toBeNull();
  });

  test('and for queues that are opened again', async () => {
    let passed = 0;
    let set = 0;
    const clock = () => Date.parse('2026-11-23T09:00:00Z') + passed + set;
    const options = { clock, monotonic: () => passed };
    const first = openQueues(join(folder, 'queues.db'), options);
    await first.send('errands', { errand: 'delayed' } as never, { delayMs: MINUTE });
    first.close();
    set = -3 * HOUR;
    const second = openQueues(join(folder, 'queues.db'), options);
    expect(second.receive('errands', 1, MINUTE)).toHaveLength(0);
    passed += 75 * SECOND;
    expect(second.receive('errands', 1, MINUTE)).toHaveLength(1);
    second.close();
  });
});
