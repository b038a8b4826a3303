import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import type { Row } from '../../src/entities/column.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { MirrorChild, MirrorRow } from '../../src/record.ts';
import { type MirrorTable, mirrorTableOf, pathTo } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { placeOf } from './ranges.ts';
import { listed, prepared } from './statements.ts';

/** What the mirror holds, whole rows with their children: for comparing, never for refreshing. */

const TIMES = ['CreatedAt', 'UpdatedAt', 'ShopifyCreatedAt', 'ShopifyUpdatedAt'];

/** The columns of the entity's row or child row as the port speaks of them. */
const columnsOf = (shape: MirrorTable, more: readonly string[]) => {
  const table = schema.mirrored(shape.name);
  return Object.fromEntries(
    [...Object.keys(shape.columns), ...more].map((name) => [name, columnNamed(table, name)]),
  );
};

/** The columns of `row` were built from the entity's kinds, which is more than their types can say. */
const typed = (row: Readonly<Record<string, unknown>>) => row as Row;

const ownRows = prepared(({ db }, entity: EntityName) => {
  const shape = mirrorTableOf(entityOf(entity));
  const table = schema.own(shape.name);
  const key = columnNamed(table, shape.key);
  const columns = {
    id: table.Id,
    key: sql<string>`${key}`,
    deletedAt: table.DeletedAt,
    erasedAt: table.ErasedAt,
  };
  const rows = (which: SQL) =>
    db
      .select({ ...columns, row: columnsOf(shape, TIMES) })
      .from(table)
      .where(and(eq(table.StoreId, sql.placeholder('storeId')), which));
  const place = sql`(${table.IdLength}, ${key})`;
  return {
    ofIds: rows(sql`${key} in ${listed('ids')}`).prepare(),
    behind: rows(sql`${place} > (${sql.placeholder('length')}, ${sql.placeholder('text')})`)
      .orderBy(asc(table.IdLength), asc(key))
      .limit(sql.placeholder('limit'))
      .prepare(),
  };
});
type OwnRow = ReturnType<ReturnType<typeof ownRows>['ofIds']['all']>[number];

const childRows = prepared(({ db }, name: string) => {
  const shape = pathTo(name).tables.at(-1)!;
  const table = schema.child(name);
  const key = columnNamed(table, shape.key);
  const parent = columnNamed(table, shape.parent!);
  return db
    .select({
      id: table.Id,
      key: sql<string>`${key}`,
      parentId: sql<number>`${parent}`,
      row: columnsOf(shape, []),
    })
    .from(table)
    .where(sql`${parent} in ${listed('parents')}`)
    .orderBy(asc(parent), sql`length(${key})`, asc(key))
    .prepare();
});

export function mirrorRows(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  after: string | null,
  limit: number,
): readonly MirrorRow[] {
  const found = ownRows(connection, entity).behind.all({ storeId, limit, ...placeOf(after) });
  return withChildren(connection, entity, found);
}

export function contents(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): readonly MirrorRow[] {
  const found = ownRows(connection, entity).ofIds.all({ storeId, ids: JSON.stringify(ids) });
  return withChildren(connection, entity, found);
}

function withChildren(
  connection: Connection,
  entity: EntityName,
  found: readonly OwnRow[],
): readonly MirrorRow[] {
  const ids = found.map(({ id }) => id);
  const childrenOf = childSets(connection, mirrorTableOf(entityOf(entity)), ids);
  return found.map(({ id, key, deletedAt, erasedAt, row }) => ({
    key,
    deletedAt,
    erasedAt,
    row: typed(row),
    children: childrenOf(id),
  }));
}

/** The child sets of rows that have been read, by the rows' own number. */
function childSets(
  connection: Connection,
  parent: MirrorTable,
  ids: readonly number[],
): (id: number) => Readonly<Record<string, readonly MirrorChild[]>> {
  const sets = parent.children.map((shape) => {
    const found = childRows(connection, shape.name).all({ parents: JSON.stringify(ids) });
    const childIds = found.map(({ id }) => id);
    const childrenOf = childSets(connection, shape, childIds);
    const byParent = Map.groupBy(found, ({ parentId }) => parentId);
    const of = (parentId: number): readonly MirrorChild[] =>
      (byParent.get(parentId) ?? []).map(({ id, key, row }) => ({
        key,
        row: typed(row),
        children: childrenOf(id),
      }));
    return { name: shape.name, of };
  });
  return (id) => Object.fromEntries(sets.map(({ name, of }) => [name, of(id)]));
}
