import { isAhead } from '../src/doubtful-time.ts';
import type { Lease } from '../src/lease.ts';
import type { SyncState } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import { NOTHING } from '../src/tally.ts';

/**
 * A watermark that lies in Shopify's future was set under a wrong clock: everything until then would go unseen by every
 * sweep. It goes back to the start of the latest census, which compared every id, or of one that has a certificate. With
 * neither nothing is known to have been compared, and the first mirror is walked again.
 */
type Deps = Pick<Service, 'database' | 'timing' | 'log'>;

const CERTIFICATES_MAX = 100;

/** Whether it was taken back, as of a request that Shopify was sent at `sentAt`. */
export async function takenBack(
  deps: Deps,
  lease: Lease,
  runId: number,
  { watermark, lastCensusAt }: Pick<SyncState, 'watermark' | 'lastCensusAt'>,
  sentAt: number,
): Promise<boolean> {
  const { database, timing, log } = deps;
  const { storeId, entity } = lease;
  if (watermark === null || !isAhead(watermark, sentAt, timing)) return false;
  const starts = [lastCensusAt, ...(await certifiedStarts(deps, lease))];
  const believed = starts.filter((at) => at !== null && !isAhead(at, sentAt, timing));
  const watermarkBack = believed.length === 0 ? null : Math.max(...believed.map(Number));
  const nothing = { raises: [], gaps: [], hold: [], tally: NOTHING, points: 0 };
  await database.commitDetection(lease, { ...nothing, runId, watermarkBack });
  log('watermarkTakenBack', { StoreId: storeId, Entity: entity, JumpMs: watermark - sentAt });
  return true;
}

async function certifiedStarts({ database }: Deps, { storeId, entity }: Lease): Promise<readonly number[]> {
  const all = await database.certificates(storeId, CERTIFICATES_MAX);
  return all.filter((certificate) => certificate.entity === entity).map(({ fromAt }) => fromAt);
}
