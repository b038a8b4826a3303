import { commaList, listed } from './statements.ts';

/**
 * Whole sets of rows written by their key: those that stand are updated, the others inserted. Without MERGE, whose
 * locks of ranges meet in deadlocks and which Babelfish lacks.
 *
 * Between the two statements nobody else can insert the same key: every table that is written so has one writer at
 * a time, who holds the row lock of a fence or the application lock of the marks. The unique index behind it
 * would turn a mistake in that into an error, never into a second row or a lost one.
 */
export interface Upsert {
  /** The table that is written: `t` in expressions. */
  readonly table: string;
  /** Table variable with the rows: `s` in expressions, with whatever `joined` adds. */
  readonly source: string;
  readonly joined?: string;
  /** Which of those rows; all unless said. */
  readonly where?: string;
  /** Columns of the key: of `t` to an expression without `t`. */
  readonly key: Assignments;
  /** Columns that differ in a row that stands; expressions may name `t`. */
  readonly update: Assignments;
  /** Columns of a new row beside its key. */
  readonly insert: Assignments;
}

/** Column → expression. */
export type Assignments = Readonly<Record<string, string>>;

export function upsert({ table, source, joined, where, key, update, insert }: Upsert): string {
  const sameKey = Object.entries(key).map(([column, value]) => `t.[${column}] = ${value}`);
  const more = joined === undefined ? '' : `\n${joined}`;
  const added = { ...key, ...insert };
  return `UPDATE t SET
${Object.entries(update)
  .map(([column, value]) => `  [${column}] = ${value}`)
  .join(',\n')}
FROM [${table}] AS t
INNER JOIN ${source} AS s ON ${sameKey.join(' AND ')}${more}${where === undefined ? '' : `\nWHERE ${where}`};
INSERT INTO [${table}] (
  ${listed(added)}
)
SELECT
  ${commaList(Object.values(added))}
FROM ${source} AS s${more}
WHERE ${where === undefined ? '' : `${where} AND `}NOT EXISTS (SELECT 1 FROM [${table}] AS t WHERE ${sameKey.join(' AND ')});`;
}
