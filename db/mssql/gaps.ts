import type { EntityName } from '../../src/entities/registry.ts';
import {
  type Gap,
  type GapCause,
  type GapDelivery,
  type GapReason,
  JUDGED_AFTER_MS,
  type UnjudgedGap,
} from '../../src/gap.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, JSON_TEXT, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { unpack } from './packing.ts';
import { flag, instant, instantOrNull, number, type Row, text } from './recordset.ts';
import { fieldsOf, isoOf, listed, openJson } from './statements.ts';

/**
 * Gaps: opened by whoever found what no delivery had announced, healed by the read that proves the key, and given a
 * cause when they are healed or old enough. A delivery that comes afterwards reopens the question.
 */

const KEY = fieldsOf(schema.Gaps, 'ShopifyId');
const FOUND = fieldsOf(schema.Gaps, 'RunId', 'FoundBy', 'Reason', 'ChangedAt', 'SeenAt');
const ALL = { ...KEY, ...FOUND };

/** The parameter of a batch that opens gaps. */
export const GAPS = { gapsJson: JSON_TEXT };

/**
 * A gap of `@entity` that stands open is not opened again: a detector that died after its commit looks a second time.
 * Gaps of a key space are opened and healed under its fence, so nobody opens the same one meanwhile.
 */
export const openGaps = `${unpack('@gaps', '@gapsJson', { key: KEY, others: FOUND })}
INSERT INTO [Gaps] ([StoreId], [Entity], ${listed(ALL)}, [FoundAt])
SELECT @storeId, @entity, ${listed(ALL, 's')}, @now FROM @gaps AS s
WHERE NOT EXISTS (SELECT 1 FROM [Gaps] AS g WHERE g.[StoreId] = @storeId AND g.[Entity] = @entity
  AND g.[ShopifyId] = s.[ShopifyId] AND g.[HealedAt] IS NULL);`;

export function gapsOf(gaps: readonly (Gap & { readonly runId: number | null })[]): {
  readonly gapsJson: string;
} {
  const byId = new Map<string, object>();
  for (const { id, runId, foundBy, reason, changedAt, seenAt } of gaps) {
    if (byId.has(id)) continue;
    const times = { ChangedAt: isoOf(changedAt), SeenAt: isoOf(seenAt) };
    byId.set(id, { ShopifyId: id, RunId: runId, FoundBy: foundBy, Reason: reason, ...times });
  }
  return { gapsJson: JSON.stringify([...byId.values()]) };
}

/** Of these keys of `@entity`: a table of `[Id]`. */
export const healGaps = (ids: string): string => `UPDATE g SET [HealedAt] = @now
FROM [Gaps] AS g INNER JOIN ${ids} AS s ON g.[StoreId] = @storeId AND g.[Entity] = @entity AND g.[ShopifyId] = s.[Id]
WHERE g.[HealedAt] IS NULL;`;

/** What a delivery can still explain. */
const UNEXPLAINED: readonly GapCause[] = ['never announced', 'deleted unannounced', 'unversioned change'];

/** Deliveries for the keys in a table of `[Entity]` and `[ShopifyId]` have come: their gaps are to be judged anew. */
export const reopenGaps = (keys: string): string => `UPDATE g SET [Cause] = NULL
FROM [Gaps] AS g INNER JOIN ${keys} AS s ON g.[StoreId] = @storeId AND g.[Entity] = s.[Entity] AND g.[ShopifyId] = s.[ShopifyId]
WHERE g.[Cause] IN (${UNEXPLAINED.map((cause) => `N'${cause}'`).join(', ')});`;

export const UNJUDGED_GAPS = batch(
  'unjudgedGaps',
  { storeId: BIGINT, limit: BIGINT },
  `DECLARE @unjudged TABLE ([Id] bigint NOT NULL PRIMARY KEY);
INSERT INTO @unjudged ([Id])
SELECT TOP (@limit) g.[Id] FROM [Gaps] AS g
WHERE g.[StoreId] = @storeId AND g.[Cause] IS NULL
  AND (g.[HealedAt] IS NOT NULL OR g.[FoundAt] <= DATEADD(millisecond, -${JUDGED_AFTER_MS}, @now))
ORDER BY g.[Id];
SELECT g.[Id], g.[Entity], g.[Reason], g.[ChangedAt], g.[SeenAt], g.[FoundAt], CASE WHEN r.[ShopifyId] IS NULL THEN 0 ELSE 1 END AS [Rejected]
FROM @unjudged AS u INNER JOIN [Gaps] AS g ON g.[Id] = u.[Id]
LEFT JOIN [Rejects] AS r ON r.[StoreId] = g.[StoreId] AND r.[Entity] = g.[Entity] AND r.[ShopifyId] = g.[ShopifyId]
ORDER BY g.[Id];
SELECT u.[Id], d.[Topic], d.[TriggeredAt], d.[ReceivedAt]
FROM @unjudged AS u INNER JOIN [Gaps] AS g ON g.[Id] = u.[Id]
INNER JOIN [Deliveries] AS d ON d.[StoreId] = g.[StoreId] AND d.[Entity] = g.[Entity] AND d.[ShopifyId] = g.[ShopifyId]
ORDER BY d.[Id];`,
);

export async function unjudgedGaps(
  connection: Connection,
  storeId: number,
  limit: number,
): Promise<readonly UnjudgedGap[]> {
  const [gaps = [], deliveries = []] = await run(connection, UNJUDGED_GAPS, { storeId, limit });
  const byGap = Map.groupBy(deliveries, (row) => number(row, 'Id'));
  return gaps.map((row) => ({
    gapId: number(row, 'Id'),
    storeId,
    entity: text<EntityName>(row, 'Entity'),
    reason: text<GapReason>(row, 'Reason'),
    changedAt: instantOrNull(row, 'ChangedAt'),
    seenAt: instant(row, 'SeenAt'),
    foundAt: instant(row, 'FoundAt'),
    rejected: flag(row, 'Rejected'),
    deliveries: (byGap.get(number(row, 'Id')) ?? []).map(deliveryOf),
  }));
}

const deliveryOf = (row: Row): GapDelivery => ({
  topic: text(row, 'Topic'),
  triggeredAt: instantOrNull(row, 'TriggeredAt'),
  receivedAt: instant(row, 'ReceivedAt'),
});

const JUDGED = fieldsOf(schema.Gaps, 'Id', 'Cause');

export const JUDGE_GAPS = batch(
  'judgeGaps',
  { judgedJson: JSON_TEXT },
  `UPDATE g SET [Cause] = s.[Cause]
FROM [Gaps] AS g INNER JOIN ${openJson('@judgedJson', JUDGED)} AS s ON g.[Id] = s.[Id];`,
);

export async function judgeGaps(
  connection: Connection,
  judged: readonly { readonly gapId: number; readonly cause: GapCause }[],
): Promise<void> {
  const causes = judged.map(({ gapId, cause }) => ({ Id: gapId, Cause: cause }));
  await run(connection, JUDGE_GAPS, { judgedJson: JSON.stringify(causes) });
}
