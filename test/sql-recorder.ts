import { StatementSync } from 'node:sqlite';
import { drizzle } from 'drizzle-orm/node-mssql';
import sql from 'mssql';
import { expect, vi } from 'vitest';
import type { Connection } from '../db/mssql/connection.ts';

/**
 * What an operation of the port asks of its database, so that both dialects can be read side by side without a
 * server: SQLite really answers, SQL Server is only listened to.
 */

/** A batch, and the parameters that are declared with it, as `@storeId bigint`. */
export interface AskedBatch {
  readonly text: string;
  readonly parameters: readonly string[];
}

/** A connection to SQL Server that finds nothing, and what it is asked: a batch for each round trip. */
export function listening(): { readonly connection: Connection; readonly asked: AskedBatch[] } {
  const asked: AskedBatch[] = [];
  const pool = new sql.ConnectionPool({ server: 'nobody.invalid' });
  vi.spyOn(pool, 'request').mockImplementation(() => {
    const request = new sql.Request(pool);
    const value = async (text: string) => {
      asked.push({ text, parameters: Object.values(request.parameters).map(declared) });
      return { recordsets: [] };
    };
    return Object.defineProperty(request, 'query', { value });
  });
  const db = drizzle({ client: { request: () => pool.request() } });
  const connection = { pool, db, clock: null, nonce: () => 'nonce', wait: async () => {} };
  return { connection, asked };
}

const TYPES = new Map<unknown, string>([
  [sql.BigInt, 'bigint'],
  [sql.Bit, 'bit'],
  [sql.NVarChar, 'nvarchar'],
  [sql.DateTime2, 'datetime2'],
]);

function declared({ name, type, length, scale }: sql.Request['parameters'][string]): string {
  const size = length === sql.MAX ? '(max)' : length ? `(${length})` : scale ? `(${scale})` : '';
  return `@${name} ${TYPES.get(type)}${size}`;
}

/** The different statements that SQLite ran while `work` did, in their order. */
export async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const statements = new Set<string>();
  const spies = (['run', 'get', 'all', 'iterate'] as const).map((method) => {
    const original = StatementSync.prototype[method];
    return vi.spyOn(StatementSync.prototype, method).mockImplementation(function (
      this: StatementSync,
      ...args: unknown[]
    ) {
      statements.add(this.sourceSQL);
      return Reflect.apply(original, this, args);
    });
  });
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return [...statements];
}

/** Names that a batch uses and that neither its parameters nor its own statements declare: no server would run it. */
export function undeclared({ text, parameters }: AskedBatch): readonly string[] {
  const names = (found: Iterable<RegExpMatchArray>) => [...found].map(([, name]) => name!.toLowerCase());
  const known = new Set([
    ...parameters.map((parameter) => parameter.slice(1).split(' ')[0]!.toLowerCase()),
    ...names(text.matchAll(/@(\w+)\s+(?:TABLE|bigint|int|bit|nvarchar|datetime2)\b/gi)),
    // Arguments of sp_getapplock.
    ...['resource', 'lockmode', 'lockowner', 'locktimeout'],
  ]);
  return names(text.matchAll(/(?<!@)@(\w+)/g)).filter((name) => !known.has(name));
}

/** Compares with test/__snapshots__/sql/<name>.sql, and writes it if there is none. */
export async function expectSideBySide(
  name: string,
  sqlite: readonly string[],
  mssql: readonly AskedBatch[],
): Promise<void> {
  expect(mssql.flatMap(undeclared)).toEqual([]);
  const batches = mssql.map(
    ({ text, parameters }) =>
      `-- SQL Server, in one round trip, with\n-- ${wrapped(parameters)}\n\n${text}\n`,
  );
  const statements = sqlite.map((statement) => `${statement};\n`);
  const text = ['-- SQLite', '', ...statements, ...batches].join('\n');
  await expect(text).toMatchFileSnapshot(`./__snapshots__/sql/${name}.sql`);
}

/** A few to the line. */
function wrapped(parameters: readonly string[]): string {
  const lines: string[] = [];
  for (const parameter of parameters) {
    const longer = lines.length === 0 ? '' : `${lines.at(-1)}, ${parameter}`;
    if (longer === '' || longer.length > 100) lines.push(parameter);
    else lines.splice(-1, 1, longer);
  }
  return lines.join(',\n-- ');
}
