import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { drizzle, type NodeSQLiteDatabase } from 'drizzle-orm/node-sqlite';
import type { Clock, Monotonic, Nonce } from '../../src/clock.ts';
import { translated } from './failures.ts';
import { createFileClock, plainClock } from './file-clock.ts';

/**
 * One connection to the embedded database. node:sqlite is synchronous: an operation begins and ends its
 * transaction in one tick, so no other work of this process can slip into it. Between processes the write
 * lock is the file's, and whoever finds it taken waits a while.
 */
export interface Connection {
  readonly db: NodeSQLiteDatabase;
  readonly client: DatabaseSync;
  /** The database's own clock: due times, leases, ages. */
  readonly clock: Clock;
  /** Before a transaction writes: the clock goes on from the latest time that anybody wrote at. */
  readonly meetOthers: () => void;
  readonly nonce: Nonce;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** With it the database's clock is steady, whatever becomes of `clock`; a test that moves `clock` by hand gives none. */
  readonly monotonic?: Monotonic;
  readonly nonce: Nonce;
  /** How long to wait for another process to finish its transaction. */
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 32 * 1024;
/** More than there are texts of statements: the few that depend on their values are short of this by far. */
const STATEMENTS_MAX = 1_000;

/**
 * Compiles a text once. Every use of a statement begins and ends in one tick, so two can never meet in it; SQLite
 * compiles it anew by itself when the schema changes.
 */
class CompiledOnce extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  override prepare(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? super.prepare(text);
    if (this.#statements.size < STATEMENTS_MAX) this.#statements.set(text, statement);
    return statement;
  }
}

export function connect(file: string, options: ConnectionOptions): Connection {
  const { clock, monotonic, nonce, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const client = new CompiledOnce(file, { timeout: busyTimeoutMs });
  try {
    client.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;`);
    // What is deleted or overwritten is overwritten with zeros: who was erased is not in the free pages either.
    client.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA secure_delete = ON;`);
  } catch (error) {
    client.close();
    throw error;
  }
  const fileClock = monotonic ? createFileClock({ clock, monotonic, forward: 'slowly' }) : plainClock(clock);
  const { now, hear, meet } = fileClock;
  hear(client);
  return { client, db: drizzle({ client }), clock: now, meetOthers: () => meet(client), nonce };
}

/** Empties the write-ahead log, where the pages stand as they were before. Where somebody is reading, the next one does. */
export function forgetPast({ client }: Pick<Connection, 'client'>, busyTimeoutMs = BUSY_TIMEOUT_MS): void {
  client.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE);');
  client.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
}

/** Runs `work` in a transaction of its own; whatever it throws leaves no trace in the database. */
export function transact<T>(client: DatabaseSync, begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
  client.exec(begin);
  try {
    const result = work();
    client.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some failures (disk full, I/O).
    if (client.isTransaction) client.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Operations of the port from synchronous ones. A write takes the lock at its start, since a transaction that
 * begins by reading and then wants to write can fail at once instead of waiting. A read sees one moment.
 */
export const operations = (connection: Connection, file: string) => {
  const operation =
    (begin: 'BEGIN' | 'BEGIN IMMEDIATE') =>
    <A extends readonly unknown[], R>(work: (connection: Connection, ...args: A) => R) =>
    async (...args: A): Promise<R> => {
      try {
        return transact(connection.client, begin, () => {
          if (begin === 'BEGIN IMMEDIATE') connection.meetOthers();
          return work(connection, ...args);
        });
      } catch (error) {
        throw translated(error, file);
      }
    };
  return { read: operation('BEGIN'), write: operation('BEGIN IMMEDIATE') };
};
