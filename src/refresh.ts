import { brakeBurials } from './brake.ts';
import type { Clock, Timing } from './clock.ts';
import type { Database, Lease, Raise, TakenMark, Tally, Verdict } from './database.ts';
import { type Entity, tablesOf } from './entities/entity.ts';
import { type EntityName, entityOf, isEntityName } from './entities/registry.ts';
import { Fenced, NeedsAttention, Transient } from './failures.ts';
import type { Log } from './log.ts';
import type { AdminApi } from './shopify/admin.ts';
import { type KeyRead, lookForKeys, readKeys } from './shopify/read.ts';
import type { Store } from './store.ts';
import { addTallies, assertConserved, counted, NOTHING } from './tally.ts';
import { verdictOf } from './verdict.ts';

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
  try {
    for (;;) {
      const done = await refreshBatch(deps, api, store, lease);
      if (done === null) {
        if (await database.releaseLease(lease, { unlessDue: true })) return { state: 'quiet', tally };
        continue;
      }
      tally = addTallies(tally, done);
      if (clock() >= endsAt || othersWait()) {
        await database.releaseLease(lease);
        return { state: 'more', tally, afterMs: 0 };
      }
      if (clock() >= renewAt) {
        if (!(await database.renewLease(lease, LEASE_MS))) throw new Fenced('the lease ran out');
        renewAt = clock() + LEASE_MS / 3;
      }
    }
  } catch (error) {
    if (error instanceof Fenced) return { state: 'more', tally, afterMs: 1_000 };
    await database.releaseLease(lease);
    if (error instanceof NeedsAttention)
      await database.updateSettings(store.id, { attention: error.message });
    if (!(error instanceof Transient)) throw error;
    deps.log('warning', error.message, { store: store.id, entity: name, retryAfterMs: error.retryAfterMs });
    return { state: 'more', tally, afterMs: Math.max(error.retryAfterMs, 1_000) };
  }
}

/** One batch; null when nothing was due. */
async function refreshBatch(
  deps: RefreshDeps,
  api: AdminApi,
  store: Store,
  lease: Lease,
): Promise<Tally | null> {
  const { database } = deps;
  const entity = entityOf(lease.entity);
  const batchKey = `${store.id}:${lease.entity}`;
  const marks = await database.takeMarks(lease, deps.batches.get(batchKey) ?? entity.batch);
  if (marks.length === 0) return null;
  const { reads, points, withheld, acceptedBatch } = await readMarked(api, store, entity, marks);
  if (acceptedBatch !== null) deps.batches.set(batchKey, acceptedBatch);
  const judgedKeys = marks.map((mark) => verdictOf(store, entity, mark, readOf(reads, mark), deps.timing));
  const braked = await brakeBurials(database, store, lease.entity, judgedKeys);
  const tally = assertConserved(braked.map(({ outcome }) => counted(outcome)).reduce(addTallies, NOTHING));
  const verdicts = braked.map(({ verdict }) => verdict);
  await database.commitRefresh(lease, {
    verdicts,
    rejects: braked.flatMap(({ verdict, reject }) =>
      reject === null ? [] : [{ id: verdict.id, reason: reject }],
    ),
    raises: raisesOf(entity, marks, verdicts),
    tally,
    points,
  });
  await noteStanding(database, store, entity, withheld);
  const touched = verdicts.filter(({ row }) => row.do === 'write').map(({ id }) => id);
  if (touched.length > 0) await database.link(store.id, lease.entity, touched);
  return tally;
}

const readOf = (reads: ReadonlyMap<string, KeyRead>, mark: TakenMark): KeyRead => {
  const read = reads.get(mark.id);
  if (read === undefined) throw new Error('a key was taken and not read');
  return read;
};

/** Keys that expect absence, or hold a first null, are looked for by the cheap head query first. */
async function readMarked(api: AdminApi, store: Store, entity: Entity, marks: readonly TakenMark[]) {
  const doubtful = marks.filter((mark) => mark.announces === 'absence' || mark.firstNullAt !== null);
  const looked =
    doubtful.length > 0
      ? await lookForKeys(
          api,
          store,
          entity,
          doubtful.map(({ id }) => id),
        )
      : { reads: new Map<string, KeyRead>(), alive: [], points: 0 };
  const skip = new Set(doubtful.map(({ id }) => id));
  const whole = [...marks.filter(({ id }) => !skip.has(id)).map(({ id }) => id), ...looked.alive];
  if (whole.length === 0)
    return { reads: looked.reads, points: looked.points, withheld: [], acceptedBatch: null };
  const read = await readKeys(api, store, entity, whole);
  return { ...read, reads: new Map([...looked.reads, ...read.reads]), points: looked.points + read.points };
}

/**
 * A changed order moves its customer's spend and order count without moving the customer's `updatedAt`. Not while
 * the store is first mirrored: the customers are being read anyway.
 */
function raisesOf(
  entity: Entity,
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
): readonly Raise[] {
  const raises = new Map<string, Raise>();
  for (const [i, { row }] of verdicts.entries()) {
    const mark = marks[i]!;
    if (row.do !== 'write' || mark.lane === 'backfill') continue;
    if (mark.row !== null && mark.row.contentHash === row.record.contentHash) continue;
    for (const { entity: other, column } of entity.affects) {
      const id = row.record.row[column];
      if (typeof id !== 'string' || !isEntityName(other)) continue;
      raises.set(`${other}:${id}`, {
        entity: other,
        id,
        lane: 'sweep',
        reason: `${entity.name}:changed`,
        announces: 'presence',
        expectedUpdatedAt: null,
        dueInMs: 0,
      });
    }
  }
  return [...raises.values()];
}

/** The store's status names what is withheld (R9); a read that went well ends an earlier complaint. */
async function noteStanding(
  database: Database,
  store: Store,
  entity: Entity,
  withheld: readonly string[],
): Promise<void> {
  const tables = new Set(tablesOf(entity));
  const others = store.settings.withheld.filter((name) => !tables.has(name.split('.')[0]!));
  const now = [...others, ...withheld].sort();
  const same = now.join() === [...store.settings.withheld].sort().join();
  if (same && store.settings.attention === null) return;
  await database.updateSettings(store.id, { withheld: now, attention: null });
}
