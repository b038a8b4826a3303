import { afterEach, beforeEach, expect, it } from 'vitest';
import { compareIds } from '../src/ids.ts';
import type { RangeView } from '../src/record.ts';
import { childOf, commitOf, type Factory, raiseOf, recordOf, worldOf, writeOf } from './database-fixture.ts';

/** Many rows at once, and many writers at once. */
export function crowdsBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  it('5,000 rows are one commit, and are found again page by page in the order of ids', async () => {
    const ids = Array.from({ length: 5000 }, (_, i) => String(10n ** BigInt((i % 15) + 4) + BigInt(i)));
    const records = ids.map((id) =>
      recordOf('customers', id, { TotalSpent: `${id.slice(0, 14)}.0001`, City: `c${id}` }),
    );
    await world.write('customers', ...records);
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { rows }: RangeView = await world.database.keysInRange(
        world.storeId,
        'customers',
        after,
        null,
        1500,
      );
      found.push(...rows.map(({ id }) => id));
      after = rows.at(-1)?.id ?? null;
      if (after === null) break;
    }
    expect(found).toEqual(ids.toSorted(compareIds));
    expect(await world.database.burialFacts(world.storeId, 'customers')).toMatchObject({ live: 5000 });
  });

  it('of eight that write the same objects each commits whole, or not at all', async () => {
    const writers = await Promise.all(Array.from({ length: 8 }, () => world.connect()));
    const order = (id: string, writer: string) => {
      const line = (key: string) => childOf('orders', 'OrderItems', key, { Title: writer });
      const children = { OrderItems: [line(`${id}1`), line(`${id}2`), line(`9${id}`)], Refunds: [] };
      return recordOf('orders', id, { OrderNumber: writer, ShopifyCustomerId: '7' }, { children });
    };
    let commits = 0;
    const work = async (database: (typeof writers)[number], name: string) => {
      for (let round = 0; round < 3; round += 1) {
        await database.mark(world.storeId, [raiseOf('7'), raiseOf('51', { entity: 'orders' })]);
        const lease = await database.acquireLease(world.storeId, 'orders', 'refresh', 60_000);
        if (!lease) continue;
        const orders = ['51', '52'].map((id) => order(id, `${name} ${round}`));
        await database.commitRefresh(lease, {
          ...commitOf({ verdicts: orders.map((order) => writeOf(order)) }),
          raises: [raiseOf('7')],
        });
        commits += 1;
        await database.releaseLease(lease);
        await database.link(world.storeId, 'orders', ['51', '52']);
      }
    };
    await Promise.all(writers.map((database, i) => work(database, `writer ${i}`)));
    await Promise.all(writers.map((database) => database.close()));
    expect(commits).toBeGreaterThan(0);
    const rows = [...(await world.rows('orders')).values()];
    const says = rows.map(({ row, children }) => [
      row['OrderNumber'],
      ...children['OrderItems']!.map((item) => item.row['Title']),
    ]);
    const [[last]] = says as [[string]];
    expect(says).toEqual([Array(4).fill(last), Array(4).fill(last)]);
    expect(await world.take('customers')).toMatchObject([{ id: '7' }]);
  });
}
