import { refreshBatch } from './batch.ts';
import type { Clock, Monotonic, Timing } from './clock.ts';
import type { Database } from './database.ts';
import type { Doorbells } from './doorbell.ts';
import type { EntityName } from './entities/registry.ts';
import { Fenced, Reject, Transient } from './failures.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';
import { beganNow, logEnd, tellFailure } from './report.ts';
import type { Tally } from './run.ts';
import type { AdminApi } from './shopify/admin.ts';
import type { Store } from './store.ts';
import type { PrivacyKey } from './suppression.ts';
import { addTallies, NOTHING } from './tally.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * The one refresh loop: take marked keys, read them by id, decode, and in one transaction write the rows and
 * clear the marks. It holds the key space's lease for a slice of time; it may die between any two lines, and what
 * is left to do is what is still marked.
 */
export interface RefreshDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly timing: Timing;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly doorbells: Doorbells;
  /** Null where nobody listens to change events. */
  readonly outbox: Outbox | null;
  readonly privacyKey: () => Promise<PrivacyKey | null>;
  /** Batches that Shopify accepts, by `store:entity`, learned when it finds one too costly. */
  readonly batches: Map<string, number>;
}

export type RefreshEnd =
  /** Nothing due is left. */
  | { readonly state: 'quiet'; readonly tally: Tally }
  /** The slice is over with work left, or must wait this long. */
  | { readonly state: 'more'; readonly tally: Tally; readonly afterMs: number }
  /** Somebody else is refreshing this key space and will see the marks. */
  | { readonly state: 'busy' };

const SLICE_MS = 20_000;
const LEASE_MS = 60_000;

/**
 * Refreshes one key space until it is quiet or the slice is over.
 * `othersWait` says whether another store wants this one's place: the slice then ends after its batch (R7).
 */
export async function refreshKeySpace(
  deps: RefreshDeps,
  api: AdminApi,
  store: Store,
  name: EntityName,
  othersWait: () => boolean = () => false,
): Promise<RefreshEnd> {
  const began = beganNow(deps);
  const end = await refreshSlice(deps, api, store, name, othersWait);
  if (end.state === 'busy' || end.tally.written + end.tally.deleted === 0) return end;
  const { unchanged, written, deleted, failed } = end.tally;
  const processed = unchanged + written + deleted;
  logEnd(deps, { storeId: store.id, entity: name, kind: 'refresh', began, processed, failed });
  return end;
}

async function refreshSlice(
  deps: RefreshDeps,
  api: AdminApi,
  store: Store,
  name: EntityName,
  othersWait: () => boolean,
): Promise<RefreshEnd> {
  const { database, monotonic } = deps;
  const lease = await database.acquireLease(store.id, name, 'refresh', LEASE_MS);
  if (lease === null) return { state: 'busy' };
  const endsAt = monotonic() + SLICE_MS;
  let renewAt = monotonic() + LEASE_MS / 3;
  let tally = NOTHING;
  /** Also in the middle of a long read: a batch whose lists are long would outlive its lease each time anew. */
  const stillMine = async (): Promise<boolean> => {
    if (monotonic() >= renewAt) {
      if (!(await database.renewLease(lease, LEASE_MS))) throw new Fenced('the lease ran out');
      renewAt = monotonic() + LEASE_MS / 3;
    }
    return monotonic() < endsAt;
  };
  try {
    for (;;) {
      const done = await refreshBatch(deps, api, store, lease, stillMine);
      if (done === null) {
        if (await database.releaseLease(lease, { unlessDue: true })) return { state: 'quiet', tally };
        continue;
      }
      tally = addTallies(tally, done);
      if (monotonic() >= endsAt || othersWait()) {
        await database.releaseLease(lease);
        return { state: 'more', tally, afterMs: 0 };
      }
      await stillMine();
    }
  } catch (error) {
    if (error instanceof Fenced) {
      deps.log('leaseLost', { StoreId: store.id, Entity: name });
      return { state: 'more', tally, afterMs: 1_000 };
    }
    tellFailure(deps.telemetry, lease, 'refresh', error);
    await database.releaseLease(lease);
    if (error instanceof Reject) await database.updateSettings(store.id, { attention: error.message });
    if (!(error instanceof Transient)) throw error;
    const afterMs = Math.max(error.retryAfterMs, 1_000);
    deps.log('syncPostponed', {
      StoreId: store.id,
      Entity: name,
      Kind: 'refresh',
      DelayMs: afterMs,
      Cause: error.message,
    });
    return { state: 'more', tally, afterMs };
  }
}
