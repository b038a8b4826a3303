import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { migrateMssql, openMssql } from '../db/mssql/open.ts';
import { childOf, recordOf, worldOf } from './database-fixture.ts';
import { emptyDatabase, testServer } from './database-server.ts';

/**
 * Links of one store that run at once, on a server: SQLite has one writer at a time. A transaction of our own holds a
 * row that the first link needs, so that it has read before the product changes and writes after that.
 */
const server = testServer();
const why = 'set TEST_DATABASE_URL=mssql://user:password@host/database to a server of tests';
if (server === null) console.info(`test/mssql-links.test.ts is skipped: ${why}.`);

/** Long enough for a statement to arrive and to wait. */
const ARRIVED_MS = 500;

it.skipIf(server === null)(
  'a link that is slow does not write an old value over the new one of a later link',
  async () => {
    const empty = await emptyDatabase(server!);
    try {
      await migrateMssql(empty.address, { nonce: randomUUID });
      const world = await worldOf(async () => ({
        connect: () => openMssql(empty.address, { nonce: randomUUID }),
        now: Date.now,
        advance: () => {},
        select: async () => [],
        drop: async () => {},
      }));
      const { database, storeId } = world;
      const item = (id: string, product: string) =>
        childOf('orders', 'OrderItems', id, { ShopifyProductId: product });
      for (const [blocked, changed] of [
        ['1', '2'],
        ['2', '1'],
      ] as const) {
        const old = { ProductType: 'old' };
        await world.write('products', recordOf('products', '1', old), recordOf('products', '2', old));
        const items = [item(`5${blocked}1`, '1'), item(`5${blocked}2`, '2')];
        const children = { OrderItems: items, Refunds: [] };
        await world.write('orders', recordOf('orders', `5${blocked}`, {}, { children }));
        const blocker = empty.pool.transaction();
        await blocker.begin();
        await blocker
          .request()
          .query(`update OrderItems set Sku = 'held' where ShopifyLineItemId = '5${blocked}${blocked}'`);
        const slow = database.link(storeId, 'orders', [`5${blocked}`]);
        await sleep(ARRIVED_MS);
        await world.write('products', recordOf('products', changed, { ProductType: 'new' }));
        const later = database.link(storeId, 'products', [changed]);
        await sleep(ARRIVED_MS);
        await blocker.rollback();
        await Promise.all([slow, later]);
        const { recordset } = await empty.pool.query(
          `select i.ProductType from OrderItems i where i.ShopifyProductId = '${changed}'`,
        );
        expect(recordset.map(({ ProductType }) => ProductType)).toEqual(recordset.map(() => 'new'));
      }
      await world.close();
    } finally {
      await empty.drop();
    }
  },
  120_000,
);
