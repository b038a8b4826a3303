import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'mssql';
import { driverConfig } from '../db/mssql/address.ts';
import { failureOf } from '../db/mssql/failures.ts';
import type { MssqlAddress } from '../src/database-address.ts';

/** Databases that live as long as one run. Their names are our own: letters, digits and _ only. */

/** On Azure a new database is a minute's work. */
const CREATE_TIMEOUT_MS = 5 * 60_000;
/**
 * A server may still be taking leave of connections that were just closed, and refuses to make two databases at once
 * after one model (error 1807).
 */
const TRIES = 20;
const WAIT_MS = 250;

export const createDatabase = (server: MssqlAddress, name: string): Promise<void> =>
  onServer(server, `CREATE DATABASE [${plain(name)}];`, `creating the database ${name}`);

export const dropDatabase = (server: MssqlAddress, name: string): Promise<void> =>
  onServer(server, `DROP DATABASE [${plain(name)}];`, `dropping the database ${name}`);

async function onServer(server: MssqlAddress, statement: string, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(server, statement);
    } catch (error) {
      if (tries === TRIES || !(error instanceof sql.RequestError)) throw failureOf(error, name).error;
      await sleep(WAIT_MS);
    }
  }
}

async function once(server: MssqlAddress, statement: string): Promise<void> {
  const config = { ...driverConfig(server), requestTimeout: CREATE_TIMEOUT_MS };
  const pool = await new sql.ConnectionPool(config).connect();
  try {
    await pool.request().batch(statement);
  } finally {
    await pool.close();
  }
}

/** A name cannot be a parameter. */
function plain(name: string): string {
  if (!/^\w+$/.test(name))
    throw new RangeError('the name of a scratch database has other signs than letters and digits');
  return name;
}
