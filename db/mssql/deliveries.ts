import type { LoggedDelivery } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { JSON_TEXT } from './batch.ts';
import { reopenGaps } from './gaps.ts';
import { unpack } from './packing.ts';
import { fieldsOf, isoOf, listed, matching } from './statements.ts';

/**
 * The log of deliveries: it measures how long changes take to arrive, and tells what a webhook announced from what
 * was found. Whether a key is marked it never decides (R3).
 */

const KEY = fieldsOf(schema.Deliveries, 'WebhookId', 'Entity', 'ShopifyId');
const OTHERS = fieldsOf(schema.Deliveries, 'Topic', 'TriggeredAt', 'ReceivedAt');
const ALL = { ...KEY, ...OTHERS };

/** The parameter of a batch that logs deliveries. */
export const DELIVERIES = { deliveriesJson: JSON_TEXT };

export const declareDeliveries = unpack('@deliveries', '@deliveriesJson', { key: KEY, others: OTHERS });

/** Under the lock of the marks of their entities: so nobody logs the same delivery between the two tables. */
export const logDeliveries = `INSERT INTO [Deliveries] ([StoreId], ${listed(ALL)})
SELECT @storeId, ${listed(ALL, 'd')} FROM @deliveries AS d
WHERE NOT EXISTS (SELECT 1 FROM [Deliveries] AS t WHERE t.[StoreId] = @storeId AND ${matching(KEY, 't', 'd')});
${reopenGaps('@deliveries')}`;

export function deliveriesOf(deliveries: readonly LoggedDelivery[]): { readonly deliveriesJson: string } {
  const byKey = new Map<string, object>();
  for (const { webhookId, topic, entity, id, triggeredAt, receivedAt } of deliveries) {
    const key = `${webhookId.toLowerCase()} ${entity} ${id}`;
    if (byKey.has(key)) continue;
    byKey.set(key, {
      WebhookId: webhookId,
      Entity: entity,
      ShopifyId: id,
      Topic: topic,
      TriggeredAt: isoOf(triggeredAt),
      ReceivedAt: isoOf(receivedAt),
    });
  }
  return { deliveriesJson: JSON.stringify([...byKey.values()]) };
}

/** Whatever was delivered for these keys of `@entity` (a table of `[Id]`) has taken effect. */
export const answerDeliveries = (ids: string): string => `UPDATE d SET [RefreshedAt] = @now
FROM [Deliveries] AS d INNER JOIN ${ids} AS s ON d.[StoreId] = @storeId AND d.[Entity] = @entity AND d.[ShopifyId] = s.[Id]
WHERE d.[RefreshedAt] IS NULL;`;
