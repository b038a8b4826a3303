import { getTableColumns } from 'drizzle-orm';
import { erasureOrder } from '../erasure-order.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, rowsOf, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { countErased, theRequest } from './privacy-requests.ts';
import { flag } from './recordset.ts';
import { lockAllMarks } from './stores.ts';

/** Deleting a store, some rows at a time. What is left to do is what is still there. */

const ORDER = erasureOrder(
  Object.entries(schema.tables)
    .filter(([name, table]) => name === 'Stores' || 'StoreId' in getTableColumns(table))
    .map(([name]) => name),
);

/** All of a store that was never reached, at once: hardly anything. */
export const deleteStore = (storeId: string): string =>
  ORDER.map(
    (table) => `DELETE FROM [${table}] WHERE [${table === 'Stores' ? 'Id' : 'StoreId'}] = ${storeId};`,
  ).join('\n');

const deletion = (table: string): string => `IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [${table}] WHERE [${table === 'Stores' ? 'Id' : 'StoreId'}] = @storeId;
  ${countErased(table)}
  SET @left = @left - @times;
END;`;

/**
 * Under the locks of all marks: a signal that comes now marks before, or finds no store (see `MARK`), and whoever
 * resumes the store does so before, which is seen here, or finds less of it.
 */
export const ERASE_STORE = transaction(
  'eraseStore',
  { requestId: BIGINT, limit: BIGINT },
  theRequest,
  lockAllMarks,
  `IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId AND [IsActive] = 0) SET @storeId = NULL;
DECLARE @times int, @left int = CASE WHEN @storeId IS NULL THEN 0 ELSE @limit END;`,
  ...ORDER.map(deletion),
  'SELECT CASE WHEN @storeId IS NOT NULL AND @left = 0 THEN 1 ELSE 0 END AS [More];',
);

export async function eraseStore(connection: Connection, requestId: number, limit: number): Promise<boolean> {
  const [row] = await rowsOf(connection, ERASE_STORE, { requestId, limit });
  return row !== undefined && flag(row, 'More');
}
