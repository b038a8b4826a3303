/**
 * A database past the port, by plain SQL that SQLite and SQL Server both understand. Parameters are written `@name`;
 * a time is given as a `Date`, and comes back as whatever `Number()` makes milliseconds of.
 */
export type Row = Readonly<Record<string, unknown>>;
export type Values = Readonly<Record<string, string | number | Date>>;

export interface Looked {
  /** The clock that due times, leases and runs go by. */
  now(): Promise<number>;
  select(query: string, values?: Values): Promise<readonly Row[]>;
  write(statement: string, values?: Values): Promise<void>;
  /** SQL for the time so many milliseconds before that in a column. */
  earlier(column: string, ms: number): string;
  /** What the database itself finds wrong with its own files. */
  damage(): Promise<readonly string[]>;
}
