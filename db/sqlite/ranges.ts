import { and, asc, between, eq, gte, isNotNull, notExists, sql } from 'drizzle-orm';
import { z } from 'zod';
import { countedSets } from '../../src/entities/entity.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { Lacking, LackReason } from '../../src/lack.ts';
import type { RangeView } from '../../src/record.ts';
import { pathTo } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { endOf, objectsWith } from './paths.ts';
import { stateColumns } from './rows.ts';
import { listed, prepared } from './statements.ts';

/** Rows found by something else than their id: by time, by a range of ids, by what a column holds. */

const { StaleKeys } = schema;

/** Before the first and behind the last possible id, in the order of (length, text). */
const FIRST = { length: 0, text: '' };
const LAST = { length: 100, text: '' };
export const placeOf = (id: string | null, otherwise = FIRST) =>
  id === null ? otherwise : { length: id.length, text: id };

const inWindow = prepared(({ db }, entity: EntityName) => {
  const table = schema.own(entityOf(entity).table);
  const key = columnNamed(table, entityOf(entity).key);
  const mark = db
    .select({ Id: StaleKeys.Id })
    .from(StaleKeys)
    .where(
      and(
        eq(StaleKeys.StoreId, table.StoreId),
        eq(StaleKeys.Entity, entity),
        eq(StaleKeys.IdLength, table.IdLength),
        eq(StaleKeys.Id, key),
      ),
    );
  return db
    .select({ id: sql<string>`${key}` })
    .from(table)
    .where(
      and(
        eq(table.StoreId, sql.placeholder('storeId')),
        eq(table.IsActive, true),
        between(table.UpdatedAt, sql.placeholder('from'), sql.placeholder('to')),
        notExists(mark),
      ),
    )
    .orderBy(asc(table.UpdatedAt), asc(table.IdLength), asc(key))
    .limit(sql.placeholder('limit'))
    .prepare();
});

const numbers = z.record(z.string(), z.int());

/** The rows of each child table whose number Shopify tells with the head, as one JSON object. */
function childCountsOf(name: EntityName) {
  const entity = entityOf(name);
  const own = schema.own(entity.table);
  const counts = countedSets(entity).map(({ table, parent }) => {
    const children = schema.child(table);
    const ofRow = sql`${columnNamed(children, parent)} = ${own.Id}`;
    return sql`${sql.raw(`'${table}'`)}, (select count(*) from ${children} where ${ofRow})`;
  });
  const object = sql`json_object(${sql.join(counts, sql`, `)})`;
  return object.mapWith((json: unknown) => numbers.parse(JSON.parse(String(json))));
}

const inRange = prepared(({ db }, entity: EntityName) => {
  const table = schema.own(entityOf(entity).table);
  const key = columnNamed(table, entityOf(entity).key);
  const place = sql`(${table.IdLength}, ${key})`;
  return db
    .select({ ...stateColumns(entity), syncedAt: table.SyncedAt, childCounts: childCountsOf(entity) })
    .from(table)
    .where(
      and(
        eq(table.StoreId, sql.placeholder('storeId')),
        sql`${place} > (${sql.placeholder('afterLength')}, ${sql.placeholder('afterText')})`,
        sql`${place} <= (${sql.placeholder('throughLength')}, ${sql.placeholder('throughText')})`,
      ),
    )
    .orderBy(asc(table.IdLength), asc(key))
    .limit(sql.placeholder('limit'))
    .prepare();
});

const marksInRange = prepared(({ db }) => {
  const place = sql`(${StaleKeys.IdLength}, ${StaleKeys.Id})`;
  return db
    .select({ id: StaleKeys.Id, held: sql<number>`${StaleKeys.HeldByRun} is not null` })
    .from(StaleKeys)
    .where(
      and(
        eq(StaleKeys.StoreId, sql.placeholder('storeId')),
        eq(StaleKeys.Entity, sql.placeholder('entity')),
        sql`${place} > (${sql.placeholder('afterLength')}, ${sql.placeholder('afterText')})`,
        sql`${place} <= (${sql.placeholder('throughLength')}, ${sql.placeholder('throughText')})`,
      ),
    )
    .orderBy(asc(StaleKeys.IdLength), asc(StaleKeys.Id))
    .limit(sql.placeholder('limit'))
    .prepare();
});

const byRead = prepared(({ db }, entity: EntityName) => {
  const table = schema.own(entityOf(entity).table);
  const key = columnNamed(table, entityOf(entity).key);
  return db
    .select({ id: sql<string>`${key}` })
    .from(table)
    .where(and(eq(table.StoreId, sql.placeholder('storeId')), eq(table.IsActive, true)))
    .orderBy(asc(table.ReadAt))
    .limit(sql.placeholder('limit'))
    .prepare();
});

/** Along the index of the rows that lack something, which are few or none. */
const byLack = prepared(({ db }, entity: EntityName) => {
  const table = schema.own(entityOf(entity).table);
  return db
    .select({
      column: sql<string>`j."key"`,
      reason: sql<LackReason>`j."value"`,
      rows: sql<number>`count(*)`,
    })
    .from(sql`${table}, json_each(${table.Lacks}) as j`)
    .where(
      and(
        eq(table.StoreId, sql.placeholder('storeId')),
        eq(table.IsActive, true),
        isNotNull(table.Lacks),
        gte(table.ReadAt, sql.placeholder('readSince')),
      ),
    )
    .groupBy(sql`j."key"`, sql`j."value"`)
    .orderBy(sql`j."key"`, sql`j."value"`)
    .prepare();
});

const byColumn = prepared(({ db }, table: string, column: string) => {
  const path = pathTo(table);
  const holds = sql`${endOf(path).column(column)} in ${listed('values')}`;
  return db
    .select({ id: sql<string>`"id"` })
    .from(sql`(${objectsWith(path, holds)})`)
    .prepare();
});

export const liveInWindow = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  from: number,
  to: number,
  limit: number,
): readonly string[] =>
  inWindow(connection, entity)
    .all({ storeId, from, to, limit })
    .map(({ id }) => id);

export const lacking = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  readSince = 0,
): readonly Lacking[] => byLack(connection, entity).all({ storeId, readSince });

export const longestUnread = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  limit: number,
): readonly string[] =>
  byRead(connection, entity)
    .all({ storeId, limit })
    .map(({ id }) => id);

export function keysInRange(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  after: string | null,
  through: string | null,
  limit: number,
): RangeView {
  const start = placeOf(after);
  const end = placeOf(through, LAST);
  const range = {
    storeId,
    limit,
    afterLength: start.length,
    afterText: start.text,
    throughLength: end.length,
    throughText: end.text,
  };
  const marks = marksInRange(connection).all({ ...range, entity });
  return {
    rows: inRange(connection, entity).all(range),
    marks: marks.map(({ id, held }) => ({ id, held: held === 1 })),
    at: connection.clock(),
  };
}

export function idsBy(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  table: string,
  column: string,
  values: readonly string[],
): readonly string[] {
  if (pathTo(table).entity !== entity) throw new Error(`${table} is no table of ${entity}.`);
  return byColumn(connection, table, column)
    .all({ storeId, values: JSON.stringify(values) })
    .map(({ id }) => id);
}
