import { NO_FINDINGS } from '../src/certificate.ts';
import type { Timing } from '../src/clock.ts';
import { isAhead } from '../src/doubtful-time.ts';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { BrokenList, Fenced } from '../src/failures.ts';
import type { Lease } from '../src/lease.ts';
import type { CensusKind, CensusPosition } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import { exactCount } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { hidesTheOld } from '../src/visibility.ts';
import { endBroken } from './broken.ts';
import { conclude } from './conclusion.ts';
import { compareRange } from './merge.ts';
import { type HeadRange, nextRange } from './range.ts';

/**
 * Detector 3: the heads of all ids, in id order, against the mirror. It pages the unfiltered connection, which
 * does not go through the search index that omits objects. A first mirror is the same walk over an empty database.
 *
 * Some fields move without `updatedAt` (tags, consent, spend, unit cost): at the depth `content` every object is
 * marked, hence read again, whatever its head says.
 *
 * What is not equal is marked range by range (sighting.ts); vanished keys are held to the end, where the brake is judged
 * (R10). The position is saved with each range, so that it may die anywhere and go on.
 */
export type CensusEnd = 'counted' | 'held' | 'busy' | 'continue';

type Deps = Pick<
  Service,
  'database' | 'doorbells' | 'clock' | 'monotonic' | 'nonce' | 'timing' | 'log' | 'telemetry'
>;

/** Renewed when a third of it is over; a range takes two minutes at worst. */
const LEASE_MS = 4 * 60_000;
/** A position this old is not resumed: what lies before it is no longer proved. */
const STALE_MS = 24 * 3_600_000;

export async function census(
  deps: Deps,
  api: AdminApi,
  store: Store,
  name: EntityName,
  isOver: () => boolean,
  depth: 'census' | 'content' = 'census',
): Promise<CensusEnd> {
  const { database } = deps;
  const lease = await database.acquireLease(store.id, name, 'census', LEASE_MS);
  if (lease === null) return 'busy';
  try {
    const state = await database.syncState(store.id, name);
    const kind = state.watermark === null ? 'backfill' : depth;
    try {
      return await walk(deps, api, store, lease, kind, state.census, isOver);
    } catch (error) {
      if (error instanceof BrokenList) await endBroken(database, lease, kind, error.message);
      throw error;
    }
  } finally {
    await database.releaseLease(lease);
    await deps.doorbells.ring(store.id, name);
  }
}

/** A store that grows faster than it is counted gets a certificate that says so. */
const LOOKS_MAX = 4;
const BEGINNING = { cursor: null, throughId: null };

async function walk(
  deps: Deps,
  api: AdminApi,
  store: Store,
  lease: Lease,
  kind: CensusKind,
  saved: CensusPosition | null,
  isOver: () => boolean,
): Promise<CensusEnd> {
  const { database, monotonic } = deps;
  const entity = entityOf(lease.entity);
  let position = saved;
  let renewAt = monotonic() + LEASE_MS / 3;
  // Of a release before 0.5: what it has compared was compared by weaker rules (R15).
  if (position !== null && position.planted === undefined) {
    await giveUp(deps, position, 'begun by an earlier release: started over');
    position = null;
  }
  if (position?.kind === 'census' && kind === 'content') {
    await giveUp(deps, position, 'started over as a content census');
    position = null;
  }
  if (position !== null && position.hidden !== hidesTheOld(entity, store)) {
    await giveUp(deps, position, 'the app sees other objects than when it began: started over');
    position = null;
  }
  for (let looks = 1; ; looks++) {
    // Compared already: the process died before the conclusion.
    while (!position?.compared) {
      const range = await nextRange(deps, api, store, entity, position ?? BEGINNING);
      if (position !== null && isStale(position, range.sentAt, deps.timing)) {
        await giveUp(deps, position, 'older than a day, or begun under a wrong clock: started over');
        position = null;
        continue;
      }
      position ??= await begin(deps, store, lease, kind, range);
      position = await compareRange(deps, store, lease, position, range);
      if (!position.compared && isOver()) return 'continue';
      if (monotonic() < renewAt) continue;
      if (!(await database.renewLease(lease, LEASE_MS))) throw new Fenced('the census lease ran out');
      renewAt = monotonic() + LEASE_MS / 3;
    }
    const counted = await exactCount(api, store, entity);
    const grown = counted.count !== null && counted.count > position.heads && looks < LOOKS_MAX;
    // What was created since the last page is counted, and listed behind it.
    const range = grown ? await nextRange(deps, api, store, entity, position) : null;
    if (range === null || range.heads.length === 0)
      return await conclude(deps, store, lease, position, counted);
    position = await compareRange(deps, store, lease, position, range);
  }
}

/** Also one that began at a time that is still to come: it was begun under a wrong clock (R18). */
const isStale = ({ startedAt }: CensusPosition, sentAt: number, timing: Timing): boolean =>
  sentAt - startedAt > STALE_MS || isAhead(startedAt, sentAt, timing);

/** What it holds stays held: the next census takes each of these keys over, or frees it (R15). */
async function giveUp({ database }: Deps, { runId }: CensusPosition, message: string): Promise<void> {
  await database.finishRun(runId, { state: 'failed', message });
}

async function begin(
  { database }: Deps,
  store: Store,
  lease: Lease,
  kind: CensusKind,
  { sentAt }: HeadRange,
): Promise<CensusPosition> {
  const { live } = await database.burialFacts(store.id, lease.entity);
  return {
    ...BEGINNING,
    runId: await database.startRun(store.id, lease.entity, kind),
    kind,
    hidden: hidesTheOld(entityOf(lease.entity), store),
    compared: false,
    startedAt: sentAt,
    lastAt: sentAt,
    heads: 0,
    found: NO_FINDINGS,
    planted: 0,
    detected: 0,
    mirrorBefore: live,
    oldestCreatedAt: null,
    byIndex: [],
  };
}
