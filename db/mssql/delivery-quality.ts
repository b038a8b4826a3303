import { qualityOf, type TopicQuality } from '../../src/delivery-quality.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { type GapCause, type GapReason, topicOf } from '../../src/gap.ts';
import { BIGINT, batch, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { number, type Row, text } from './recordset.ts';
import { before } from './statements.ts';

/** What webhooks were worth, topic by topic, from the log of deliveries and the gaps that they left. */

/** Latest refreshed deliveries whose lag is looked at. */
const LAG_SAMPLE = 10_000;

/** Milliseconds from Shopify's trigger to the committed row: more than 32 bits of them after an outage of weeks. */
export const selectLags = (refreshedWhen: string): string => `SELECT TOP (${LAG_SAMPLE}) [Topic],
  DATEDIFF_BIG(millisecond, [TriggeredAt], [RefreshedAt]) AS [Lag]
FROM [Deliveries] WHERE [StoreId] = @storeId AND [RefreshedAt] ${refreshedWhen} AND [TriggeredAt] IS NOT NULL
ORDER BY [RefreshedAt] DESC;`;

export const DELIVERY_QUALITY = batch(
  'deliveryQuality',
  { storeId: BIGINT, sinceMs: BIGINT },
  `DECLARE @from datetime2(3) = ${before('@now', '@sinceMs')};`,
  `SELECT [Topic], COUNT(DISTINCT [WebhookId]) AS [Count]
FROM [Deliveries] WHERE [StoreId] = @storeId AND [ReceivedAt] >= @from GROUP BY [Topic];`,
  `SELECT [Entity], [Reason], [Cause], COUNT(*) AS [Count]
FROM [Gaps] WHERE [StoreId] = @storeId AND [FoundAt] >= @from AND [Cause] IS NOT NULL
GROUP BY [Entity], [Reason], [Cause];`,
  selectLags('>= @from'),
);

export async function deliveryQuality(
  connection: Connection,
  storeId: number,
  sinceMs: number,
): Promise<readonly TopicQuality[]> {
  const [deliveries, gaps, measured] = await run(connection, DELIVERY_QUALITY, { storeId, sinceMs });
  const delivered = new Map(deliveries!.map((row) => [text(row, 'Topic'), number(row, 'Count')]));
  const { lost, late } = missed(gaps!);
  const lags = Map.groupBy(measured!, (row) => text(row, 'Topic'));
  return [...new Set([...delivered.keys(), ...lost.keys(), ...late.keys()])].sort().map((topic) => {
    const counts = {
      delivered: delivered.get(topic) ?? 0,
      lost: lost.get(topic) ?? 0,
      late: late.get(topic) ?? 0,
    };
    return qualityOf(topic, counts, lagsOf(lags.get(topic) ?? []));
  });
}

export const lagsOf = (measured: readonly Row[]): readonly number[] =>
  measured.map((row) => number(row, 'Lag'));

/** By the topic that would have announced what was found. */
function missed(gaps: readonly Row[]) {
  const lost = new Map<string, number>();
  const late = new Map<string, number>();
  for (const gap of gaps) {
    const topic = topicOf(text(gap, 'Entity') as EntityName, text(gap, 'Reason') as GapReason);
    if (topic === null) continue;
    const cause = text(gap, 'Cause') as GapCause;
    const isLost = cause === 'never announced' || cause === 'deleted unannounced';
    const counts = isLost ? lost : cause === 'announced late' ? late : null;
    counts?.set(topic, (counts.get(topic) ?? 0) + number(gap, 'Count'));
  }
  return { lost, late };
}
