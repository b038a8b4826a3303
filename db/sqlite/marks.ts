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
const greater = (column: AnyMsSqlColumn) =>
  sql`max(coalesce(${column}, ${incoming(column)}), coalesce(${incoming(column)}, ${column}))`;

const keyOf = (storeId: number, entity: EntityName, id: string) => ({
  StoreId: storeId,
  Entity: entity,
  IdLength: id.length,
  Id: id,
});
const KEY = placeholders('StoreId', 'Entity', 'IdLength', 'Id');
const KEY_COLUMNS = [StaleKeys.StoreId, StaleKeys.Entity, StaleKeys.IdLength, StaleKeys.Id];
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
      },
    })
    .prepare(),
);

const holding = prepared(({ db }) =>
  db
    .insert(StaleKeys)
    .values({
      ...KEY,
      ...placeholders('Sequence', 'MarkedAt', 'RaisedAt', 'HeldByRun', 'FoundByRun'),
      Lane: LANES.indexOf('census'),
      Reason: 'census:vanished',
      Announces: 'presence',
      Attempts: 0,
      Repaired: false,
    })
    .onConflictDoUpdate({
      target: KEY_COLUMNS,
      // A mark that an earlier census left held belongs to this one now. One that is not held keeps its own way, but
      // a read that is under way is older than what the census saw: it must not clear the mark (R6).
      set: {
        Sequence: incoming(StaleKeys.Sequence),
        HeldByRun: sql`case when ${StaleKeys.HeldByRun} is null then null else ${incoming(StaleKeys.HeldByRun)} end`,
        FoundByRun: sql`coalesce(${StaleKeys.FoundByRun}, ${incoming(StaleKeys.FoundByRun)})`,
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

export function hold(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  runId: number,
  ids: readonly string[],
): void {
  const now = connection.clock();
  for (const id of ids) {
    const mark = { Sequence: connection.nonce(), MarkedAt: now, RaisedAt: now };
    const run = { HeldByRun: runId, FoundByRun: runId };
    holding(connection).run({ ...keyOf(storeId, entity, id), ...mark, ...run });
  }
}

export interface Settled {
  /** The census that found the key, if the mark is gone and a read of the key changed its row. */
  readonly repairedOf: number | null;
}

/** Clears or keeps the mark; null when it was raised meanwhile and therefore stays as it is. */
export function settle(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  { id, sequence, mark }: Verdict,
  changed: boolean,
): Settled | null {
  const taken = { ...keyOf(storeId, entity, id), Sequence: sequence };
  if (mark.do === 'clear') {
    const cleared = clearing(connection).get(taken);
    if (!cleared) return null;
    return { repairedOf: changed || cleared.repaired ? cleared.foundByRun : null };
  }
  const { dueInMs, firstNullAt, firstLiveAt, attempts } = mark;
  const kept = { DueAt: connection.clock() + dueInMs, FirstNullAt: firstNullAt, FirstLiveAt: firstLiveAt };
  const set = { ...kept, Attempts: attempts, changed: Number(changed) };
  return keeping(connection).run({ ...taken, ...set }).changes === 1 ? { repairedOf: null } : null;
}

export function releaseHeld(
  { db, clock }: Connection,
  runId: number,
  options: { readonly discard?: boolean } = {},
): number {
  const held = eq(StaleKeys.HeldByRun, runId);
  const { changes } = options.discard
    ? db.delete(StaleKeys).where(held).run()
    : db.update(StaleKeys).set({ DueAt: clock(), HeldByRun: null }).where(held).run();
  return Number(changes);
}
