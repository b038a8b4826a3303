/**
 * A SQLite file, looked at from outside. Every look opens it for reading only and closes it again: a look must not do
 * for a host what that has to do by itself, such as recovering the log of a dead one.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Looked, Row, Values } from './looked.ts';

const BUSY_TIMEOUT_MS = 5_000;

export class SqliteFile implements Looked {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** The hosts', who share a machine with whoever looks. */
  async now(): Promise<number> {
    return Date.now();
  }

  /** Nothing, where the file or the table is not there yet: a host may have died before it made them. */
  async select(query: string, values: Values = {}): Promise<readonly Row[]> {
    try {
      return this.#opened(true, (database) => database.prepare(query).all(bound(values)));
    } catch (error) {
      if (error instanceof Error && /no such table|unable to open/.test(error.message)) return [];
      throw error;
    }
  }

  async write(statement: string, values: Values = {}): Promise<void> {
    this.#opened(false, (database) => database.prepare(statement).run(bound(values)));
  }

  earlier(column: string, ms: number): string {
    return `${column} - ${ms}`;
  }

  async damage(): Promise<readonly string[]> {
    const found = await this.select('PRAGMA integrity_check');
    const broken = await this.select('PRAGMA foreign_key_check');
    return [
      ...found.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok'),
      ...broken.map((row) => `${row['table']} points to nothing`),
    ].map((text) => `${this.file}: ${text}`);
  }

  #opened<T>(readOnly: boolean, work: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(this.file, { readOnly, timeout: BUSY_TIMEOUT_MS });
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}

type Bound = Exclude<
  Parameters<StatementSync['all']>[0],
  string | number | bigint | null | NodeJS.ArrayBufferView
>;

const bound = (values: Values): Bound =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
  );
