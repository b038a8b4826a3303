import { and, eq, sql } from 'drizzle-orm';
import type { AnyMsSqlColumn } from 'drizzle-orm/mssql-core';
import type { Connection } from './connection.ts';

/** Shared words of prepared statements. */

/**
 * Statements are prepared at their first use on a connection and kept as long as it is. Those that depend on an
 * entity, a table or a set of columns are kept for each.
 */
export function prepared<By extends readonly string[], S>(
  prepare: (connection: Connection, ...by: By) => S,
): (connection: Connection, ...by: By) => S {
  const known = new WeakMap<Connection, Map<string, S>>();
  return (connection, ...by) => {
    const ofConnection = known.get(connection) ?? new Map<string, S>();
    known.set(connection, ofConnection);
    const name = by.join('\n');
    const statement = ofConnection.get(name) ?? prepare(connection, ...by);
    ofConnection.set(name, statement);
    return statement;
  };
}

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

interface KeyColumns {
  readonly StoreId: AnyMsSqlColumn;
  readonly Entity: AnyMsSqlColumn;
  readonly ShopifyId: AnyMsSqlColumn;
}

/** The rows of a table about the objects `ids` of an `entity` of the store. */
export const aboutKeys = (table: KeyColumns) =>
  and(
    eq(table.StoreId, sql.placeholder('storeId')),
    eq(table.Entity, sql.placeholder('entity')),
    sql`${table.ShopifyId} in ${listed('ids')}`,
  );
