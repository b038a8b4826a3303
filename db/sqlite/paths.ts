import { type SQL, sql } from 'drizzle-orm';
import type { TablePath } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import { listed } from './statements.ts';

/** The ways between an object and the rows of its tables, however deep they hang, as conditions. */

const STORE = sql.placeholder('storeId');

/** The table where a path ends. */
export const endOf = (path: TablePath) => {
  const shape = path.tables.at(-1)!;
  const table = schema.mirrored(shape.name);
  return { shape, table, column: (name: string) => columnNamed(table, name) };
};

/** Without its last table; null at the entity's own. */
const above = ({ entity, tables: [own, ...rest] }: TablePath): TablePath | null =>
  rest.length === 0 ? null : { entity, tables: [own, ...rest.slice(0, -1)] };

/** The row at the end of the path belongs to one of the objects `ids`. */
export function belongsTo(path: TablePath): SQL {
  const { shape, column } = endOf(path);
  const parent = above(path);
  if (!parent) return sql`(${column('StoreId')} = ${STORE} and ${column(shape.key)} in ${listed('ids')})`;
  const { table, column: ofParent } = endOf(parent);
  return sql`${column(shape.parent!)} in (select ${ofParent('Id')} from ${table} where ${belongsTo(parent)})`;
}

/** Ids of the objects that have, at the end of the path, a row that meets the condition. */
export function objectsWith(path: TablePath, condition: SQL): SQL {
  const { shape, table, column } = endOf(path);
  const parent = above(path);
  const wanted = column(parent ? shape.parent! : shape.key);
  const found = sql`select ${wanted} as "id" from ${table} where ${column('StoreId')} = ${STORE} and ${condition}`;
  return parent ? objectsWith(parent, sql`${endOf(parent).column('Id')} in (${found})`) : found;
}
