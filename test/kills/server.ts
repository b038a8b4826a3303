/**
 * A database on SQL Server, Azure SQL or Babelfish, looked at from outside. What a look has to wait for, or loses to
 * the hosts as a deadlock, it asks again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'mssql';
import { driverConfig } from '../../db/mssql/address.ts';
import { attempt } from '../../db/mssql/retry.ts';
import type { MssqlAddress } from '../../src/database-address.ts';
import type { Looked, Row, Values } from './looked.ts';

const PATIENCE = { nonce: randomUUID, wait: (ms: number) => sleep(ms) };
const CONNECTIONS_MAX = 2;

export class Server implements Looked {
  readonly #pool: sql.ConnectionPool;

  private constructor(pool: sql.ConnectionPool) {
    this.#pool = pool;
  }

  static async open(address: MssqlAddress): Promise<Server> {
    const pool = new sql.ConnectionPool({ ...driverConfig(address), pool: { max: CONNECTIONS_MAX } });
    // An idle connection that breaks is replaced; without a listener it ends the process.
    pool.on('error', () => {});
    return new Server(await pool.connect());
  }

  /** The server's own, whatever this machine's says. */
  async now(): Promise<number> {
    const [row] = await this.select('SELECT SYSUTCDATETIME() AS Now');
    return Number(row!['Now']);
  }

  async select(query: string, values: Values = {}): Promise<readonly Row[]> {
    return await attempt(PATIENCE, 'a look from outside', async () => {
      const request = this.#pool.request();
      for (const [name, value] of Object.entries(values))
        if (value instanceof Date) request.input(name, sql.DateTime2(3), value);
        else request.input(name, value);
      const { recordset } = await request.query<Row>(query);
      return recordset;
    });
  }

  async write(statement: string, values: Values = {}): Promise<void> {
    await this.select(statement, values);
  }

  earlier(column: string, ms: number): string {
    return `DATEADD(millisecond, -${ms}, ${column})`;
  }

  /** A server looks after its files by itself: nobody who dies as its client can damage them. */
  async damage(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
