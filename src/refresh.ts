import { refreshBatch } from './batch.ts';
import type { Clock, Timing } from './clock.ts';
import type { Database } from './database.ts';
import type { Doorbells } from './doorbell.ts';
import type { EntityName } from './entities/registry.ts';
import { Fenced, Reject, Transient } from './failures.ts';
import type { Log } from './log.ts';
import type { Tally } from './run.ts';
import type { AdminApi } from './shopify/admin.ts';
import type { Store } from './store.ts';
import type { PrivacyKey } from './suppression.ts';
import { addTallies, NOTHING } from './tally.ts';

/**
 * The one refresh loop: take marked keys, read them by id, decode, and in one transaction write the rows and
 * clear the marks. It holds the key space's lease for a slice of time; it may die between any two lines, and what
 * is left to do is what is still marked.
 */
export interface RefreshDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly log: Log;
  readonly doorbells: Doorbells;
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
  const { database, clock } = deps;
  const lease = await database.acquireLease(store.id, name, 'refresh', LEASE_MS);
  if (lease === null) return { state: 'busy' };
  const endsAt = clock() + SLICE_MS;
  let renewAt = clock() + LEASE_MS / 3;
  let tally = NOTHING;
  /** Also in the middle of a long read: a batch whose lists are long would outlive its lease each time anew. */
  const stillMine = async (): Promise<boolean> => {
    if (clock() >= renewAt) {
      if (!(await database.renewLease(lease, LEASE_MS))) throw new Fenced('the lease ran out');
      renewAt = clock() + LEASE_MS / 3;
    }
    return clock() < endsAt;
  };
  try {
    for (;;) {
      const done = await refreshBatch(deps, api, store, lease, stillMine);
      if (done === null) {
        if (await database.releaseLease(lease, { unlessDue: true })) return { state: 'quiet', tally };
        continue;
      }
      tally = addTallies(tally, done);
      if (clock() >= endsAt || othersWait()) {
        await database.releaseLease(lease);
        return { state: 'more', tally, afterMs: 0 };
      }
      await stillMine();
    }
  } catch (error) {
    if (error instanceof Fenced) {
      deps.log('warning', 'a refresh lost its lease; its batch is read again', {
        store: store.id,
        entity: name,
      });
      return { state: 'more', tally, afterMs: 1_000 };
    }
    await database.releaseLease(lease);
    if (error instanceof Reject) await database.updateSettings(store.id, { attention: error.message });
    if (!(error instanceof Transient)) throw error;
    deps.log('warning', error.message, { store: store.id, entity: name, retryAfterMs: error.retryAfterMs });
    return { state: 'more', tally, afterMs: Math.max(error.retryAfterMs, 1_000) };
  }
}
