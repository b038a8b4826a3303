import { brakeBurials } from './brake.ts';
import { noteStanding, raisesOf } from './consequences.ts';
import type { Entity } from './entities/entity.ts';
import { entityOf } from './entities/registry.ts';
import type { Lease } from './lease.ts';
import type { TakenMark } from './mark.ts';
import type { RefreshDeps } from './refresh.ts';
import type { Tally } from './run.ts';
import { type AdminApi, TooCostly } from './shopify/admin.ts';
import { type KeyRead, lookForKeys, type Reads, readKeys } from './shopify/read.ts';
import type { Store } from './store.ts';
import { addTallies, assertConserved, counted, NOTHING } from './tally.ts';
import { verdictOf } from './verdict.ts';

/**
 * One batch of a refresh: marks are taken, read by id, judged, and carried out in one transaction. The links to
 * other entities follow the commit: two transactions that run together would each see only the other's past.
 */

/** One batch; null when nothing was due. */
export async function refreshBatch(
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
  let read: Reads;
  try {
    read = await readMarked(api, store, entity, marks);
  } catch (error) {
    // Remembered before anything else can interrupt: the marks stay, and fewer are taken next time.
    if (!(error instanceof TooCostly) || marks.length === 1) throw error;
    deps.batches.set(batchKey, Math.ceil(marks.length / 2));
    return NOTHING;
  }
  const { reads, points } = read;
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
  await noteStanding(database, store, entity, read);
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
async function readMarked(
  api: AdminApi,
  store: Store,
  entity: Entity,
  marks: readonly TakenMark[],
): Promise<Reads> {
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
  if (whole.length === 0) return { reads: looked.reads, points: looked.points, withheld: [] };
  const read = await readKeys(api, store, entity, whole);
  return { ...read, reads: new Map([...looked.reads, ...read.reads]), points: looked.points + read.points };
}
