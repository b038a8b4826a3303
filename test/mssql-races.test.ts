import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateMssql, openMssql } from '../db/mssql/open.ts';
import type { Database } from '../src/database.ts';
import type { MssqlAddress } from '../src/database-address.ts';
import { commitOf, inStore, recordOf, T, writeOf } from './database-fixture.ts';
import { type EmptyDatabase, emptyDatabase, testServer } from './database-server.ts';

/** Moments that only a server has: one transaction waits for another, and goes on in a world that is not the one it began in. */

const server = testServer();
if (server === null)
  it.skip('races are not run on SQL Server: set TEST_DATABASE_URL to a server of tests', () => {});
else describe('on SQL Server', () => onServer(server));

function onServer(server: MssqlAddress): void {
  let nonces = 0;
  const options = { nonce: () => `nonce-${nonces++}` };
  let empty: EmptyDatabase;
  let database: Database;
  beforeAll(async () => {
    empty = await emptyDatabase(server);
    await migrateMssql(empty.address, options);
    database = await openMssql(empty.address, options);
  });
  afterAll(async () => {
    await database.close();
    await empty.drop();
  });

  /** Long enough for whoever was asked before to be at the server, and to wait there. */
  const meanwhile = async () => {
    for (let looks = 0; looks < 50; looks += 1) await empty.pool.query('SELECT 1');
  };

  it('a store that is taken away while somebody waits for its lease gives none', async () => {
    const { id } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
    expect(await database.acquireLease(id, 'orders', 'sweep', 60_000)).not.toBeNull();
    const uninstall = empty.pool.transaction();
    await uninstall.begin();
    await uninstall.request().query(`UPDATE SyncStates SET Epoch = Epoch + 1 WHERE StoreId = ${id};
UPDATE Stores SET IsActive = 0 WHERE Id = ${id};`);
    const acquiring = database.acquireLease(id, 'orders', 'refresh', 60_000);
    await meanwhile();
    await uninstall.commit();
    expect(await acquiring).toBeNull();
  });

  it('a store that is erased while somebody waits to resume it is made anew', async () => {
    const one = { domain: 'resumed.myshopify.com', secretName: 'resumed' };
    const { id } = await database.activateStore(one);
    await database.deactivateStore(id);
    const erasure = empty.pool.transaction();
    await erasure.begin();
    await erasure.request().query(`EXEC sp_getapplock @Resource = N'Driftless:marks:${id}:customers',
  @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
DELETE FROM SyncStates WHERE StoreId = ${id};
DELETE FROM Stores WHERE Id = ${id};`);
    const resuming = database.activateStore(one);
    await meanwhile();
    await erasure.commit();
    const resumed = await resuming;
    expect(resumed).toMatchObject({ domain: one.domain, active: true });
    expect(resumed.id).not.toBe(id);
    const states = await empty.pool.query(`SELECT 1 AS n FROM SyncStates WHERE StoreId = ${id}`);
    expect(states.recordset).toEqual([]);
  });

  it('a person who is erased while a commit waits for its fence is not brought back by it', async () => {
    const { id } = await database.activateStore({ domain: 'three.myshopify.com', secretName: 'three' });
    const { lease } = inStore(database, id);
    const held = await lease('customers');
    const erasure = empty.pool.transaction();
    await erasure.begin();
    await erasure
      .request()
      .query(
        `UPDATE SyncStates SET RefreshLeaseToken = NULL, RefreshLeaseUntil = NULL WHERE StoreId = ${id};`,
      );
    const verdicts = [writeOf(recordOf('customers', '7', { Email: 'jane@example.com' }))];
    const committing = database.commitRefresh(held, commitOf({ verdicts }));
    await meanwhile();
    await erasure.commit();
    await expect(committing).rejects.toThrow(/lease/);
    expect(await database.mirrorRows(id, 'customers', null, 10)).toEqual([]);
  });

  it('of the last two censuses, which end at once, the later shows that everything is mirrored', async () => {
    const { id } = await database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
    const { detect } = inStore(database, id);
    await detect('census', { censusFinishedAt: T }, 'customers');
    const other = empty.pool.transaction();
    await other.begin();
    await other
      .request()
      .query(`UPDATE SyncStates SET LastCensusAt = '2026-01-01' WHERE StoreId = ${id} AND Entity = 'products';
UPDATE Stores SET LastSyncDate = '2026-01-01' WHERE Id = ${id};`);
    const ending = detect('census', { censusFinishedAt: T }, 'orders');
    await meanwhile();
    await other.commit();
    await ending;
    const { recordset } = await empty.pool.query(`SELECT InitialSetupCompleted FROM Stores WHERE Id = ${id}`);
    expect(recordset[0]).toEqual({ InitialSetupCompleted: true });
  });
}
