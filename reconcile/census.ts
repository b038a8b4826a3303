import { holdBrake, isReleased, trips } from '../src/brake.ts';
import type { Entity } from '../src/entities/entity.ts';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { Fenced, NeedsAttention, Reject } from '../src/failures.ts';
import type { Lease } from '../src/lease.ts';
import type { CensusKind, CensusPosition } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import { exactCount, type HeadPage, headPage } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { assertConserved, NOTHING } from '../src/tally.ts';
import { compareHeads } from './compare.ts';
import { type Vanishing, vanishedIn } from './vanished.ts';

/**
 * Detector 3: the heads of all ids, in id order, against the mirror. It pages the unfiltered connection, which
 * does not go through the search index that omits objects. A first mirror is the same walk over an empty database.
 *
 * Some fields move without `updatedAt` (tags, consent, spend, unit cost): at the depth `content` every object is
 * marked, hence read again, whatever its head says.
 *
 * Missing and newer keys are marked page by page; vanished ones are held to the end, where the brake is judged
 * (R10). The position is saved with each page, so that it may die anywhere and go on.
 */
export type CensusEnd = 'counted' | 'held' | 'busy' | 'continue';

type Deps = Pick<Service, 'database' | 'doorbells' | 'clock' | 'timing' | 'log'>;

/** Renewed with every page; a page takes a minute at worst. */
const LEASE_MS = 2 * 60_000;
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
    return await walk(deps, api, store, lease, kind, state.census, isOver);
  } finally {
    await database.releaseLease(lease);
    await deps.doorbells.ring(store.id, name);
  }
}

async function walk(
  deps: Deps,
  api: AdminApi,
  store: Store,
  lease: Lease,
  kind: CensusKind,
  saved: CensusPosition | null,
  isOver: () => boolean,
): Promise<CensusEnd> {
  const entity = entityOf(lease.entity);
  let position = saved;
  if (position?.kind === 'census' && kind === 'content') {
    await giveUp(deps, position, 'started over as a content census');
    position = null;
  }
  // The last page was compared, and the process died before the conclusion.
  if (position !== null && position.cursor === null) return await conclude(deps, api, store, lease, position);
  for (;;) {
    const page = await nextPage(deps, api, store, entity, position);
    if (position !== null && page.sentAt - position.startedAt > STALE_MS) {
      await giveUp(deps, position, 'older than a day: started over');
      position = null;
      continue;
    }
    position ??= await begin(deps, store, lease, kind, page);
    position = await comparePage(deps, store, lease, position, page);
    if (page.cursor === null) return await conclude(deps, api, store, lease, position);
    if (isOver()) return 'continue';
    if (!(await deps.database.renewLease(lease, LEASE_MS))) throw new Fenced('the census lease ran out');
  }
}

async function giveUp(deps: Deps, position: CensusPosition, message: string): Promise<void> {
  await deps.database.finishRun(position.runId, { state: 'failed', message });
  await deps.database.releaseHeld(position.runId, { discard: true });
}

/** By cursor; a cursor that Shopify no longer takes is replaced by the last id, through the search index. */
async function nextPage(
  deps: Deps,
  api: AdminApi,
  store: Store,
  entity: Entity,
  position: CensusPosition | null,
): Promise<HeadPage> {
  const after = position?.cursor ?? null;
  try {
    return await headPage(api, store, entity, { sortKey: 'ID', after, query: null });
  } catch (error) {
    const lost = error instanceof Reject && !(error instanceof NeedsAttention) && after !== null;
    if (!lost) throw error;
    deps.log('warning', 'census cursor lost, resumed by id', { store: store.id, entity: entity.name });
    return await headPage(api, store, entity, {
      sortKey: 'ID',
      after: null,
      query: `id:>${position?.throughId ?? '0'}`,
    });
  }
}

async function begin(
  deps: Deps,
  store: Store,
  lease: Lease,
  kind: CensusKind,
  page: HeadPage,
): Promise<CensusPosition> {
  const runId = await deps.database.startRun(store.id, lease.entity, kind);
  return { runId, kind, throughId: null, cursor: null, startedAt: page.sentAt, heads: 0 };
}

/** One range of ids: heads first, then the mirror's range, so that a row is never older than the list it misses. */
async function comparePage(
  deps: Deps,
  store: Store,
  lease: Lease,
  before: CensusPosition,
  page: HeadPage,
): Promise<CensusPosition> {
  const { database, timing } = deps;
  const ids = page.heads.map(({ id }) => id);
  const found = compareHeads(lease.entity, page.heads, await database.mirrorOf(store.id, lease.entity, ids), {
    lane: before.kind === 'backfill' ? 'backfill' : 'census',
    everything: before.kind === 'content',
    finder: 'census',
    sentAt: page.sentAt,
    timing,
    windowStart: null,
  });
  const vanishing: Vanishing =
    before.kind === 'backfill'
      ? { vanished: [], unknowable: 0 }
      : await vanishedIn(database, store, lease.entity, before.throughId, page);
  const after: CensusPosition = {
    ...before,
    throughId: ids.at(-1) ?? before.throughId,
    cursor: page.cursor,
    heads: before.heads + ids.length,
  };
  const { vanished, unknowable } = vanishing;
  await database.commitDetection(lease, {
    runId: before.runId,
    raises: found.raises,
    gaps: [
      ...found.gaps,
      ...vanished
        .filter(({ announced }) => !announced)
        .map(({ id }) => ({ id, changedAt: null, foundBy: 'census' as const, reason: 'vanished' })),
    ],
    hold: vanished.map(({ id }) => id),
    census: after,
    tally: assertConserved({
      ...found.tally,
      seen: found.tally.seen + vanished.length + unknowable,
      deferred: found.tally.deferred + vanished.length,
      unknowable,
    }),
    points: page.points,
  });
  if (found.raises.length > 0) await deps.doorbells.ring(store.id, lease.entity);
  return after;
}

/**
 * Counts, judges the brake, frees what was held, and sets the first watermark after a first mirror. The position is
 * given up last: a process that dies before concludes again, and finds nothing held any more.
 */
async function conclude(
  deps: Deps,
  api: AdminApi,
  store: Store,
  lease: Lease,
  position: CensusPosition,
): Promise<CensusEnd> {
  const { database } = deps;
  const counted = await exactCount(api, store, entityOf(lease.entity));
  const run = await database.run(position.runId);
  const { live } = await database.burialFacts(store.id, lease.entity);
  const released = isReleased(store, lease.entity, deps.clock());
  const isHeld = run !== null && run.held > 0 && !released && trips(run.held, live);
  if (isHeld) await holdBrake(database, store.id, lease.entity);
  else await database.releaseHeld(position.runId);
  await database.commitDetection(lease, {
    runId: position.runId,
    raises: [],
    gaps: [],
    hold: [],
    census: null,
    censusFinishedAt: position.startedAt,
    ...(position.kind === 'backfill' ? { watermark: position.startedAt } : {}),
    tally: NOTHING,
    points: counted.points,
  });
  const difference = counted.count === null ? 0 : counted.count - position.heads;
  const counts = `${position.heads} heads${difference === 0 ? '' : `, Shopify counts ${difference} more or less than listed meanwhile`}`;
  const vanished = `${counts}; ${run?.held} of ${live} live rows vanished unannounced: check the app's scopes, then release the brake`;
  await database.finishRun(position.runId, {
    state: isHeld ? 'held' : 'succeeded',
    message: isHeld ? vanished : counts,
  });
  return isHeld ? 'held' : 'counted';
}
