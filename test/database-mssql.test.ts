import { randomUUID } from 'node:crypto';
import sql from 'mssql';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrateMssql, openMssql } from '../db/mssql/open.ts';
import { schema } from '../db/schema.mssql.ts';
import type { Database } from '../src/database.ts';
import type { MssqlAddress } from '../src/database-address.ts';
import { databaseBattery } from './database-battery.ts';
import type { TestDatabase } from './database-fixture.ts';
import { type EmptyDatabase, emptyDatabase, testServer } from './database-server.ts';

/** The battery over SQL Server, Azure SQL or Babelfish: in a database of its own, migrated once, emptied before each test. */

/** A small server takes its time for the tables and indexes. */
const START_MS = 120_000;

/**
 * What a test is given: always the same database, emptied, and connections that are kept from test to test, each to
 * one holder at a time. A server needs longer to get to know the batches of a new connection than to run them.
 */
function mssql(server: MssqlAddress): () => Promise<TestDatabase> {
  const time = { now: 0, nonces: 0 };
  const free: Database[] = [];
  const opened: Database[] = [];
  let database: EmptyDatabase;
  const open = async (): Promise<Database> => {
    const options = { clock: () => time.now, nonce: () => `nonce-${time.nonces++}` };
    const connected = await openMssql(database.address, options);
    opened.push(connected);
    return connected;
  };
  beforeAll(async () => {
    database = await emptyDatabase(server);
    await migrateMssql(database.address, { nonce: randomUUID });
  }, START_MS);
  afterAll(async () => {
    for (const connected of opened) await connected.close();
    await database.drop();
  }, START_MS);
  return async () => {
    await database.pool.request().batch(EMPTY);
    time.now = Date.parse('2026-11-01T12:00:00Z');
    return {
      async connect() {
        const connected = free.pop() ?? (await open());
        return { ...connected, close: async () => void free.push(connected) };
      },
      now: () => time.now,
      advance: (ms) => {
        time.now += ms;
      },
      select: (query) => select(database.pool, query),
      drop: async () => {},
    };
  };
}

/** Tables in the order of the schema refer only to those before them. */
const EMPTY = Object.keys(schema.tables)
  .toReversed()
  .map((table) => `DELETE FROM [${table}];`)
  .join('\n');

/** As SQLite would answer: 64-bit numbers, which the driver gives as texts, as numbers. */
async function select(pool: sql.ConnectionPool, query: string) {
  const { recordset } = await pool.request().query<Record<string, unknown>>(query);
  const wide = Object.entries(recordset.columns).filter(([, { type }]) => type === sql.BigInt);
  const numbers = (row: Record<string, unknown>) =>
    wide.map(([name]) => [name, row[name] === null ? null : Number(row[name])]);
  return recordset.map((row) => ({ ...row, ...Object.fromEntries(numbers(row)) }));
}

const server = testServer();
if (server !== null) databaseBattery('SQL Server', mssql(server));
else
  describe('SQL Server', () => {
    const why = 'set TEST_DATABASE_URL=mssql://user:password@host/database to a server of tests';
    console.info(`test/database-mssql.test.ts is skipped: ${why}.`);
    it.skip(`is not tested: ${why}`, () => {});
  });
