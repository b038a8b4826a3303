import { sql } from 'drizzle-orm';
import type { AnyMsSqlColumn } from 'drizzle-orm/mssql-core';

/** Shared words of prepared statements. */

type Placeholder = ReturnType<typeof sql.placeholder>;

/** A placeholder per column, of the column's name. */
export function placeholders<const N extends string>(...names: readonly N[]): Record<N, Placeholder> {
  const all: Partial<Record<N, Placeholder>> = {};
  for (const name of names) all[name] = sql.placeholder(name);
  return all as Record<N, Placeholder>;
}

/** In an upsert: the value that would have been inserted. */
export const incoming = (column: AnyMsSqlColumn) => sql`excluded.${sql.identifier(column.name)}`;

/** The texts of a JSON array as rows: one parameter and one statement, however many keys there are. */
export const listed = (name: string) => sql`(select value from json_each(${sql.placeholder(name)}))`;

/**
 * Statements that depend on an entity, a table or a set of columns: prepared at their first use, then kept.
 */
export function prepared<K, S>(prepare: (key: K) => S): (key: K) => S {
  const known = new Map<K, S>();
  return (key) => {
    const statement = known.get(key) ?? prepare(key);
    known.set(key, statement);
    return statement;
  };
}
