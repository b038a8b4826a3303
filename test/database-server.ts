import { randomUUID } from 'node:crypto';
import sql from 'mssql';
import { driverConfig } from '../db/mssql/address.ts';
import { type MssqlAddress, parseDatabaseAddress } from '../src/database-address.ts';
import { createDatabase, dropDatabase } from './scratch-database.ts';

/**
 * The server of tests. TEST_DATABASE_URL names it, and a database of it from which others may be created; nothing in
 * that one is touched.
 */
export function testServer(): MssqlAddress | null {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) return null;
  const parsed = parseDatabaseAddress(url);
  if ('problems' in parsed) throw new Error(`TEST_DATABASE_URL ${parsed.problems.join(', and ')}.`);
  if (parsed.address.kind !== 'mssql') throw new Error('TEST_DATABASE_URL has to begin with mssql://');
  return parsed.address;
}

/** An empty database of its own, and a connection to look at it past the port. */
export interface EmptyDatabase {
  readonly address: MssqlAddress;
  readonly url: string;
  readonly pool: sql.ConnectionPool;
  drop(): Promise<void>;
}

export async function emptyDatabase(server: MssqlAddress): Promise<EmptyDatabase> {
  const database = `driftless_test_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(server, database);
  const address = { ...server, database };
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  url.pathname = `/${database}`;
  const pool = await new sql.ConnectionPool(driverConfig(address)).connect();
  const drop = async () => {
    await pool.close();
    await dropDatabase(server, database);
  };
  return { address, url: url.href, pool, drop };
}
