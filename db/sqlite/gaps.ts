import { and, count, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import { type Gap, type GapCause, type GapCount, JUDGED_AFTER_MS, type UnjudgedGap } from '../../src/gap.ts';
import type { Lease } from '../../src/lease.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { aboutKeys, placeholders, prepared } from './statements.ts';

/**
 * Gaps: opened by whoever found what no delivery had announced, healed by the read that proves the key, and given a
 * cause when they are healed or old enough. A delivery that comes afterwards reopens the question.
 */

const { Deliveries, Gaps, Rejects } = schema;

const theKey = and(
  eq(Gaps.StoreId, sql.placeholder('storeId')),
  eq(Gaps.Entity, sql.placeholder('entity')),
  eq(Gaps.ShopifyId, sql.placeholder('id')),
);

const open = prepared(({ db }) =>
  db
    .select({ id: Gaps.Id })
    .from(Gaps)
    .where(and(theKey, isNull(Gaps.HealedAt)))
    .limit(1)
    .prepare(),
);

const insertion = prepared(({ db }) =>
  db
    .insert(Gaps)
    .values({
      ...placeholders('StoreId', 'Entity', 'ShopifyId', 'RunId'),
      ...placeholders('FoundBy', 'Reason', 'ChangedAt', 'SeenAt', 'FoundAt'),
    })
    .prepare(),
);

const healing = prepared(({ db }) =>
  db
    .update(Gaps)
    .set({ HealedAt: sql`${sql.placeholder('now')}` })
    .where(and(aboutKeys(Gaps), isNull(Gaps.HealedAt)))
    .prepare(),
);

/** What a delivery can still explain. */
const UNEXPLAINED: GapCause[] = ['never announced', 'deleted unannounced', 'unversioned change'];

const reopening = prepared(({ db }) =>
  db
    .update(Gaps)
    .set({ Cause: null })
    .where(and(theKey, inArray(Gaps.Cause, UNEXPLAINED)))
    .prepare(),
);

/** A gap that stands open is not opened again: a detector that died after its commit looks a second time. */
export function openGaps(
  connection: Connection,
  { storeId, entity }: Lease,
  gaps: readonly (Gap & { readonly runId: number | null })[],
): void {
  const now = connection.clock();
  for (const { id, runId, changedAt, seenAt, foundBy, reason } of gaps) {
    if (open(connection).get({ storeId, entity, id })) continue;
    insertion(connection).run({
      StoreId: storeId,
      Entity: entity,
      ShopifyId: id,
      RunId: runId,
      FoundBy: foundBy,
      Reason: reason,
      ChangedAt: changedAt,
      SeenAt: seenAt,
      FoundAt: now,
    });
  }
}

export function healGaps(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): void {
  healing(connection).run({ storeId, entity, ids: JSON.stringify(ids), now: connection.clock() });
}

/** A delivery for the key has come: the cause of its gaps is to be judged with it. */
export function reopenGaps(connection: Connection, storeId: number, entity: EntityName, id: string): void {
  reopening(connection).run({ storeId, entity, id });
}

const unjudged = prepared(({ db }) => {
  const rejected = sql<number>`exists (select 1 from ${Rejects} where ${Rejects.StoreId} = ${Gaps.StoreId}
    and ${Rejects.Entity} = ${Gaps.Entity} and ${Rejects.ShopifyId} = ${Gaps.ShopifyId})`;
  const ripe = or(isNotNull(Gaps.HealedAt), lte(Gaps.FoundAt, sql.placeholder('foundUntil')));
  return db
    .select({ gap: Gaps, rejected })
    .from(Gaps)
    .where(and(eq(Gaps.StoreId, sql.placeholder('storeId')), isNull(Gaps.Cause), ripe))
    .limit(sql.placeholder('limit'))
    .prepare();
});

export const unjudgedGaps = (
  connection: Connection,
  storeId: number,
  limit: number,
): readonly UnjudgedGap[] =>
  unjudged(connection)
    .all({ storeId, limit, foundUntil: connection.clock() - JUDGED_AFTER_MS })
    .map(({ gap, rejected }) => ({
      gapId: gap.Id,
      storeId,
      entity: gap.Entity,
      reason: gap.Reason,
      changedAt: gap.ChangedAt,
      seenAt: gap.SeenAt,
      foundAt: gap.FoundAt,
      rejected: rejected === 1,
      deliveries: deliveriesOf(connection, storeId, gap.Entity, gap.ShopifyId),
    }));

const deliveriesOf = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  id: string,
): UnjudgedGap['deliveries'] => ofKey(connection).all({ storeId, entity, ids: JSON.stringify([id]) });

const ofKey = prepared(({ db }) =>
  db
    .select({
      topic: Deliveries.Topic,
      triggeredAt: Deliveries.TriggeredAt,
      receivedAt: Deliveries.ReceivedAt,
    })
    .from(Deliveries)
    .where(aboutKeys(Deliveries))
    .prepare(),
);

export function judgeGaps(
  { db }: Connection,
  judged: readonly { readonly gapId: number; readonly cause: GapCause }[],
): void {
  for (const { gapId, cause } of judged)
    db.update(Gaps).set({ Cause: cause }).where(eq(Gaps.Id, gapId)).run();
}

const since = prepared(({ db }) =>
  db
    .select({ storeId: Gaps.StoreId, entity: Gaps.Entity, cause: Gaps.Cause, gaps: count() })
    .from(Gaps)
    .where(gt(Gaps.FoundAt, sql.placeholder('after')))
    .groupBy(Gaps.StoreId, Gaps.Entity, Gaps.Cause)
    .prepare(),
);

/** Grouped by an index of time; gaps of a day are few. */
export const gapsSince = (connection: Connection, sinceMs: number): readonly GapCount[] =>
  since(connection)
    .all({ after: connection.clock() - sinceMs })
    .flatMap(({ cause, ...counted }) => (cause === 'in flight' ? [] : [{ ...counted, cause }]));
