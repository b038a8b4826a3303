import { afterEach, describe, expect, test } from 'vitest';
import { Random } from '../simulator/random.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { createShopClock, type Jump } from '../src/shopify/shop-clock.ts';
import { World } from './world.ts';

/** Shopify's time of our requests: never later than it was, whatever happens to the clocks, and in their order. */
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-23T09:00:00Z');
let world: World | undefined;
afterEach(() => world?.close());

/** As HTTP writes it, without the part of a second. */
const dateHeader = (at: number) => new Date(at).toUTCString();

/** A clock with what it has heard: answers come 100 ms after they were asked for. */
function listening(options: { readonly machineAheadMs?: number } = {}) {
  const { machineAheadMs = 0 } = options;
  const state = { now: START, jumps: [] as Jump[] };
  const clock = createShopClock({
    clock: () => state.now + machineAheadMs,
    monotonic: () => state.now - START,
    onJump: (jump) => state.jumps.push(jump),
  });
  /** Answers what time the request was sent; `aheadMs` is how wrong the header is. */
  const ask = (aheadMs = 0, tookMs = 100): number | null => {
    const startedAt = state.now - START;
    state.now += tookMs;
    clock.heard(startedAt, state.now - START, dateHeader(state.now + aheadMs));
    return clock.at(startedAt);
  };
  return { state, clock, ask };
}

test('a request that took long is as old as its sending, not as its answer', () => {
  const { state, ask } = listening();
  expect(ask(0, 35_000)).toBeLessThanOrEqual(START);
  // Also when quick ones have told the difference of the clocks before.
  ask(0, 1);
  const sent = state.now;
  expect(ask(0, 35_000)).toBeLessThanOrEqual(sent);
});

test('requests sent one after another keep their order, though headers have whole seconds', () => {
  const random = new Random('shop-clock');
  const { state, ask } = listening();
  // Half an hour: several of the spans over which the clocks are compared.
  let last = Number.NEGATIVE_INFINITY;
  while (state.now < START + 30 * MINUTE) {
    const sent = state.now;
    const sentAt = ask(0, 50);
    expect(sentAt).toBeGreaterThan(last);
    expect(sentAt).toBeLessThanOrEqual(sent);
    last = sentAt!;
    state.now += random.between(100, 1_300);
  }
});

test('nothing was sent after it was answered, though one answer was a little fast', () => {
  const { state, ask } = listening();
  ask();
  // Less than what tells a jump.
  ask(1_400, 1);
  for (let n = 0; n < 20; n++) {
    state.now += 300;
    const answeredAt = state.now + 1;
    expect(ask(0, 1)).toBeLessThan(Math.floor(answeredAt / 1_000) * 1_000 + 1_000);
  }
});

test('an answer of the client is as old as its sending', async () => {
  world = await World.create({ size: { customers: 1, products: 1, orders: 1 } });
  await world.mirrored();
  const here = world;
  here.wait(MINUTE);
  here.edit([...here.shop.customers.values()][0]!.id, { note: 'slow' });
  here.wait(SECOND);
  const sent = here.now;
  here.duringNextRequest = () => here.wait(5 * SECOND);
  await here.work();
  const { rows } = await here.database.keysInRange(await here.storeId(), 'customers', null, null, 1);
  expect(rows[0]!.readAt).toBeGreaterThan(sent - 3 * SECOND);
  expect(rows[0]!.readAt).toBeLessThanOrEqual(sent);
});

describe('R18: a time that jumps is believed when a second answer agrees', () => {
  for (const jumpMs of [4 * SECOND, 16 * MINUTE, 5 * DAY, -4 * SECOND, -MINUTE, -DAY]) {
    test(`one header that is off by ${jumpMs / SECOND} s changes nothing, and is told once`, () => {
      const { state, clock, ask } = listening();
      ask();
      state.now += 10 * SECOND;
      const sent = state.now;
      expect(Math.abs(ask(jumpMs)! - sent)).toBeLessThan(2 * SECOND);
      expect(clock.isSure()).toBe(false);
      expect(state.jumps).toEqual([{ byMs: expect.any(Number), believed: false, from: 'before' }]);
      expect(Math.abs(state.jumps[0]!.byMs - jumpMs)).toBeLessThan(2 * SECOND);
      ask();
      expect(clock.isSure()).toBe(true);
      // Nor does the next wrong one, with a right one in between; and that it is one of many is not told each time.
      ask(jumpMs);
      ask();
      expect(clock.isSure()).toBe(true);
      expect(state.jumps).toHaveLength(1);
    });

    test(`two headers that are off by ${jumpMs / SECOND} s are right`, () => {
      const { state, clock, ask } = listening();
      ask();
      state.now += 10 * SECOND;
      ask(jumpMs);
      state.now += 10 * SECOND;
      const sent = state.now;
      expect(Math.abs(ask(jumpMs)! - (sent + jumpMs))).toBeLessThan(2 * SECOND);
      expect(clock.isSure()).toBe(true);
      expect(state.jumps.map(({ believed }) => believed)).toEqual([false, true]);
    });
  }

  test('two that are wrong in different ways do not agree', () => {
    const { clock, ask } = listening();
    ask();
    ask(5 * DAY);
    ask(16 * MINUTE);
    expect(clock.isSure()).toBe(false);
    expect(Math.abs(clock.at(0)! - START)).toBeLessThan(2 * SECOND);
  });

  test('the first of a process too, which is held against the clock of the machine', () => {
    const { clock, ask } = listening();
    expect(ask(16 * MINUTE)).toBeNull();
    expect(clock.isSure()).toBe(false);
    expect(Math.abs(ask()! - START)).toBeLessThan(2 * SECOND);
    expect(clock.isSure()).toBe(true);
  });

  test('a machine whose own clock is wrong by hours asks twice', () => {
    const { state, clock, ask } = listening({ machineAheadMs: 3 * HOUR });
    expect(ask()).toBeNull();
    const sent = state.now;
    expect(Math.abs(ask()! - sent)).toBeLessThan(2 * SECOND);
    expect(clock.isSure()).toBe(true);
  });

  for (const ppm of [100, -100])
    test(`drift by ${ppm} ppm, slow answers and whole seconds are no jumps`, () => {
      const { state, clock, ask } = listening();
      const random = new Random('drift');
      ask(0, 35_000);
      for (let n = 0; n < 2_000; n++) {
        // At times seldom, at times often.
        state.now += random.between(1, n % 400 < 100 ? HOUR : 20 * SECOND);
        ask((state.now - START) * ppm * 1e-6, random.between(1, n % 3 === 0 ? 10 * SECOND : 50));
        expect(clock.isSure()).toBe(true);
      }
      expect(state.jumps).toEqual([]);
    });

  test('a missing or malformed header tells nothing', () => {
    const { state, clock, ask } = listening();
    ask();
    for (const text of [null, '', 'yesterday']) {
      clock.heard(state.now - START, state.now - START + 100, text);
      expect(clock.isSure()).toBe(true);
    }
    expect(Math.abs(clock.at(0)! - START)).toBeLessThan(2 * SECOND);
    expect(state.jumps).toEqual([]);
  });
});

const size = { customers: 10, products: 2, orders: 10 };
const entities: readonly EntityName[] = ['customers'];

/** The headers of the next `times` answers are off by so much. */
function lies(here: World, offMs: number, times = 1): void {
  let left = times;
  here.dateHeader = (real) => (left-- > 0 ? dateHeader(Date.parse(real) + offMs) : real);
}

/** A change that nobody announces. */
function changedInSilence(here: World, note: string): void {
  const { id } = [...here.shop.customers.values()][0]!;
  here.courier.faults = { ...here.courier.faults, lost: 1 };
  here.edit(id, { note });
}

for (const [name, offMs] of [
  ['16 minutes ahead', 16 * MINUTE],
  ['five days ahead', 5 * DAY],
  ['a day old', -DAY],
] as const) {
  test(`one header ${name} hides no change from the next sweep, in a process that has been running`, async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    lies(world, offMs);
    await world.reconcile('sweep');
    world.wait(5 * SECOND);
    changedInSilence(world, 'unheard');
    for (let n = 0; n < 3; n++) {
      world.wait(HOUR);
      await world.reconcile('sweep');
      await world.live(2 * MINUTE);
    }
    expect(await world.differences(entities)).toEqual([]);
  });

  test(`the very first header of a process ${name} leads to no time that is wrong`, async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    world.service = world.process();
    lies(world, offMs);
    await world.reconcile('sweep');
    const storeId = await world.storeId();
    for (const entity of ['customers', 'products', 'orders'] as const) {
      const { watermark, lastSweepAt } = await world.database.syncState(storeId, entity);
      for (const at of [watermark, lastSweepAt]) expect(Math.abs(at! - world.now)).toBeLessThan(MINUTE);
    }
    changedInSilence(world, 'unheard');
    for (let n = 0; n < 2; n++) {
      world.wait(HOUR);
      await world.reconcile('sweep');
      await world.live(2 * MINUTE);
    }
    expect(await world.differences(entities)).toEqual([]);
  });

  test(`a read whose header is ${name} puts its mark off by no more than any other`, async () => {
    world = await World.create({ size });
    await world.mirrored();
    world.wait(HOUR);
    const { id } = [...world.shop.customers.values()][0]!;
    lies(world, offMs, 2);
    world.edit(id, { note: 'read under a wrong clock' });
    await world.work();
    await world.live(15 * MINUTE);
    expect((await world.database.status(await world.storeId())).marksWaiting).toBe(0);
    expect(await world.differences(entities)).toEqual([]);
  });
}

test('headers that agree and are wrong, 16 minutes ahead, hide a change for an hour at most', async () => {
  world = await World.create({ size });
  await world.mirrored();
  world.wait(HOUR);
  lies(world, 16 * MINUTE, Number.POSITIVE_INFINITY);
  await world.reconcile('sweep');
  world.wait(5 * SECOND);
  changedInSilence(world, 'unheard');
  world.dateHeader = (real) => real;
  world.wait(HOUR);
  await world.reconcile('sweep');
  await world.live(5 * MINUTE);
  expect(await world.differences(entities)).toEqual([]);
});

test('a first mirror under wrong headers takes no row, watermark or certificate from them', async () => {
  world = await World.create({ size });
  let answers = 0;
  // Each wrong in its own way.
  world.dateHeader = (real) => (answers++ % 2 === 0 ? dateHeader(Date.parse(real) + answers * DAY) : real);
  await world.connect();
  await world.live(10 * MINUTE);
  world.dateHeader = (real) => real;
  await world.live(20 * MINUTE);
  const storeId = await world.storeId();
  for (const entity of ['customers', 'products', 'orders'] as const) {
    const { watermark } = await world.database.syncState(storeId, entity);
    expect(watermark).toBeLessThanOrEqual(world.now);
    const { rows } = await world.database.keysInRange(storeId, entity, null, null, 1_000);
    for (const row of rows) expect(row.readAt).toBeLessThanOrEqual(world.now);
  }
  for (const { fromAt, toAt } of await world.database.certificates(storeId, 100))
    expect(Math.max(fromAt, toAt)).toBeLessThanOrEqual(world.now);
  expect(await world.differences()).toEqual([]);
});

test('a machine whose clock is three hours wrong mirrors as any other', async () => {
  for (const machineAheadMs of [3 * HOUR, -3 * HOUR]) {
    await world?.close();
    world = await World.create({ size });
    world.machineAheadMs = machineAheadMs;
    await world.mirrored();
    expect(await world.differences()).toEqual([]);
    const { watermark } = await world.database.syncState(await world.storeId(), 'customers');
    expect(Math.abs(watermark! - world.now)).toBeLessThan(5 * MINUTE);
  }
});

test('a jump is in the log, once', async () => {
  const names: string[] = [];
  world = await World.create({ size, log: (name) => names.push(name) });
  await world.mirrored();
  world.wait(HOUR);
  lies(world, 16 * MINUTE);
  await world.reconcile('sweep');
  expect(names.filter((name) => name.startsWith('shopClock'))).toEqual(['shopClockDoubted']);
});

test('Shopify that tells no time at all is not believed by the clock of the machine', async () => {
  world = await World.create({ size });
  world.dateHeader = () => null;
  await world.connect();
  await world.live(5 * MINUTE);
  expect((await world.database.stores()).every(({ shopId }) => shopId === null)).toBe(true);
  world.dateHeader = (real) => real;
  await world.mirrored();
  expect(await world.differences()).toEqual([]);
});

test('a watermark that lies in the future is taken back to the latest census, and says so', async () => {
  const names: string[] = [];
  world = await World.create({ size, log: (name) => names.push(name) });
  await world.mirrored();
  await world.reconcile('census');
  world.wait(HOUR);
  const storeId = await world.storeId();
  const lease = (await world.database.acquireLease(storeId, 'customers', 'sweep', MINUTE))!;
  const runId = await world.database.startRun(storeId, 'customers', 'sweep');
  const future = world.now + 5 * DAY;
  await world.database.commitDetection(lease, {
    ...{ runId, raises: [], gaps: [], hold: [], points: 0 },
    ...{ watermark: future, sweepFinishedAt: future, deepSweepFinishedAt: future },
    tally: { seen: 0, unchanged: 0, written: 0, deleted: 0, failed: 0, deferred: 0, unknowable: 0 },
  });
  await world.database.releaseLease(lease);
  changedInSilence(world, 'behind a watermark of five days ahead');
  world.wait(20 * MINUTE);
  await world.reconcile('sweep', entities);
  await world.live(2 * MINUTE);
  expect(await world.differences(entities)).toEqual([]);
  const { watermark } = await world.database.syncState(storeId, 'customers');
  expect(watermark).toBeLessThanOrEqual(world.now);
  expect(names).toContain('watermarkTakenBack');
});

test('one answer of a proxy whose clock is fast does not prove a second that had not ended', async () => {
  world = await World.create({ size });
  await world.mirrored();
  world.wait(10 * MINUTE);
  const here = world;
  const real = here.simulator.fetch.bind(here.simulator);
  here.simulator.fetch = async () => {
    here.simulator.fetch = real;
    return new Response('bad gateway', {
      status: 502,
      headers: { date: dateHeader(here.now + MINUTE) },
    });
  };
  const { id } = [...here.shop.customers.values()][0]!;
  here.now = Math.ceil(here.now / 1_000) * 1_000;
  const second = here.now;
  here.edit(id, { note: 'first' });
  await here.work();
  // Changed once more in the very second that was read, and nobody says so.
  here.courier.faults = { ...here.courier.faults, lost: 1 };
  here.shop.customers.put({ ...here.shop.customers.current(id)!, note: 'second', updatedAt: second + 990 });
  here.now = Math.max(here.now, second + 1_000);
  await here.live(2 * MINUTE);
  expect(await here.differences(['customers'])).toEqual([]);
});
