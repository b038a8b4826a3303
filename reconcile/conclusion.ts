import { holdBrake, isReleased, trips } from '../src/brake.ts';
import { entityOf } from '../src/entities/registry.ts';
import type { Lease } from '../src/lease.ts';
import { tellRun } from '../src/report.ts';
import type { CensusPosition, DetectionCommit, Run } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { Counted } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { NOTHING } from '../src/tally.ts';
import { hidesTheOld } from '../src/visibility.ts';
import { markSlice } from './slice.ts';

/**
 * The end of a census: the list is held against Shopify's own count, the brake is judged (R10), what was held is freed, and the
 * certificate is written in the transaction that ends the walk. A first mirror gets its watermark here. The position
 * is given up last: a process that dies before concludes again, and finds nothing held any more.
 */
type Deps = Pick<Service, 'database' | 'clock' | 'monotonic' | 'timing' | 'log' | 'telemetry'>;

const VISIBLE_MS = 60 * 24 * 3_600_000;

export async function conclude(
  deps: Deps,
  store: Store,
  lease: Lease,
  position: CensusPosition,
  counted: Counted,
): Promise<'counted' | 'held'> {
  const { database } = deps;
  const run = await database.run(position.runId);
  const { live } = await database.burialFacts(store.id, lease.entity);
  const released = isReleased(store, lease.entity, deps.clock());
  const isHeld = run !== null && run.held > 0 && !released && trips(run.held, live);
  if (isHeld) await holdBrake(database, store.id, lease.entity);
  else await database.releaseHeld(position.runId);
  await database.commitDetection(lease, ending(store, lease, position, run, counted, isHeld));
  const counts = `${position.heads} heads, Shopify counts ${counted.count ?? 'not exactly'}`;
  const vanished = `${counts}; ${run?.held} of ${live} live rows vanished unannounced: check the app's scopes, then release the brake`;
  await database.finishRun(position.runId, {
    state: isHeld ? 'held' : 'succeeded',
    message: isHeld ? vanished : counts,
  });
  const { storeId, entity } = lease;
  const whole = { storeId, entity, kind: position.kind, seen: run?.tally.seen ?? position.heads };
  tellRun(deps, { ...whole, began: { at: run?.startedAt ?? deps.clock() } }, isHeld ? 'held' : 'succeeded');
  if (isHeld)
    deps.log('burialsHeld', {
      StoreId: storeId,
      Domain: store.domain,
      Entity: entity,
      Rows: run.held,
      LiveRows: live,
    });
  if (position.kind === 'census' && !isHeld) await markSlice(deps, lease, position.startedAt);
  return isHeld ? 'held' : 'counted';
}

function ending(
  store: Store,
  lease: Lease,
  position: CensusPosition,
  run: Run | null,
  counted: Counted,
  held: boolean,
): DetectionCommit {
  const { runId, kind, startedAt, oldestCreatedAt } = position;
  const shownFrom = hidesTheOld(entityOf(lease.entity), store) ? startedAt - VISIBLE_MS : null;
  return {
    runId,
    raises: [],
    gaps: [],
    hold: [],
    census: null,
    censusFinishedAt: startedAt,
    ...(kind === 'backfill' ? { watermark: startedAt } : {}),
    ...(kind === 'census' ? {} : { contentAt: startedAt }),
    coverageFrom: shownFrom === null ? null : (oldestCreatedAt ?? shownFrom),
    certificate: {
      depth: kind === 'census' ? 'heads' : 'content',
      fromAt: startedAt,
      toAt: position.lastAt,
      counted: counted.count,
      listed: position.heads,
      mirrorBefore: position.mirrorBefore,
      found: position.found,
      unknowable: run?.tally.unknowable ?? 0,
      unknowableBefore: shownFrom,
      planted: position.planted,
      detected: position.detected,
      byIndex: position.byIndex,
      points: (run?.points ?? 0) + counted.points,
      held,
    },
    tally: NOTHING,
    points: counted.points,
  };
}
