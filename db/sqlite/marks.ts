import { and, eq, sql } from 'drizzle-orm';
import type { AnyMsSqlColumn } from 'drizzle-orm/mssql-core';
import type { EntityName } from '../../src/entities/registry.ts';
import { LANES, type MarkLog, type Raise, type Verdict } from '../../src/mark.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { logDeliveries } from './deliveries.ts';
import { incoming, placeholders, prepared } from './statements.ts';

/**
 * Marks: raised by anyone at any time, cleared and kept only as the read found them (R6).
 *
 * Raising is design §3's loop (update; none → insert; duplicate → update) in one upsert, which SQLite runs
 * while nobody else can write.
 */

const { StaleKeys, Stores } = schema;

const LANE_OF_KEPT = LANES.indexOf('sweep');

/** What stands or what comes, whichever is less (greater); a null gives way to the other. */
const lesser = (column: AnyMsSqlColumn) =>
  sql`min(coalesce(${column}, ${incoming(column)}), coalesce(${incoming(column)}, ${column}))`;
export const greater = (column: AnyMsSqlColumn) =>
  sql`max(coalesce(${column}, ${incoming(column)}), coalesce(${incoming(column)}, ${column}))`;

export const keyOf = (storeId: number, entity: EntityName, id: string) => ({
  StoreId: storeId,
  Entity: entity,
  IdLength: id.length,
  Id: id,
});
export const KEY = placeholders('StoreId', 'Entity', 'IdLength', 'Id');
export const KEY_COLUMNS = [StaleKeys.StoreId, StaleKeys.Entity, StaleKeys.IdLength, StaleKeys.Id];
const theMark = and(
  eq(StaleKeys.StoreId, KEY.StoreId),
  eq(StaleKeys.Entity, KEY.Entity),
  eq(StaleKeys.IdLength, KEY.IdLength),
  eq(StaleKeys.Id, KEY.Id),
);
/** The mark, if nobody has raised it since it was taken. */
const theMarkAsTaken = and(theMark, eq(StaleKeys.Sequence, sql.placeholder('Sequence')));

const raising = prepared(({ db }) =>
  db
    .insert(StaleKeys)
    .values({
      ...KEY,
      ...placeholders('Sequence', 'Lane', 'Reason', 'Announces', 'MarkedAt', 'RaisedAt', 'DueAt'),
      ...placeholders('ExpectedUpdatedAt', 'DeleteAnnouncedAt', 'HintedAt', 'FoundByRun'),
      Attempts: 0,
      Repaired: false,
    })
    .onConflictDoUpdate({
      target: KEY_COLUMNS,
      set: {
        Sequence: incoming(StaleKeys.Sequence),
        Lane: lesser(StaleKeys.Lane),
        Reason: incoming(StaleKeys.Reason),
        Announces: incoming(StaleKeys.Announces),
        RaisedAt: incoming(StaleKeys.RaisedAt),
        DueAt: lesser(StaleKeys.DueAt),
        ExpectedUpdatedAt: greater(StaleKeys.ExpectedUpdatedAt),
        DeleteAnnouncedAt: greater(StaleKeys.DeleteAnnouncedAt),
        HintedAt: greater(StaleKeys.HintedAt),
        Attempts: 0,
        HeldByRun: null,
        FoundByRun: sql`coalesce(${StaleKeys.FoundByRun}, ${incoming(StaleKeys.FoundByRun)})`,
        // What was read before a census found the key proves nothing of what that census saw.
        ExcusesBefore: sql`case when ${incoming(StaleKeys.FoundByRun)} is null then ${StaleKeys.ExcusesBefore} end`,
      },
    })
    .prepare(),
);

const keeping = prepared(({ db }) =>
  db
    .update(StaleKeys)
    .set({
      ...placeholders('DueAt', 'FirstNullAt', 'FirstLiveAt', 'Attempts'),
      // A kept mark has had its turn: the webhook lane belongs to what has not been read at all.
      Lane: sql`max(${StaleKeys.Lane}, ${LANE_OF_KEPT})`,
      Repaired: sql`max(${StaleKeys.Repaired}, ${sql.placeholder('changed')})`,
      ExcusesBefore: sql`coalesce(${sql.placeholder('excusesBefore')}, ${StaleKeys.ExcusesBefore})`,
    })
    .where(theMarkAsTaken)
    .prepare(),
);

const clearing = prepared(({ db }) =>
  db
    .delete(StaleKeys)
    .where(theMarkAsTaken)
    .returning({ foundByRun: StaleKeys.FoundByRun, repaired: StaleKeys.Repaired })
    .prepare(),
);

const standing = prepared(({ db }) =>
  db
    .select({ id: Stores.Id })
    .from(Stores)
    .where(eq(Stores.Id, sql.placeholder('storeId')))
    .prepare(),
);

export function mark(
  connection: Connection,
  storeId: number,
  raises: readonly Raise[],
  logged?: MarkLog,
): void {
  // A signal may have waited for hours, and its store have been erased meanwhile.
  if (!standing(connection).get({ storeId })) return;
  raise(connection, storeId, raises);
  logDeliveries(connection, storeId, logged?.deliveries ?? []);
}

const forgetting = prepared(({ db }) =>
  db
    .update(StaleKeys)
    .set({ ExpectedUpdatedAt: null, FirstNullAt: null, FirstLiveAt: null })
    .where(theMark)
    .prepare(),
);

export function markAnew(connection: Connection, storeId: number, raises: readonly Raise[]): void {
  if (!standing(connection).get({ storeId })) return;
  raise(connection, storeId, raises);
  for (const { entity, id } of raises) forgetting(connection).run(keyOf(storeId, entity, id));
}

/** `foundByRun`: the census whose certificate waits for these marks. */
export function raise(
  connection: Connection,
  storeId: number,
  raises: readonly Raise[],
  foundByRun: number | null = null,
): void {
  const now = connection.clock();
  const statement = raising(connection);
  for (const { entity, id, lane, reason, announces, expectedUpdatedAt, dueInMs } of raises) {
    statement.run({
      ...keyOf(storeId, entity, id),
      Sequence: connection.nonce(),
      Lane: LANES.indexOf(lane),
      Reason: reason,
      Announces: announces,
      MarkedAt: now,
      RaisedAt: now,
      DueAt: now + dueInMs,
      ExpectedUpdatedAt: expectedUpdatedAt,
      DeleteAnnouncedAt: announces === 'absence' ? now : null,
      HintedAt: announces === 'presence' && expectedUpdatedAt === null ? now : null,
      FoundByRun: foundByRun,
    });
  }
}

export interface Settled {
  /** The census that found the key, if the mark is gone and a read of the key changed its row. */
  readonly repairedOf: number | null;
  /** The census that found the key, if the mark is gone without proof. */
  readonly unprovenOf: number | null;
}

/** Clears or keeps the mark; null when it was raised meanwhile and therefore stays as it is. */
export function settle(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  { id, sequence, mark, proven }: Verdict,
  changed: boolean,
): Settled | null {
  const taken = { ...keyOf(storeId, entity, id), Sequence: sequence };
  if (mark.do === 'clear') {
    const cleared = clearing(connection).get(taken);
    if (!cleared) return null;
    const { foundByRun, repaired } = cleared;
    return {
      repairedOf: changed || repaired ? foundByRun : null,
      unprovenOf: proven ? null : foundByRun,
    };
  }
  const { dueInMs, firstNullAt, firstLiveAt, attempts, excusesBefore } = mark;
  const kept = { DueAt: connection.clock() + dueInMs, FirstNullAt: firstNullAt, FirstLiveAt: firstLiveAt };
  const set = { ...kept, Attempts: attempts, changed: Number(changed), excusesBefore };
  const { changes } = keeping(connection).run({ ...taken, ...set });
  return changes === 1 ? { repairedOf: null, unprovenOf: null } : null;
}
