import type { Shop } from '../simulator/shop.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import type { Database } from '../src/database.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import type { Lease } from '../src/lease.ts';
import type { AnsweredDelivery, RefreshCommit } from '../src/mark.ts';
import type { DetectionCommit } from '../src/run.ts';

const { settleMs, overlapMs } = DEFAULT_TIMING;

/**
 * A database that checks the rules after every single commit, not only at the end: end-state checks alone do not
 * test a guard. It writes nothing of its own.
 */
export interface Watched {
  readonly broken: string[];
  readonly commits: { refresh: number; detection: number };
}

export function watched(
  real: Database,
  world: { readonly shop: Shop; readonly now: number },
  seen: Watched,
): Database {
  return new Proxy(real, {
    get: (target, name) => {
      if (name === 'commitRefresh')
        return (lease: Lease, commit: RefreshCommit) => refresh(target, seen, lease, commit);
      if (name === 'commitDetection')
        return (lease: Lease, commit: DetectionCommit) => detection(target, seen, lease, commit, world);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type Bounds = Parameters<typeof watched>[1];

/** R2: no live row goes back; a tombstone rises only on evidence. R11: the tally is whole. */
async function refresh(
  real: Database,
  seen: Watched,
  lease: Lease,
  commit: RefreshCommit,
): Promise<readonly AnsweredDelivery[]> {
  const ids = commit.verdicts.map(({ id }) => id);
  const before = await real.mirrorOf(lease.storeId, lease.entity, ids);
  const answered = await real.commitRefresh(lease, commit);
  seen.commits.refresh++;
  const after = await real.mirrorOf(lease.storeId, lease.entity, ids);
  for (const id of ids) {
    const [was, is] = [before.get(id)?.row ?? null, after.get(id)?.row ?? null];
    if (was === null || is === null) continue;
    const name = `${lease.entity} ${id}`;
    if (was.deletedAt === null && is.updatedAt < was.updatedAt)
      seen.broken.push(`R2: ${name} went back in time`);
    if (was.deletedAt === null && is.updatedAt === was.updatedAt && is.readAt < was.readAt)
      seen.broken.push(`R2: ${name} was overwritten by an earlier read`);
    if (was.deletedAt !== null && is.deletedAt === null && is.readAt < was.deletedAt + settleMs)
      seen.broken.push(`R2: ${name} rose from the dead too soon`);
  }
  const { seen: all, ...ends } = commit.tally;
  if (Object.values(ends).reduce((a, b) => a + b, 0) !== all) seen.broken.push('R11: a batch lost a key');
  return answered;
}

/** R5: no change that the index showed within OVERLAP lies before the watermark unmarked. */
async function detection(
  real: Database,
  seen: Watched,
  lease: Lease,
  commit: DetectionCommit,
  world: Bounds,
): Promise<void> {
  await real.commitDetection(lease, commit);
  seen.commits.detection++;
  if (commit.watermark === undefined) return;
  const { watermark } = await real.syncState(lease.storeId, lease.entity);
  const name = ENTITY_NAMES.find((each) => each === lease.entity)!;
  const objects = [...world.shop.collection(name).values()];
  const shown = objects.filter(
    ({ updatedAt }) => updatedAt < (watermark ?? 0) - overlapMs && updatedAt < world.now - overlapMs,
  );
  const ids = shown.map(({ id }) => id.slice(id.lastIndexOf('/') + 1));
  const mirror = await real.mirrorOf(lease.storeId, lease.entity, ids);
  for (const [i, { updatedAt }] of shown.entries()) {
    const view = mirror.get(ids[i]!);
    const known = view?.marked || (view?.row && view.row.updatedAt >= Math.floor(updatedAt / 1_000) * 1_000);
    if (!known) seen.broken.push(`R5: the watermark passed ${lease.entity} ${ids[i]}`);
  }
}
