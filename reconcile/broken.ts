import type { Database } from '../src/database.ts';
import type { Lease } from '../src/lease.ts';
import type { CensusKind } from '../src/run.ts';
import { NOTHING } from '../src/tally.ts';

/**
 * A census over a list that cannot be one ends as a failed run that says why, and the next one begins anew: what was
 * compared with the earlier pages of such a list is worth as little as its last page. Its marks stay, held ones too: the
 * next census takes these over, or frees them (R15).
 */
export async function endBroken(
  database: Pick<Database, 'syncState' | 'startRun' | 'commitDetection' | 'finishRun'>,
  lease: Lease,
  kind: CensusKind,
  message: string,
): Promise<void> {
  const { census } = await database.syncState(lease.storeId, lease.entity);
  const runId = census?.runId ?? (await database.startRun(lease.storeId, lease.entity, kind));
  const nothing = { raises: [], gaps: [], hold: [], tally: NOTHING, points: 0 };
  await database.commitDetection(lease, { runId, ...nothing, census: null });
  await database.finishRun(runId, { state: 'failed', message });
}
