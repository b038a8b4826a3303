import { and, eq, getColumns, sql } from 'drizzle-orm';
import { erasureOrder } from '../erasure-order.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { countErased, openRequest } from './privacy-requests.ts';

/** Deleting a store, some rows at a time. What is left to do is what is still there. */

const { Stores } = schema;

const OF_STORES = Object.entries(schema.tables).filter(
  ([name, table]) => name === 'Stores' || 'StoreId' in getColumns(table),
);
const ORDER = erasureOrder(OF_STORES.map(([name]) => name));
const TABLES = new Map(OF_STORES);

export function eraseStore(connection: Connection, requestId: number, limit: number): boolean {
  const { db } = connection;
  const storeId = openRequest(connection, requestId);
  if (storeId === null || !isAtRest(connection, storeId)) return false;
  let left = limit;
  for (const name of ORDER) {
    if (left === 0) return true;
    const table = TABLES.get(name)!;
    const ofStore = eq(name === 'Stores' ? Stores.Id : columnNamed(table, 'StoreId'), storeId);
    // Not `rowid`: a table may have a column of that name.
    const some = sql`_rowid_ in (select _rowid_ from ${table} where ${ofStore} limit ${left})`;
    const { changes } = db.delete(table).where(some).run();
    countErased(connection, requestId, name, Number(changes));
    left -= Number(changes);
  }
  return left === 0;
}

/** All of a store that was never reached, at once: hardly anything. */
export function deleteStore({ db }: Connection, storeId: number): void {
  for (const name of ORDER) {
    const table = TABLES.get(name)!;
    db.delete(table)
      .where(eq(name === 'Stores' ? Stores.Id : columnNamed(table, 'StoreId'), storeId))
      .run();
  }
}

/** Looked at in the transaction that deletes: whoever has resumed the store keeps what is there, and what comes. */
const isAtRest = ({ db }: Connection, storeId: number): boolean =>
  db.$count(Stores, and(eq(Stores.Id, storeId), eq(Stores.IsActive, false))).sync() > 0;
