/**
 * The one SQLite file in which the local host keeps what Azure Storage would keep: messages and timer records.
 *
 * WAL with `synchronous = NORMAL`: a commit survives the death of the process at any instant (which is what R4
 * asks), not necessarily a power cut; that is the price of a commit without waiting for the disk. Several
 * processes may share the file; whoever finds it locked waits up to `busyTimeoutMs`, and since node:sqlite is
 * synchronous the whole process waits with it, so transactions here are few statements long.
 */

import { DatabaseSync } from 'node:sqlite';

/** Times are milliseconds of the clock given to `openQueues`. Leased, delayed and waiting messages differ only in `VisibleAt`. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS Messages (
    Id           INTEGER PRIMARY KEY AUTOINCREMENT,
    Queue        TEXT    NOT NULL,
    Text         TEXT    NOT NULL,
    VisibleAt    INTEGER NOT NULL,
    InsertedAt   INTEGER NOT NULL,
    DequeueCount INTEGER NOT NULL DEFAULT 0,
    PopReceipt   TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS MessagesByVisibleAt ON Messages (Queue, VisibleAt);
  CREATE TABLE IF NOT EXISTS Timers (
    Name       TEXT    PRIMARY KEY,
    Schedule   TEXT    NOT NULL,
    LastAt     INTEGER,
    NextAt     INTEGER NOT NULL,
    UpdatedAt  INTEGER NOT NULL,
    LeaseUntil INTEGER NOT NULL DEFAULT 0,
    LeaseToken TEXT
  ) STRICT, WITHOUT ROWID;
`;

const WAL_RETRY_MS = 5;

export function openFile(file: string, busyTimeoutMs: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    enterWal(database, busyTimeoutMs);
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(SCHEMA);
    return database;
  } catch (cause) {
    if (database?.isOpen) database.close();
    throw new Error(
      `The queue file ${file} cannot be opened. Check that its folder exists and is writable and that the file is ` +
        'one of this host; remove it to start with empty queues.',
      { cause },
    );
  }
}

/**
 * The busy timeout does not cover this one statement: when several processes make the file at the same moment,
 * SQLite refuses some of them at once instead of letting them wait. So it is tried again here.
 */
function enterWal(database: DatabaseSync, busyTimeoutMs: number): void {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_RETRY_MS);
    }
  }
}

/** SQLITE_BUSY is 5, in the low byte of the code. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}

/** All or nothing, and the write lock from the first statement on, so that no statement in it can find a stale view. */
export function transact<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
