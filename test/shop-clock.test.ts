import { afterEach, expect, test } from 'vitest';
import { Random } from '../simulator/random.ts';
import { createShopClock } from '../src/shopify/shop-clock.ts';
import { World } from './world.ts';

/** Shopify's time of our requests: never later than it was, whatever happens to the clocks, and in their order. */
const MINUTE = 60_000;
const START = Date.parse('2026-11-23T09:00:00Z');
let world: World | undefined;
afterEach(() => world?.close());

/** As HTTP writes it, without the part of a second. */
const dateHeader = (at: number) => new Date(at).toUTCString();

test('a clock of ours that was a minute slow and is set right makes no request later than it was', () => {
  let ours = START - MINUTE;
  const clock = createShopClock({ clock: () => ours });
  clock.sentAt(ours, ours + 100, dateHeader(START + 100));
  ours = START + MINUTE;
  for (let seconds = 0; seconds < 10; seconds++, ours += 1_000)
    expect(clock.sentAt(ours, ours + 100, dateHeader(ours + 100))).toBeLessThanOrEqual(ours);
});

test('a request that took long is as old as its sending, not as its answer', () => {
  const clock = createShopClock({ clock: () => START });
  expect(clock.sentAt(START, START + 35_000, dateHeader(START + 35_000))).toBeLessThanOrEqual(START);
  // Also when quick ones have told the difference of the clocks before.
  clock.sentAt(START, START + 1, dateHeader(START + 1));
  expect(clock.sentAt(START, START + 35_000, dateHeader(START + 35_000))).toBeLessThanOrEqual(START);
});

test('requests sent one after another keep their order, though headers have whole seconds', () => {
  const random = new Random('shop-clock');
  let ours = START;
  const clock = createShopClock({ clock: () => ours });
  // Half an hour: several of the spans over which the clocks are compared.
  let last = Number.NEGATIVE_INFINITY;
  while (ours < START + 30 * MINUTE) {
    const sentAt = clock.sentAt(ours, ours + 50, dateHeader(ours + 50));
    expect(sentAt).toBeGreaterThan(last);
    expect(sentAt).toBeLessThanOrEqual(ours);
    last = sentAt;
    ours += random.between(100, 1_300);
  }
});

test('one answer of a proxy whose clock is fast does not prove a second that had not ended', async () => {
  world = await World.create({ size: { customers: 10, products: 2, orders: 10 } });
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
