import { afterEach, describe, expect, test } from 'vitest';
import { assertWindow, sweepQuery, windowOf } from '../reconcile/window.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { entityOf } from '../src/entities/registry.ts';
import { World } from './world.ts';

/** Detector 2 by itself. R5's watermark is in rules.test.ts. */
const size = { customers: 30, products: 10, orders: 30 };
const AT = Date.parse('2026-11-23T10:00:00Z');
const MINUTE = 60_000;
let world: World | undefined;
afterEach(() => world?.close());

const state = {
  watermark: AT,
  lastSweepAt: AT,
  lastDeepSweepAt: AT,
  lastCensusAt: null,
  census: null,
};

describe('the window', () => {
  test('reaches back from the watermark by the overlap', () => {
    expect(windowOf(entityOf('orders'), state, DEFAULT_TIMING)).toMatchObject({
      from: AT - 15 * MINUTE,
      deep: false,
    });
  });

  test('reaches back 48 hours once a day', () => {
    const yesterday = { ...state, lastDeepSweepAt: AT - 24 * 60 * MINUTE };
    expect(windowOf(entityOf('orders'), yesterday, DEFAULT_TIMING)).toMatchObject({
      from: AT - 48 * 60 * MINUTE,
    });
  });

  test('is asked for with a quoted time', () => {
    const window = windowOf(entityOf('orders'), state, DEFAULT_TIMING);
    expect(sweepQuery(window)).toBe("updated_at:>='2026-11-23T09:45:00Z'");
  });

  test('of customers is asked for from the day before, whatever zone its days are in', () => {
    const window = windowOf(entityOf('customers'), state, DEFAULT_TIMING);
    expect(sweepQuery(window)).toBe("updated_at:>='2026-11-22T00:00:00Z'");
  });

  const head = (updatedAt: number, n: number) => ({ id: String(n), createdAt: 0, updatedAt });
  test('a few heads before it are lawful, most of a page is an ignored filter', () => {
    const window = windowOf(entityOf('orders'), state, DEFAULT_TIMING);
    const inside = Array.from({ length: 8 }, (_, n) => head(AT + n, n));
    const outside = Array.from({ length: 9 }, (_, n) => head(AT - 24 * 60 * MINUTE + n, n));
    expect(() => assertWindow([...outside.slice(0, 4), ...inside], window)).not.toThrow();
    expect(() => assertWindow([...outside, ...inside], window)).toThrow('ignored the filter');
  });

  test('an order that is none is an ignored sort key', () => {
    const window = windowOf(entityOf('orders'), state, DEFAULT_TIMING);
    const shuffled = Array.from({ length: 30 }, (_, n) => head(AT + ((n * 17) % 30) * 1_000, n));
    expect(() => assertWindow(shuffled, window)).toThrow('ignored the sort key');
  });
});

test('a sweep alone repairs whatever was lost and moved `updatedAt`', async () => {
  world = await World.create({ size });
  await world.mirrored();
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  for (let n = 0; n < 20; n++) {
    world.change('customer-edit');
    world.change('product-edit');
    world.change('order-annotate');
    world.wait(5_000);
  }
  expect((await world.differences()).length).toBeGreaterThan(0);
  await world.reconcile('sweep');
  await world.live(MINUTE);
  expect(await world.differences()).toEqual([]);
  expect((await world.database.status(await world.storeId())).gapsHealed).toBeGreaterThan(0);
});

test('what the index shows minutes late is found by a later sweep, because windows overlap', async () => {
  world = await World.create({ size, shop: { consistency: { indexLagMs: 10 * MINUTE } } });
  await world.mirrored();
  await world.reconcile('sweep');
  await world.live(20 * MINUTE, MINUTE);
  await world.reconcile('sweep');
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  world.change('order-annotate');
  world.wait(MINUTE);
  await world.reconcile('sweep', ['orders']);
  expect(await world.differences(['orders'])).not.toEqual([]);
  world.wait(12 * MINUTE);
  await world.reconcile('sweep', ['orders']);
  await world.live(MINUTE);
  expect(await world.differences(['orders'])).toEqual([]);
});

test('customers are swept right when their filter matches whole days of the shop', async () => {
  world = await World.create({
    size,
    shop: {
      consistency: { customersByWholeDay: true },
      ianaTimezone: 'America/New_York',
      timezoneOffsetMinutes: -300,
    },
  });
  await world.mirrored();
  world.courier.faults = { ...world.courier.faults, lost: 1 };
  for (let hours = 0; hours < 30; hours++) {
    world.change('customer-edit');
    world.wait(60 * MINUTE);
    await world.reconcile('sweep', ['customers']);
    await world.live(MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  }
});
