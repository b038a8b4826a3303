import { StatementSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sliceOf } from '../reconcile/slice.ts';
import { World } from './world.ts';

/** What a census costs, and the content census by night. */
const DAY = 86_400_000;

describe('a night’s share of the rows', () => {
  const AT = Date.parse('2026-11-23T02:00:00Z');
  test.each([
    ['the first night', 290, null, 10],
    ['a day later', 290, AT - DAY, 10],
    ['a day later, an hour early', 290, AT - DAY + 3_600_000, 10],
    ['an hour later', 290, AT - 3_600_000, 0],
    ['after two nights that were missed', 290, AT - 3 * DAY, 30],
    ['after a year', 290, AT - 365 * DAY, 290],
    ['of few rows', 1, AT - DAY, 1],
    ['of none', 0, AT - DAY, 0],
  ])('%s', (_, rows, lastAt, share) => {
    expect(sliceOf(rows, AT, lastAt)).toBe(share);
  });
});

describe('with the whole machine', () => {
  let world: World;
  afterEach(() => world.close());

  test('every row is read whole within 30 days, though its head never moves', async () => {
    world = await World.create({ size: { customers: 60, products: 1, orders: 0 }, webhooks: false });
    await world.mirrored();
    const [store] = await world.database.stores();
    const mirroredAt = world.now;
    const gid = world.shop.customers.at(30)!.id;
    world.change('customer-tags', gid);
    expect(await world.differences(['customers'])).not.toEqual([]);
    for (let night = 0; night < 30; night++) {
      world.wait(DAY);
      await world.reconcile('census', ['customers']);
      await world.live(2 * 60_000);
    }
    expect(await world.differences(['customers'])).toEqual([]);
    const [certificate] = await world.database.certificates(store!.id, 1);
    expect(certificate!.completion.readSince).toBeGreaterThan(mirroredAt);
    const { gapCauses } = await world.database.status(store!.id);
    expect(gapCauses).toEqual({ 'unversioned change': 1 });
    // No more than a row needs: a share each night, not all of them.
    const runs = world.requests;
    await world.reconcile('census', ['customers']);
    await world.live(2 * 60_000);
    expect(world.requests - runs).toBe(2);
  });

  test('a census of a true mirror costs at most three statements and 15 points for 250 ids', async () => {
    const small = await costOf(1_000);
    await world.close();
    const large = await costOf(4_000);
    // What begins and ends a census is the same for a thousand ids and for a million.
    const perPage = (few: number, many: number) => (many - few) / (3_000 / 250);
    expect(perPage(small.statements, large.statements)).toBeLessThanOrEqual(2.5);
    expect(perPage(small.points, large.points)).toBeLessThanOrEqual(15);
    expect(large.statements).toBeGreaterThan(8);
  });

  async function costOf(customers: number) {
    world = await World.create({ size: { customers, products: 1, orders: 0 }, webhooks: false });
    await world.mirrored();
    const executed = (['run', 'get', 'all', 'iterate'] as const).map((name) =>
      vi.spyOn(StatementSync.prototype, name),
    );
    try {
      await world.reconcile('census', ['customers']);
      const statements = executed
        .flatMap((spy) => spy.mock.contexts)
        .filter((one) => one instanceof StatementSync && !/messages/i.test(one.sourceSQL)).length;
      const [certificate] = await world.database.certificates(await world.storeId(), 1);
      expect(certificate).toMatchObject({ depth: 'heads', listed: customers, counted: customers });
      return { statements, points: certificate!.points };
    } finally {
      vi.restoreAllMocks();
    }
  }
});
