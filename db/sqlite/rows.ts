import { and, eq, isNull, sql } from 'drizzle-orm';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { type Lacks, lacksText, readLacks } from '../../src/lack.ts';
import type { MirrorRecord, RowState } from '../../src/record.ts';
import { mirrorTableOf, writtenColumns } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import { replaceChildren } from './children.ts';
import type { Connection } from './connection.ts';
import { incoming, listed, placeholders, prepared } from './statements.ts';

/**
 * Rows of the entities themselves: written, buried, looked up. Their statements are built from the entities.
 */

const TIMES = [
  'CreatedAt',
  'UpdatedAt',
  'ShopifyCreatedAt',
  'ShopifyUpdatedAt',
  'SyncedAt',
  'ReadAt',
  'ErasedAt',
] as const;

const tableOf = (entity: EntityName) => {
  const shape = mirrorTableOf(entityOf(entity));
  const table = schema.own(shape.name);
  return { shape, table, key: columnNamed(table, shape.key) };
};

/** A row in all columns but those that are withheld, which are nearly always the same. */
const upsert = prepared(({ db }, entity: EntityName, ...withheld: readonly string[]) => {
  const { shape, table, key } = tableOf(entity);
  const columns = writtenColumns(shape).filter((name) => !withheld.includes(name));
  const updated = [...columns, ...TIMES, 'ContentHash', 'Lacks'];
  return db
    .insert(table)
    .values({
      ...placeholders('StoreId', shape.key, ...columns),
      ...placeholders('StoreId', 'ContentHash', 'Lacks', ...TIMES),
      IsActive: true,
    })
    .onConflictDoUpdate({
      target: [table.StoreId, key],
      set: {
        ...Object.fromEntries(updated.map((name) => [name, incoming(columnNamed(table, name))])),
        IsActive: true,
        DeletedAt: null,
      },
    })
    .returning({ id: table.Id })
    .prepare();
});

const burial = prepared(({ db }, entity: EntityName) => {
  const { table, key } = tableOf(entity);
  return db
    .update(table)
    .set({ ...placeholders('DeletedAt', 'SyncedAt'), IsActive: false })
    .where(
      and(
        eq(table.StoreId, sql.placeholder('storeId')),
        eq(key, sql.placeholder('id')),
        isNull(table.DeletedAt),
      ),
    )
    .returning({ id: table.Id })
    .prepare();
});

/** The state of a row, with its id. */
export const stateColumns = (entity: EntityName) => {
  const { table, key } = tableOf(entity);
  return {
    id: sql<string>`${key}`,
    updatedAt: table.UpdatedAt,
    createdAt: table.CreatedAt,
    readAt: table.ReadAt,
    deletedAt: table.DeletedAt,
    contentHash: table.ContentHash,
    lacks: sql`${table.Lacks}`.mapWith((text: unknown): Lacks | null => readLacks(text as string | null)),
  };
};

const lookup = prepared(({ db }, entity: EntityName) => {
  const { table, key } = tableOf(entity);
  return db
    .select(stateColumns(entity))
    .from(table)
    .where(and(eq(table.StoreId, sql.placeholder('storeId')), sql`${key} in ${listed('ids')}`))
    .prepare();
});

/** The rows of these ids; ids without a row are missing. */
export function statesOf(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): ReadonlyMap<string, RowState> {
  const found = lookup(connection, entity).all({ storeId, ids: JSON.stringify(ids) });
  return new Map(found.map(({ id, ...state }) => [id, state]));
}

/** Rows of objects that are not known to be gone: a count along an index. */
export function liveRows({ db }: Connection, storeId: number, entity: EntityName): number {
  const { table } = tableOf(entity);
  return db.$count(table, and(eq(table.StoreId, storeId), eq(table.IsActive, true))).sync();
}

/** Writes the row with its children, alive, whatever was there. Answers the row's own id. */
export function writeRow(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  record: MirrorRecord,
  readAt: number,
): number {
  const shape = mirrorTableOf(entityOf(entity));
  const { id } = upsert(connection, entity, ...record.withheld).get({
    ...record.row,
    StoreId: storeId,
    [shape.key]: record.id,
    CreatedAt: record.createdAt,
    UpdatedAt: record.updatedAt,
    ShopifyCreatedAt: record.createdAt,
    ShopifyUpdatedAt: record.updatedAt,
    SyncedAt: connection.clock(),
    ReadAt: readAt,
    ErasedAt: record.erasedAt,
    ContentHash: record.contentHash,
    Lacks: lacksText(record.lacks),
  });
  replaceChildren(connection, storeId, id, shape, record.children);
  return id;
}

/** Answers the row's own id; null when it was not alive. */
export function buryRow(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  id: string,
  at: number,
): number | null {
  const buried = { storeId, id, DeletedAt: at, SyncedAt: connection.clock() };
  return burial(connection, entity).all(buried)[0]?.id ?? null;
}
