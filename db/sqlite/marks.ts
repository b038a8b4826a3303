import { and, eq, sql } from 'drizzle-orm';
import type { AnyMsSqlColumn } from 'drizzle-orm/mssql-core';
import { LANES, type LoggedDelivery, type MarkLog, type Raise, type Verdict } from '../../src/database.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { incoming, placeholders } from './statements.ts';

/**
 * Marks: raised by anyone at any time, cleared and kept only as the read found them (R6).
 *
 * Raising is design §3's loop (update; none → insert; duplicate → update) in one upsert, which SQLite runs
 * while nobody else can write.
 */

const { Deliveries, StaleKeys } = schema;

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

const prepareRaise = ({ db }: Connection) =>
  db
    .insert(StaleKeys)
    .values({
      ...KEY,
      ...placeholders('Sequence', 'Lane', 'Reason', 'Announces', 'MarkedAt', 'RaisedAt', 'DueAt'),
      ...placeholders('ExpectedUpdatedAt', 'DeleteAnnouncedAt', 'HintedAt'),
      Attempts: 0,
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
      },
    })
    .prepare();

const prepareHold = ({ db }: Connection) =>
  db
    .insert(StaleKeys)
    .values({
      ...KEY,
      ...placeholders('Sequence', 'MarkedAt', 'RaisedAt', 'HeldByRun'),
      Lane: LANES.indexOf('census'),
      Reason: 'census:vanished',
      Announces: 'presence',
      Attempts: 0,
    })
    .onConflictDoUpdate({
      target: KEY_COLUMNS,
      // A mark that an earlier census left held belongs to this one now; one that is not held keeps its own way.
      set: { HeldByRun: incoming(StaleKeys.HeldByRun) },
      setWhere: sql`${StaleKeys.HeldByRun} is not null`,
    })
    .prepare();

const prepareKeep = ({ db }: Connection) =>
  db
    .update(StaleKeys)
    .set({
      ...placeholders('DueAt', 'FirstNullAt', 'FirstLiveAt', 'Attempts'),
      // A kept mark has had its turn: the webhook lane belongs to what has not been read at all.
      Lane: sql`max(${StaleKeys.Lane}, ${LANE_OF_KEPT})`,
    })
    .where(theMarkAsTaken)
    .prepare();

const prepareLog = ({ db }: Connection) =>
  db
    .insert(Deliveries)
    .values(placeholders('StoreId', 'WebhookId', 'Topic', 'Entity', 'ShopifyId', 'TriggeredAt', 'ReceivedAt'))
    .onConflictDoNothing()
    .prepare();

export type Marks = ReturnType<typeof marks>;

export function marks(connection: Connection) {
  const { db, clock, nonce } = connection;
  const raiseOne = prepareRaise(connection);
  const holdOne = prepareHold(connection);
  const keepOne = prepareKeep(connection);
  const logOne = prepareLog(connection);
  const clearOne = db.delete(StaleKeys).where(theMarkAsTaken).prepare();

  const raise = (storeId: number, raises: readonly Raise[]): void => {
    const now = clock();
    for (const { entity, id, lane, reason, announces, expectedUpdatedAt, dueInMs } of raises) {
      raiseOne.run({
        ...keyOf(storeId, entity, id),
        Sequence: nonce(),
        Lane: LANES.indexOf(lane),
        Reason: reason,
        Announces: announces,
        MarkedAt: now,
        RaisedAt: now,
        DueAt: now + dueInMs,
        ExpectedUpdatedAt: expectedUpdatedAt,
        DeleteAnnouncedAt: announces === 'absence' ? now : null,
        HintedAt: announces === 'presence' && expectedUpdatedAt === null ? now : null,
      });
    }
  };

  const log = (storeId: number, deliveries: readonly LoggedDelivery[]): void => {
    for (const { webhookId, topic, entity, id, triggeredAt, receivedAt } of deliveries) {
      logOne.run({
        StoreId: storeId,
        WebhookId: webhookId,
        Topic: topic,
        Entity: entity,
        ShopifyId: id,
        TriggeredAt: triggeredAt,
        ReceivedAt: receivedAt,
      });
    }
  };

  return {
    raise,

    mark(storeId: number, raises: readonly Raise[], logged?: MarkLog): void {
      raise(storeId, raises);
      log(storeId, logged?.deliveries ?? []);
    },

    hold(storeId: number, entity: EntityName, runId: number, ids: readonly string[]): void {
      const now = clock();
      for (const id of ids) {
        const mark = { Sequence: nonce(), MarkedAt: now, RaisedAt: now, HeldByRun: runId };
        holdOne.run({ ...keyOf(storeId, entity, id), ...mark });
      }
    },

    /** Clears or keeps the mark; false when it was raised meanwhile and therefore stays as it is. */
    settle(storeId: number, entity: EntityName, { id, sequence, mark }: Verdict): boolean {
      const taken = { ...keyOf(storeId, entity, id), Sequence: sequence };
      if (mark.do === 'clear') return clearOne.run(taken).changes === 1;
      const { dueInMs, firstNullAt, firstLiveAt, attempts } = mark;
      const kept = { DueAt: clock() + dueInMs, FirstNullAt: firstNullAt, FirstLiveAt: firstLiveAt };
      return keepOne.run({ ...taken, ...kept, Attempts: attempts }).changes === 1;
    },

    releaseHeld(runId: number, options: { readonly discard?: boolean } = {}): number {
      const held = eq(StaleKeys.HeldByRun, runId);
      const { changes } = options.discard
        ? db.delete(StaleKeys).where(held).run()
        : db.update(StaleKeys).set({ DueAt: clock(), HeldByRun: null }).where(held).run();
      return Number(changes);
    },
  };
}
