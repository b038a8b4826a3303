import { and, asc, eq, gte } from 'drizzle-orm';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { LANES } from '../../src/mark.ts';
import type { KeyStory } from '../../src/story.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import { certificatesWhere } from './certificates.ts';
import type { Connection } from './connection.ts';
import { statesOf } from './rows.ts';

/** What the tables know of one key. Asked by people, one key at a time: nothing here is prepared. */

const { Certificates, ChangeEvents, Deliveries, Gaps, Rejects, StaleKeys } = schema;

const CERTIFICATES = 10;

type Key = readonly [connection: Connection, storeId: number, entity: EntityName, id: string];

export function keyStory(...key: Key): KeyStory {
  const row = rowOf(...key);
  return {
    row,
    mark: markOf(...key),
    deliveries: deliveriesOf(...key),
    changes: changesOf(...key),
    gaps: gapsOf(...key),
    reject: rejectOf(...key),
    certificates: row === null ? [] : certificatesOf(key[0], key[1], key[2], row),
  };
}

function rowOf(...[connection, storeId, entity, id]: Key): KeyStory['row'] {
  const state = statesOf(connection, storeId, entity, [id]).get(id);
  if (!state) return null;
  const table = schema.own(entityOf(entity).table);
  const synced = connection.db
    .select({ at: table.SyncedAt })
    .from(table)
    .where(and(eq(table.StoreId, storeId), eq(columnNamed(table, entityOf(entity).key), id)))
    .get();
  return { ...state, syncedAt: synced?.at ?? state.readAt };
}

function markOf(...[{ db }, storeId, entity, id]: Key): KeyStory['mark'] {
  const mark = db
    .select()
    .from(StaleKeys)
    .where(
      and(
        eq(StaleKeys.StoreId, storeId),
        eq(StaleKeys.Entity, entity),
        eq(StaleKeys.IdLength, id.length),
        eq(StaleKeys.Id, id),
      ),
    )
    .get();
  if (!mark) return null;
  return {
    lane: LANES[mark.Lane]!,
    reason: mark.Reason,
    announces: mark.Announces,
    markedAt: mark.MarkedAt,
    raisedAt: mark.RaisedAt,
    attempts: mark.Attempts,
    dueAt: mark.DueAt,
  };
}

const deliveriesOf = (...[{ db }, storeId, entity, id]: Key): KeyStory['deliveries'] =>
  db
    .select({
      topic: Deliveries.Topic,
      triggeredAt: Deliveries.TriggeredAt,
      receivedAt: Deliveries.ReceivedAt,
      refreshedAt: Deliveries.RefreshedAt,
    })
    .from(Deliveries)
    .where(and(eq(Deliveries.StoreId, storeId), eq(Deliveries.Entity, entity), eq(Deliveries.ShopifyId, id)))
    .orderBy(asc(Deliveries.Id))
    .all();

const changesOf = (...[{ db }, storeId, entity, id]: Key): KeyStory['changes'] =>
  db
    .select({
      type: ChangeEvents.Type,
      at: ChangeEvents.CreatedAt,
      version: ChangeEvents.UpdatedAt,
      columns: ChangeEvents.Columns,
    })
    .from(ChangeEvents)
    .where(
      and(eq(ChangeEvents.StoreId, storeId), eq(ChangeEvents.Entity, entity), eq(ChangeEvents.ShopifyId, id)),
    )
    .orderBy(asc(ChangeEvents.Id))
    .all();

const gapsOf = (...[{ db }, storeId, entity, id]: Key): KeyStory['gaps'] =>
  db
    .select({
      runId: Gaps.RunId,
      foundBy: Gaps.FoundBy,
      reason: Gaps.Reason,
      changedAt: Gaps.ChangedAt,
      seenAt: Gaps.SeenAt,
      foundAt: Gaps.FoundAt,
      healedAt: Gaps.HealedAt,
      cause: Gaps.Cause,
    })
    .from(Gaps)
    .where(and(eq(Gaps.StoreId, storeId), eq(Gaps.Entity, entity), eq(Gaps.ShopifyId, id)))
    .orderBy(asc(Gaps.Id))
    .all();

function rejectOf(...[{ db }, storeId, entity, id]: Key): KeyStory['reject'] {
  const reject = db
    .select({
      reason: Rejects.Reason,
      times: Rejects.Times,
      firstAt: Rejects.FirstAt,
      lastAt: Rejects.LastAt,
    })
    .from(Rejects)
    .where(and(eq(Rejects.StoreId, storeId), eq(Rejects.Entity, entity), eq(Rejects.ShopifyId, id)))
    .get();
  return reject ?? null;
}

/** Shopify's times both: a census that ended before the object was created says nothing of it. */
const certificatesOf = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  row: NonNullable<KeyStory['row']>,
): KeyStory['certificates'] =>
  certificatesWhere(
    connection,
    and(
      eq(Certificates.StoreId, storeId),
      eq(Certificates.Entity, entity),
      gte(Certificates.ToAt, row.createdAt),
    ),
    CERTIFICATES,
  );
