import type { TablePath } from '../mirror-tables.ts';

/**
 * The ways between an object and the rows of its tables, however deep they hang, as conditions. They call tables by
 * their names: inside a subselect a name means the table that is named there.
 */

/** The table where a path ends, and its columns. */
export const endOf = (path: TablePath) => {
  const shape = path.tables.at(-1)!;
  return { shape, table: `[${shape.name}]`, column: (name: string) => `[${shape.name}].[${name}]` };
};

/** Without its last table; null at the entity's own. */
const above = ({ entity, tables: [own, ...rest] }: TablePath): TablePath | null =>
  rest.length === 0 ? null : { entity, tables: [own, ...rest.slice(0, -1)] };

/** The row at the end of the path belongs to one of the objects of `ids`, a SELECT of one column. */
export function belongsTo(path: TablePath, ids: string): string {
  const { shape, column } = endOf(path);
  const parent = above(path);
  if (!parent) return `${column('StoreId')} = @storeId AND ${column(shape.key)} IN (${ids})`;
  const { table, column: ofParent } = endOf(parent);
  return `${column(shape.parent!)} IN (SELECT ${ofParent('Id')} FROM ${table} WHERE ${belongsTo(parent, ids)})`;
}

/** A SELECT of the ids of the objects that have, at the end of the path, a row that meets the condition. */
export function objectsWith(path: TablePath, condition: string): string {
  const { shape, table, column } = endOf(path);
  const parent = above(path);
  const wanted = column(parent ? shape.parent! : shape.key);
  const found = `SELECT ${wanted} AS [Id] FROM ${table} WHERE ${column('StoreId')} = @storeId AND ${condition}`;
  return parent ? objectsWith(parent, `${endOf(parent).column('Id')} IN (${found})`) : found;
}
