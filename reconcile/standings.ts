import { syncMetric } from '../src/metrics.ts';
import type { Service } from '../src/service.ts';

/**
 * How things stand, told each minute: what waits, how long ago the latest complete comparison began, and the gaps of
 * the latest day. That age compares Shopify's clock with ours, for a figure in minutes that nothing is decided by.
 */
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export async function tellStandings({
  database,
  clock,
  telemetry,
}: Pick<Service, 'database' | 'clock' | 'telemetry'>): Promise<void> {
  for (const { storeId, entity, waiting, lastSweepAt, lastCensusAt } of await database.standings()) {
    const by = { StoreId: storeId, Entity: entity };
    telemetry.measure('Stale.Waiting', waiting, by);
    if (lastSweepAt === null && lastCensusAt === null) continue;
    const ageMs = clock() - Math.max(lastSweepAt ?? 0, lastCensusAt ?? 0);
    telemetry.measure('Store.LastSyncAgeMinutes', Math.max(0, ageMs / MINUTE_MS), by);
  }
  for (const { storeId, entity, cause, gaps } of await database.gapsSince(DAY_MS))
    telemetry.measure(syncMetric(entity, 'Gaps'), gaps, {
      StoreId: storeId,
      Cause: cause ?? 'not yet known',
    });
}
