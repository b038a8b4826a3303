import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'mssql';
import type { MssqlAddress } from '../../src/database-address.ts';
import { driverConfig } from './address.ts';
import { failureOf } from './failures.ts';

/** Databases that live as long as one run. Their names are our own: letters, digits and _ only. */

/** On Azure a new database is a minute's work. */
const CREATE_TIMEOUT_MS = 5 * 60_000;
/** A server may still be taking leave of connections that were just closed. */
const DROP_TRIES = 20;
const DROP_WAIT_MS = 250;

export const createDatabase = (server: MssqlAddress, name: string): Promise<void> =>
  onServer(server, `CREATE DATABASE [${plain(name)}];`, `creating the database ${name}`);

export async function dropDatabase(server: MssqlAddress, name: string): Promise<void> {
  const statement = `DROP DATABASE [${plain(name)}];`;
  for (let tries = 1; ; tries += 1) {
    try {
      await onServer(server, statement, `dropping the database ${name}`);
      return;
    } catch (error) {
      if (tries === DROP_TRIES) throw error;
      await sleep(DROP_WAIT_MS);
    }
  }
}

async function onServer(server: MssqlAddress, statement: string, name: string): Promise<void> {
  try {
    const config = { ...driverConfig(server), requestTimeout: CREATE_TIMEOUT_MS };
    const pool = await new sql.ConnectionPool(config).connect();
    try {
      await pool.request().batch(statement);
    } finally {
      await pool.close();
    }
  } catch (error) {
    throw failureOf(error, name).error;
  }
}

/** A name cannot be a parameter. */
function plain(name: string): string {
  if (!/^\w+$/.test(name))
    throw new RangeError('the name of a scratch database has other signs than letters and digits');
  return name;
}
