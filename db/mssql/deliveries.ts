import type { AnsweredDelivery, LoggedDelivery } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { JSON_TEXT } from './batch.ts';
import { reopenGaps } from './gaps.ts';
import { unpack } from './packing.ts';
import { instant, instantOrNull, type Row, textOrNull } from './recordset.ts';
import { declareTable, fieldsOf, isoOf, listed, matching } from './statements.ts';

/**
 * The log of deliveries: it measures how long changes take to arrive, and tells what a webhook announced from what
 * was found. Whether a key is marked it never decides (R3).
 */

const KEY = fieldsOf(schema.Deliveries, 'WebhookId', 'Entity', 'ShopifyId');
const OTHERS = fieldsOf(schema.Deliveries, 'Topic', 'TriggeredAt', 'ReceivedAt', 'TraceParent');
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
  for (const { webhookId, topic, entity, id, triggeredAt, receivedAt, traceparent } of deliveries) {
    const key = `${webhookId.toLowerCase()} ${entity} ${id}`;
    if (byKey.has(key)) continue;
    byKey.set(key, {
      WebhookId: webhookId,
      Entity: entity,
      ShopifyId: id,
      Topic: topic,
      TriggeredAt: isoOf(triggeredAt),
      ReceivedAt: isoOf(receivedAt),
      TraceParent: traceparent ?? null,
    });
  }
  return { deliveriesJson: JSON.stringify([...byKey.values()]) };
}

const ANSWERED = fieldsOf(schema.Deliveries, 'TriggeredAt', 'TraceParent');

/** Whatever was delivered for these keys of `@entity` (a table of `[Id]`) has taken effect; kept is what had not before. */
export const answerDeliveries = (
  ids: string,
): string => `${declareTable('@answered', fieldsOf(schema.Deliveries, 'Id'), ANSWERED)}
INSERT INTO @answered ([Id], ${listed(ANSWERED)})
SELECT d.[Id], ${listed(ANSWERED, 'd')}
FROM [Deliveries] AS d INNER JOIN ${ids} AS s ON d.[StoreId] = @storeId AND d.[Entity] = @entity AND d.[ShopifyId] = s.[Id]
WHERE d.[RefreshedAt] IS NULL;
UPDATE d SET [RefreshedAt] = @now FROM [Deliveries] AS d INNER JOIN @answered AS s ON d.[Id] = s.[Id];`;

export const tellAnswered = `SELECT ${listed(ANSWERED)}, @now AS [RefreshedAt] FROM @answered;`;

export const answeredDelivery = (row: Row): AnsweredDelivery => ({
  triggeredAt: instantOrNull(row, 'TriggeredAt'),
  refreshedAt: instant(row, 'RefreshedAt'),
  traceparent: textOrNull(row, 'TraceParent'),
});
