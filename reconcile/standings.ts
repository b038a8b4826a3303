import type { Service } from '../src/service.ts';
import type { Telemetry } from '../src/telemetry.ts';

/**
 * How every key space stands, told each minute: what waits, and how long ago the latest complete comparison began.
 * That age compares Shopify's clock with ours, for a figure in minutes that nothing is decided by.
 */
const MINUTE_MS = 60_000;

export async function tellStandings(
  { database, clock }: Pick<Service, 'database' | 'clock'>,
  telemetry: Telemetry,
): Promise<void> {
  for (const { storeId, entity, waiting, lastSweepAt, lastCensusAt } of await database.standings()) {
    const by = { StoreId: storeId, Entity: entity };
    telemetry.measure('Stale.Waiting', waiting, by);
    if (lastSweepAt === null && lastCensusAt === null) continue;
    const ageMs = clock() - Math.max(lastSweepAt ?? 0, lastCensusAt ?? 0);
    telemetry.measure('Store.LastSyncAgeMinutes', Math.max(0, ageMs / MINUTE_MS), by);
  }
}
