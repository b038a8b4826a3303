import { and, countDistinct, desc, eq, gte, isNotNull, sql } from 'drizzle-orm';
import { qualityOf, type TopicQuality } from '../../src/delivery-quality.ts';
import { topicOf } from '../../src/gap.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What webhooks were worth, topic by topic, from the log of deliveries and the gaps that they left. */

const { Deliveries, Gaps } = schema;

/** Latest refreshed deliveries whose lag is looked at. */
const LAG_SAMPLE = 10_000;

export function deliveryQuality(
  connection: Connection,
  storeId: number,
  sinceMs: number,
): readonly TopicQuality[] {
  const from = connection.clock() - sinceMs;
  const delivered = deliveredSince(connection, storeId, from);
  const { lost, late } = missedSince(connection, storeId, from);
  const lags = Map.groupBy(lagsSince(connection, storeId, from), ({ topic }) => topic);
  return [...new Set([...delivered.keys(), ...lost.keys(), ...late.keys()])].sort().map((topic) => {
    const counts = {
      delivered: delivered.get(topic) ?? 0,
      lost: lost.get(topic) ?? 0,
      late: late.get(topic) ?? 0,
    };
    return qualityOf(
      topic,
      counts,
      (lags.get(topic) ?? []).map(({ ms }) => ms),
    );
  });
}

const deliveredSince = ({ db }: Connection, storeId: number, from: number): ReadonlyMap<string, number> =>
  new Map(
    db
      .select({ topic: Deliveries.Topic, n: countDistinct(Deliveries.WebhookId) })
      .from(Deliveries)
      .where(and(eq(Deliveries.StoreId, storeId), gte(Deliveries.ReceivedAt, from)))
      .groupBy(Deliveries.Topic)
      .all()
      .map(({ topic, n }) => [topic, n]),
  );

/** By the topic that would have announced what was found. */
function missedSince({ db }: Connection, storeId: number, from: number) {
  const found = db
    .select({ entity: Gaps.Entity, reason: Gaps.Reason, cause: Gaps.Cause, n: sql<number>`count(*)` })
    .from(Gaps)
    .where(and(eq(Gaps.StoreId, storeId), gte(Gaps.FoundAt, from), isNotNull(Gaps.Cause)))
    .groupBy(Gaps.Entity, Gaps.Reason, Gaps.Cause)
    .all();
  const lost = new Map<string, number>();
  const late = new Map<string, number>();
  for (const { entity, reason, cause, n } of found) {
    const topic = topicOf(entity, reason);
    if (topic === null) continue;
    const isLost = cause === 'never announced' || cause === 'deleted unannounced';
    const counts = isLost ? lost : cause === 'announced late' ? late : null;
    counts?.set(topic, (counts.get(topic) ?? 0) + n);
  }
  return { lost, late };
}

/** Milliseconds from Shopify's trigger to the committed row. */
export const lagsSince = (
  { db }: Connection,
  storeId: number,
  from: number,
): readonly { readonly topic: string; readonly ms: number }[] =>
  db
    .select({
      topic: Deliveries.Topic,
      ms: sql<number>`${Deliveries.RefreshedAt} - ${Deliveries.TriggeredAt}`,
    })
    .from(Deliveries)
    .where(
      and(
        eq(Deliveries.StoreId, storeId),
        gte(Deliveries.RefreshedAt, from),
        isNotNull(Deliveries.TriggeredAt),
      ),
    )
    .orderBy(desc(Deliveries.RefreshedAt))
    .limit(LAG_SAMPLE)
    .all();
