import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { Fenced, Transient } from '../src/failures.ts';
import type { Lease } from '../src/lease.ts';
import { beganNow, tellRun } from '../src/report.ts';
import type { DetectionCommit } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import { type Head, headPage } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { assertConserved, NOTHING } from '../src/tally.ts';
import { compareHeads } from './compare.ts';
import { type Headway, headway } from './headway.ts';
import { takenBack } from './taken-back.ts';
import { assertWindow, type SweepWindow, sweepQuery, windowOf } from './window.ts';

/**
 * Detector 2: heads since the watermark (minus the overlap) against the mirror, page by page. Marks, gaps and the
 * watermark move in one transaction; the watermark never to the newest head as such, because a head is newer than
 * its position in the index (R5).
 */
export type SweepEnd = 'swept' | 'busy' | 'again' | 'not mirrored yet' | SweepPosition;

/**
 * Where a sweep was interrupted: the watermark cannot say it, it stays behind the overlap (R5). It travels in the
 * message; one that is lost costs a sweep from the start.
 */
export interface SweepPosition extends Headway {
  readonly cursor: string;
  readonly firstSentAt: number;
  readonly from: number;
  readonly deep: boolean;
}

type Deps = Pick<Service, 'database' | 'doorbells' | 'clock' | 'monotonic' | 'timing' | 'log' | 'telemetry'>;

/** Renewed with every page; a page takes a minute at worst. */
const LEASE_MS = 2 * 60_000;
const PAGES_MAX = 20_000;

export async function sweep(
  deps: Deps,
  api: AdminApi,
  store: Store,
  name: EntityName,
  isOver: () => boolean,
  position: SweepPosition | null = null,
): Promise<SweepEnd> {
  const { database } = deps;
  const lease = await database.acquireLease(store.id, name, 'sweep', LEASE_MS);
  if (lease === null) return 'busy';
  try {
    const state = await database.syncState(store.id, name);
    if (state.watermark === null) return 'not mirrored yet';
    const began = beganNow(deps);
    const runId = await database.startRun(store.id, name, 'sweep');
    try {
      const end = await pages(deps, api, store, lease, runId, isOver, position);
      await database.finishRun(runId, {
        state: 'succeeded',
        message: end === 'swept' ? null : 'continued',
      });
      const seen = (await database.run(runId))?.tally.seen ?? 0;
      tellRun(deps, { storeId: store.id, entity: name, kind: 'sweep', began, seen }, 'succeeded');
      return end;
    } catch (error) {
      await database.finishRun(runId, {
        state: 'failed',
        message: error instanceof Error ? error.message : 'bug',
      });
      throw error;
    }
  } finally {
    await database.releaseLease(lease);
    await deps.doorbells.ring(store.id, name);
  }
}

async function pages(
  deps: Deps,
  api: AdminApi,
  store: Store,
  lease: Lease,
  runId: number,
  isOver: () => boolean,
  position: SweepPosition | null,
): Promise<SweepEnd> {
  const { database, timing } = deps;
  const entity = entityOf(lease.entity);
  const state = await database.syncState(store.id, lease.entity);
  const present = windowOf(entity, state, timing);
  const window = position === null ? present : { ...present, from: position.from, deep: position.deep };
  let firstSentAt = position?.firstSentAt ?? null;
  let cursor = position?.cursor ?? null;
  const returned = new Set<string>();
  const walked = headway(entity.name, position ?? { recent: [] });
  for (let n = 0; n < PAGES_MAX; n++) {
    const page = await headPage(api, store, entity, {
      sortKey: 'UPDATED_AT',
      after: cursor,
      query: sweepQuery(window),
    });
    // The window was reckoned from a time that has not come: it is reckoned anew, from the start.
    if (n === 0 && (await takenBack(deps, lease, runId, state, page.sentAt)))
      return await restarted(deps, lease);
    firstSentAt ??= page.sentAt;
    assertWindow(page.heads, window);
    const heads = page.heads.filter((head) => !window.byWholeDay || head.updatedAt >= window.from);
    for (const { id } of heads) returned.add(id);
    const mirror = await database.mirrorOf(
      store.id,
      lease.entity,
      heads.map(({ id }) => id),
    );
    const found = compareHeads(lease.entity, heads, mirror, {
      sentAt: page.sentAt,
      timing,
      windowStart: window.byWholeDay ? null : window.from,
    });
    const last = page.cursor === null;
    await database.commitDetection(lease, {
      runId,
      raises: found.raises,
      gaps: found.gaps,
      hold: [],
      ...(last ? {} : between(heads, page.sentAt - timing.overlapMs)),
      tally: assertConserved(found.tally),
      points: page.points,
    });
    if (found.raises.length > 0) await deps.doorbells.ring(store.id, lease.entity);
    if (last) {
      await finish(
        deps,
        store,
        lease,
        runId,
        { ...window, firstSentAt },
        position === null ? returned : null,
      );
      return 'swept';
    }
    walked.add(page.heads);
    cursor = page.cursor;
    if (isOver() && cursor !== null)
      return { cursor, firstSentAt, from: window.from, deep: window.deep, ...walked.so() };
    if (!(await database.renewLease(lease, LEASE_MS))) throw new Fenced('the sweep lease ran out');
  }
  throw new Error(`a sweep of more than ${PAGES_MAX} pages`);
}

async function restarted({ database }: Deps, { storeId, entity }: Lease): Promise<SweepEnd> {
  const { watermark } = await database.syncState(storeId, entity);
  return watermark === null ? 'not mirrored yet' : 'again';
}

/** R5: between pages only to the newest head that is older than the request's time minus the overlap. */
function between(heads: readonly Head[], before: number): Pick<DetectionCommit, 'watermark'> {
  const old = heads.filter(({ updatedAt }) => updatedAt < before);
  return old.length === 0 ? {} : { watermark: Math.max(...old.map(({ updatedAt }) => updatedAt)) };
}

/** Live rows of the window that did not come back are index omissions: marked, before the watermark moves on. */
async function finish(
  deps: Deps,
  store: Store,
  lease: Lease,
  runId: number,
  window: SweepWindow & { readonly firstSentAt: number },
  /** Null when only the end of the window was read: what the index omits is then left to the census. */
  returned: ReadonlySet<string> | null,
): Promise<void> {
  const { database, timing } = deps;
  const until = window.firstSentAt - timing.overlapMs;
  const live =
    returned === null ? [] : await database.liveInWindow(store.id, lease.entity, window.from, until, 10_000);
  const omitted = live.filter((id) => !returned?.has(id));
  const suspicious = window.byWholeDay && live.length > 0 && omitted.length === live.length;
  await database.commitDetection(lease, {
    runId,
    raises: omitted.map((id) => ({
      entity: lease.entity,
      id,
      lane: 'sweep',
      reason: 'sweep:omitted',
      announces: 'presence',
      expectedUpdatedAt: null,
      dueInMs: 0,
    })),
    gaps: [],
    hold: [],
    ...(suspicious ? {} : { watermark: window.firstSentAt, sweepFinishedAt: window.firstSentAt }),
    ...(window.deep && !suspicious ? { deepSweepFinishedAt: window.firstSentAt } : {}),
    tally: { ...NOTHING, seen: omitted.length, deferred: omitted.length },
    points: 0,
  });
  if (omitted.length > 0)
    deps.log('rowsOmitted', { StoreId: store.id, Entity: lease.entity, Rows: omitted.length });
  if (suspicious)
    throw new Transient(
      `none of ${live.length} live ${lease.entity} of the window came back: the filter is not what it should be; the watermark stays`,
      { retryAfterMs: 60_000 },
    );
}
