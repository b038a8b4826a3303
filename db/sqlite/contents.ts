import { and, asc, eq, sql } from 'drizzle-orm';
import type { MirrorChild, MirrorRow } from '../../src/database.ts';
import type { Row } from '../../src/entities/column.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { type MirrorTable, mirrorTableOf } from '../mirror-tables.ts';
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

const prepareOwn = ({ db }: Connection, shape: MirrorTable) => {
  const table = schema.own(shape.name);
  const key = columnNamed(table, shape.key);
  return db
    .select({
      id: table.Id,
      key: sql<string>`${key}`,
      deletedAt: table.DeletedAt,
      row: columnsOf(shape, TIMES),
    })
    .from(table)
    .where(
      and(
        eq(table.StoreId, sql.placeholder('storeId')),
        sql`(${table.IdLength}, ${key}) > (${sql.placeholder('length')}, ${sql.placeholder('text')})`,
      ),
    )
    .orderBy(asc(table.IdLength), asc(key))
    .limit(sql.placeholder('limit'))
    .prepare();
};

const prepareChildren = ({ db }: Connection, shape: MirrorTable) => {
  const table = schema.child(shape.name);
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
};

export function contents(connection: Connection) {
  const own = prepared((entity: EntityName) => prepareOwn(connection, mirrorTableOf(entityOf(entity))));
  const children = new Map<string, ReturnType<typeof prepareChildren>>();
  const childrenOf = (shape: MirrorTable) => {
    const known = children.get(shape.name) ?? prepareChildren(connection, shape);
    children.set(shape.name, known);
    return known;
  };

  /** The child sets of rows that have been read, by the rows' own number. */
  function childSets(
    parent: MirrorTable,
    ids: readonly number[],
  ): (id: number) => Readonly<Record<string, readonly MirrorChild[]>> {
    const sets = parent.children.map((shape) => {
      const found = childrenOf(shape).all({ parents: JSON.stringify(ids) });
      const below = childSets(
        shape,
        found.map(({ id }) => id),
      );
      const byParent = Map.groupBy(found, ({ parentId }) => parentId);
      const of = (parentId: number): readonly MirrorChild[] =>
        (byParent.get(parentId) ?? []).map(({ id, key, row }) => ({
          key,
          row: typed(row),
          children: below(id),
        }));
      return { name: shape.name, of };
    });
    return (id) => Object.fromEntries(sets.map(({ name, of }) => [name, of(id)]));
  }

  return {
    mirrorRows(
      storeId: number,
      entity: EntityName,
      after: string | null,
      limit: number,
    ): readonly MirrorRow[] {
      const found = own(entity).all({ storeId, limit, ...placeOf(after) });
      const sets = childSets(
        mirrorTableOf(entityOf(entity)),
        found.map(({ id }) => id),
      );
      return found.map(({ id, key, deletedAt, row }) => ({
        key,
        deletedAt,
        row: typed(row),
        children: sets(id),
      }));
    },
  };
}
