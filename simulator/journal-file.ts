/** The file of a journal: its tables, who may have it, and what to do when it cannot be used. */
import { DatabaseSync } from 'node:sqlite';

/** The journal cannot be used. The message says what to do. */
export class JournalRefused extends Error {
  override readonly name = 'JournalRefused';
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS Shops (
    Domain      TEXT    PRIMARY KEY,
    Making      TEXT    NOT NULL,
    FilledAt    REAL    NOT NULL,
    Starts      INTEGER NOT NULL DEFAULT 0,
    IdsDrawn    INTEGER NOT NULL DEFAULT 0,
    Fingerprint TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS Steps (
    Domain TEXT NOT NULL,
    Gid    TEXT NOT NULL,
    Kind   TEXT NOT NULL,
    At     REAL NOT NULL,
    Object TEXT,
    PRIMARY KEY (Domain, Gid)
  ) STRICT, WITHOUT ROWID;
`;

/** Exclusive until this process ends, however it ends. Throws a `JournalRefused`. */
export function openJournalFile(file: string, busyMs: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: busyMs });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    throw refusal(file, error);
  }
}

/** What a failure of SQLite means here, by its result code (https://sqlite.org/rescode.html). */
export function refusal(file: string, cause: unknown): JournalRefused {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : null;
  const meaning = code === null ? undefined : MEANINGS[code];
  const reason = meaning ?? `cannot be used (${cause instanceof Error ? cause.message : String(cause)}).`;
  return new JournalRefused(`${file} ${reason}`, { cause });
}

const DAMAGED =
  'is no journal, or damaged: move it away, and whatever mirrors its shop, to begin with a new one.';
const MEANINGS: Readonly<Record<number, string>> = {
  5: 'is in use by another simulator: stop that one first, or use another file.',
  8: 'cannot be written to: give this user the right to write it and its directory.',
  11: DAMAGED,
  13: 'cannot grow: the disk is full.',
  14: 'cannot be opened: make its directory, and give this user the right to write there.',
  26: DAMAGED,
};
