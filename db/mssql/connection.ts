import { setTimeout as sleep } from 'node:timers/promises';
import { drizzle, type NodeMsSqlDatabase } from 'drizzle-orm/node-mssql';
import sql from 'mssql';
import type { Clock, Nonce } from '../../src/clock.ts';
import { noteRefusal } from './logins.ts';

/**
 * The connections to SQL Server, Azure SQL or Babelfish. What the service does there is T-SQL in batches, a round
 * trip each (batch.ts); drizzle reads what is asked seldom, and never opens a transaction of its own: two requests at
 * once in one of its transactions lose the connection for good.
 */
export interface Connection {
  readonly pool: sql.ConnectionPool;
  readonly db: NodeMsSqlDatabase;
  /** Null: the server's own clock, which the machines of a service share. Tests give one. */
  readonly clock: Clock | null;
  readonly nonce: Nonce;
  /** Waits before a batch is tried again. */
  readonly wait: (ms: number) => Promise<void>;
}

export interface ConnectionOptions {
  readonly clock?: Clock | null;
  readonly nonce: Nonce;
  readonly wait?: (ms: number) => Promise<void>;
}

/** A batch may first wait for its locks, which it gives up by itself after LOCK_TIMEOUT_MS (statements.ts). */
const REQUEST_TIMEOUT_MS = 60_000;
/** With a token of a managed identity and a redirection to the database's machine, as on Azure. */
const CONNECT_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 10;

/** Fails with the driver's error when the server cannot be reached or refuses the login. */
export async function connect(config: sql.config, options: ConnectionOptions): Promise<Connection> {
  const pool = new sql.ConnectionPool({
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    ...config,
    pool: { max: CONNECTIONS_MAX, min: 0, ...config.pool },
    // Not with a `SELECT 1`, the default, which would double every round trip.
    validateConnection: 'socket',
    beforeConnect: noteRefusal,
    // Who cannot log in yet tries again in one place (retry.ts), and by more numbers than the driver knows.
    options: { appName: 'Driftless', ...config.options, useUTC: true, maxRetriesOnTransientErrors: 0 },
  });
  // An idle connection that breaks is replaced when the next one is needed; without a listener it ends the process.
  pool.on('error', () => {});
  await pool.connect();
  const { clock = null, nonce, wait = (ms) => sleep(ms) } = options;
  return { pool, db: database(pool), clock, nonce, wait };
}

const database = (pool: sql.ConnectionPool) => drizzle({ client: { request: () => new Typed(pool) } });

/**
 * A parameter of drizzle's has no type, so the driver takes one from its value: another plan for each length of a
 * text. Here the type depends on the kind of value alone, and times have the precision of the columns.
 */
class Typed extends sql.Request {
  override input(name: string, ...given: [value: unknown] | [type: SqlType, value: unknown]): sql.Request {
    const value = given.at(-1);
    const type = typeOf(value);
    return type === null ? super.input(name, value) : super.input(name, type, value);
  }
}

type SqlType = (() => sql.ISqlType) | sql.ISqlType;

function typeOf(value: unknown): SqlType | null {
  if (value instanceof Date) return sql.DateTime2(3);
  if (typeof value === 'string') return sql.NVarChar(value.length > 4000 ? sql.MAX : 4000);
  if (typeof value === 'number' && Number.isInteger(value)) return sql.BigInt;
  return null;
}
