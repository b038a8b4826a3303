import { and, isNull, max, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { AnsweredDelivery, LoggedDelivery } from '../../src/mark.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { reopenGaps } from './gaps.ts';
import { aboutKeys, placeholders, prepared } from './statements.ts';

/**
 * The log of deliveries: it measures how long changes take to arrive, and tells what a webhook announced from what
 * was found. Whether a key is marked it never decides (R3).
 */

const { Deliveries } = schema;

const insertion = prepared(({ db }) =>
  db
    .insert(Deliveries)
    .values({
      ...placeholders('StoreId', 'WebhookId', 'Topic', 'Entity', 'ShopifyId'),
      ...placeholders('TriggeredAt', 'ReceivedAt', 'TraceParent'),
    })
    .onConflictDoNothing()
    .prepare(),
);

const answer = prepared(({ db }) =>
  db
    .update(Deliveries)
    .set({ RefreshedAt: sql`${sql.placeholder('now')}` })
    .where(and(aboutKeys(Deliveries), isNull(Deliveries.RefreshedAt)))
    .returning({ triggeredAt: Deliveries.TriggeredAt, traceparent: Deliveries.TraceParent })
    .prepare(),
);

const latest = prepared(({ db }) =>
  db
    .select({ id: Deliveries.ShopifyId, at: max(Deliveries.TriggeredAt) })
    .from(Deliveries)
    .where(aboutKeys(Deliveries))
    .groupBy(Deliveries.ShopifyId)
    .prepare(),
);

export function logDeliveries(
  connection: Connection,
  storeId: number,
  deliveries: readonly LoggedDelivery[],
): void {
  const statement = insertion(connection);
  for (const { webhookId, topic, entity, id, triggeredAt, receivedAt, traceparent } of deliveries) {
    statement.run({
      StoreId: storeId,
      WebhookId: webhookId,
      Topic: topic,
      Entity: entity,
      ShopifyId: id,
      TriggeredAt: triggeredAt,
      ReceivedAt: receivedAt,
      TraceParent: traceparent ?? null,
    });
    reopenGaps(connection, storeId, entity, id);
  }
}

/** Whatever was delivered for these keys has taken effect; answers what had not before. */
export function answerDeliveries(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): readonly AnsweredDelivery[] {
  const now = connection.clock();
  const answered = answer(connection).all({ storeId, entity, ids: JSON.stringify(ids), now });
  return answered.map((delivery) => ({ ...delivery, refreshedAt: now }));
}

/** When Shopify last sent a delivery for each of these keys; keys without one are missing. */
export function lastAnnounced(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): ReadonlyMap<string, number | null> {
  const found = latest(connection).all({ storeId, entity, ids: JSON.stringify(ids) });
  return new Map(found.map(({ id, at }) => [id, at]));
}
