import sql from 'mssql';
import type { Connection } from './connection.ts';
import type { Row } from './recordset.ts';
import { attempt } from './retry.ts';

/**
 * A batch of T-SQL is one operation of the port and one round trip. Its text never changes and its parameters are
 * declared with it, so that the server keeps one plan; values go as parameters only, many of them as one JSON text.
 *
 * Every batch knows `@now` (the database's clock, a datetime2(3) in UTC) and ends at its first error, which undoes
 * its transaction. The session's options are those of the batch alone: the driver sends it through sp_executesql,
 * which restores them at its end.
 */
export interface Batch<P extends Parameters = Parameters> {
  /** What errors call it. */
  readonly name: string;
  readonly text: string;
  readonly parameters: P;
}

/** The type of a parameter, and how a value of the domain becomes one of the driver. Any may be null. */
interface Kind<T> {
  readonly type: sql.ISqlType;
  encode(value: T): unknown;
}

export type Parameters = Readonly<Record<string, Kind<unknown>>>;

export type Values<P extends Parameters> = {
  readonly [N in keyof P]: (P[N] extends Kind<infer T> ? T : never) | null;
};

export const BIGINT: Kind<number> = { type: sql.BigInt(), encode: (value) => value };
export const BIT: Kind<boolean> = { type: sql.Bit(), encode: (value) => value };
export const TEXT: Kind<string> = { type: sql.NVarChar(4000), encode: (value) => value };
/** A value that the batch reads with OPENJSON, or a long text. */
export const JSON_TEXT: Kind<string> = { type: sql.NVarChar(sql.MAX), encode: (value) => value };
/** Milliseconds since 1970 as a datetime2(3) in UTC. */
export const INSTANT: Kind<number> = { type: sql.DateTime2(3), encode: (ms) => new Date(ms) };

/** The time of tests, or the server's. */
const CLOCK = 'COALESCE(@clock, SYSUTCDATETIME())';
const HEAD = `SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = ${CLOCK};`;

/** For a batch that may have waited. */
export const setNow = `SET @now = ${CLOCK};`;

/** Statements that need no transaction around them: reads, and a single write. */
export const batch = <const P extends Parameters>(
  name: string,
  parameters: P,
  ...statements: readonly string[]
): Batch<P> => ({ name, parameters, text: [HEAD, ...statements].join('\n') });

/** Statements that take effect all together or not at all. */
export const transaction = <const P extends Parameters>(
  name: string,
  parameters: P,
  ...statements: readonly string[]
): Batch<P> => batch(name, parameters, 'BEGIN TRANSACTION;', ...statements, 'COMMIT TRANSACTION;');

/** Batches that differ by entity or kind of lease: each is built when it is first needed, and kept. */
export function batchesBy<const By extends readonly string[], B>(build: (...by: By) => B): (...by: By) => B {
  const built = new Map<string, B>();
  return (...by) => {
    const name = by.join(' ');
    const known = built.get(name) ?? build(...by);
    built.set(name, known);
    return known;
  };
}

/** What each SELECT of the batch found, in their order. Throws `Fenced`, `Transient`, `Reject` or a bug's error. */
export async function run<P extends Parameters>(
  connection: Connection,
  { name, text, parameters }: Batch<P>,
  values: Values<P>,
): Promise<readonly (readonly Row[])[]> {
  const { pool, clock } = connection;
  return await attempt(connection, name, async () => {
    const request = pool.request();
    request.input('clock', INSTANT.type, clock === null ? null : INSTANT.encode(clock()));
    for (const [parameter, kind] of Object.entries(parameters)) {
      const value = values[parameter];
      request.input(parameter, kind.type, value == null ? null : kind.encode(value));
    }
    const { recordsets } = await request.query<Row>(text);
    return recordsets;
  });
}

/** What the only SELECT of the batch found. */
export async function rowsOf<P extends Parameters>(
  connection: Connection,
  batch: Batch<P>,
  values: Values<P>,
): Promise<readonly Row[]> {
  const [rows = []] = await run(connection, batch, values);
  return rows;
}
