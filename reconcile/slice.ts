import type { Lease } from '../src/lease.ts';
import type { Service } from '../src/service.ts';
import { NOTHING } from '../src/tally.ts';

/**
 * The content census by night: after each census of heads the share of the rows that was read longest ago is marked
 * to be read whole, so that every row is read at least every 30 days whatever its head says. A night that was missed
 * is made up for by the next: the share grows with the days since the last.
 */
const DAY_MS = 24 * 3_600_000;
/** One of the 30 days is kept in hand for the reading itself. */
const CYCLE_DAYS = 29;
const ROWS_PER_COMMIT = 500;

/** How many of `rows` are due, by Shopify's times of the census and of the one with the last share. */
export function sliceOf(rows: number, startedAt: number, lastContentAt: number | null): number {
  // One that is still to come was told by a wrong clock.
  const days =
    lastContentAt === null || lastContentAt > startedAt
      ? 1
      : Math.round((startedAt - lastContentAt) / DAY_MS);
  return Math.ceil((rows * Math.min(Math.max(days, 0), CYCLE_DAYS)) / CYCLE_DAYS);
}

export async function markSlice(
  { database, timing }: Pick<Service, 'database' | 'timing'>,
  lease: Lease,
  startedAt: number,
): Promise<void> {
  const { storeId, entity } = lease;
  const { lastContentAt } = await database.syncState(storeId, entity);
  const { live } = await database.burialFacts(storeId, entity);
  const rows = await database.longestUnread(storeId, entity, sliceOf(live, startedAt, lastContentAt));
  if (rows.length === 0) return;
  const runId = await database.startRun(storeId, entity, 'slice');
  for (let from = 0; from < rows.length; from += ROWS_PER_COMMIT) {
    const some = rows.slice(from, from + ROWS_PER_COMMIT);
    const last = from + ROWS_PER_COMMIT >= rows.length;
    await database.commitDetection(lease, {
      runId,
      raises: some.map((id) => ({
        entity,
        id,
        lane: 'census',
        reason: 'census:content',
        announces: 'presence',
        // No version is to be reached: like a hint it is proved by a read SETTLE later, so none is made before.
        expectedUpdatedAt: null,
        dueInMs: timing.settleMs,
      })),
      gaps: [],
      hold: [],
      // Only once all are marked: an interrupted share is made up for by the next census.
      ...(last ? { contentAt: startedAt } : {}),
      tally: { ...NOTHING, seen: some.length, deferred: some.length },
      points: 0,
    });
  }
  await database.finishRun(runId, { state: 'succeeded', message: `${rows.length} rows to be read whole` });
}
