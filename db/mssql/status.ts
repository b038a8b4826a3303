import { percentile } from '../../src/delivery-quality.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { GapCause } from '../../src/gap.ts';
import type { StoreStatus } from '../../src/store.ts';
import { type MirrorTable, mirrorTableOf } from '../mirror-tables.ts';
import { BIGINT, batch, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { deliveryQuality, lagsOf, selectLags } from './delivery-quality.ts';
import { BACKLOG, backlogOf } from './privacy-standing.ts';
import { lackingOf, selectLacking } from './ranges.ts';
import { flag, instant, number, type Row, text, textOrNull } from './recordset.ts';

/** What the operator sees of a store. */

const DAY_MS = 24 * 3_600_000;

/**
 * Rows of living objects. Dead objects are few and their rows are found by index, so counting all and taking
 * those away spares a join over the whole mirror.
 */
function livingRows(table: MirrorTable, dead: string): readonly string[] {
  const rows = `FROM [${table.name}] WHERE [StoreId] = @storeId`;
  const living = `(SELECT COUNT(*) ${rows}) - (SELECT COUNT(*) ${rows} AND ${dead}) AS [${table.name}]`;
  const below = table.children.flatMap((child) =>
    livingRows(child, `[${child.parent}] IN (SELECT [Id] ${rows} AND ${dead})`),
  );
  return [living, ...below];
}

const LIVING = ENTITY_NAMES.flatMap((name) => livingRows(mirrorTableOf(entityOf(name)), '[IsActive] = 0'));

/** A delivery of several keys is one. */
const COUNTS = `SELECT
  (SELECT COUNT(*) FROM [StaleKeys] WHERE [StoreId] = @storeId AND [HeldByRun] IS NULL) AS [Waiting],
  (SELECT COUNT(*) FROM [StaleKeys] WHERE [StoreId] = @storeId AND [HeldByRun] IS NOT NULL) AS [Held],
  (SELECT COUNT(*) FROM [Rejects] WHERE [StoreId] = @storeId) AS [Rejects],
  (SELECT COALESCE(SUM(CAST([Points] AS bigint)), 0) FROM [SyncRuns] WHERE [StoreId] = @storeId) AS [Points],
  (SELECT COUNT(DISTINCT [WebhookId]) FROM [Deliveries] WHERE [StoreId] = @storeId) AS [Deliveries];`;

/** What was merely on its way is no gap. */
const GAPS = `SELECT g.[Cause], g.[Healed], COUNT(*) AS [Count] FROM (
  SELECT [Cause], CASE WHEN [HealedAt] IS NULL THEN 0 ELSE 1 END AS [Healed] FROM [Gaps]
  WHERE [StoreId] = @storeId AND ([Cause] IS NULL OR [Cause] <> N'in flight')
) AS g GROUP BY g.[Cause], g.[Healed];`;

export const STATUS = batch(
  'status',
  { storeId: BIGINT },
  `SELECT\n  ${LIVING.join(',\n  ')};`,
  COUNTS,
  GAPS,
  'SELECT [Entity], [CoverageFrom] FROM [SyncStates] WHERE [StoreId] = @storeId AND [CoverageFrom] IS NOT NULL;',
  selectLags('IS NOT NULL'),
  BACKLOG,
  `${ENTITY_NAMES.map((name) => selectLacking(name)).join('\nUNION ALL\n')};`,
);

export async function status(connection: Connection, storeId: number): Promise<StoreStatus> {
  const [living, counted, gaps, cutOff, measured, backlog, lacks] = await run(connection, STATUS, {
    storeId,
  });
  const [rows, counts] = [living![0]!, counted![0]!];
  const lags = lagsOf(measured!).toSorted((a, b) => a - b);
  return {
    rows: Object.fromEntries(Object.keys(rows).map((table) => [table, number(rows, table)])),
    marksWaiting: number(counts, 'Waiting'),
    marksHeld: number(counts, 'Held'),
    ...gapsOf(gaps!),
    lacking: lackingOf(lacks!),
    rejects: number(counts, 'Rejects'),
    points: number(counts, 'Points'),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    deliveries: number(counts, 'Deliveries'),
    topics: await deliveryQuality(connection, storeId, DAY_MS),
    coverageFrom: Object.fromEntries(
      cutOff!.map((row) => [text(row, 'Entity') as EntityName, instant(row, 'CoverageFrom')]),
    ),
    privacy: backlogOf(backlog![0]!),
  };
}

function gapsOf(counts: readonly Row[]) {
  const healed = counts.filter((row) => flag(row, 'Healed'));
  const total = (some: readonly Row[]) => some.reduce((sum, row) => sum + number(row, 'Count'), 0);
  const causes = healed.flatMap((row) => {
    const cause = textOrNull(row, 'Cause') as GapCause | null;
    return cause === null ? [] : [[cause, number(row, 'Count')] as const];
  });
  return { gapsFound: total(counts), gapsHealed: total(healed), gapCauses: Object.fromEntries(causes) };
}
