import { brakeBurials } from './brake.ts';
import { changedColumns } from './changed-columns.ts';
import { endComplaint, raisesOf } from './consequences.ts';
import { weighDenials, withDenials } from './denial.ts';
import type { Entity } from './entities/entity.ts';
import { entityOf } from './entities/registry.ts';
import { UnknownField, Unserved } from './failures.ts';
import { withKept } from './kept.ts';
import type { Lease } from './lease.ts';
import type { TakenMark } from './mark.ts';
import type { RefreshDeps } from './refresh.ts';
import { tellBatch, tellRefreshed } from './report.ts';
import type { Tally } from './run.ts';
import { noteShop } from './shop-noted.ts';
import type { AdminApi } from './shopify/admin.ts';
import { type KeyRead, lookForKeys, type Reads, readKeys } from './shopify/read.ts';
import { newerFields } from './shopify/schema.ts';
import { shopFacts } from './shopify/shop.ts';
import { TooCostly } from './shopify/too-costly.ts';
import type { Store } from './store.ts';
import { withoutErased } from './suppression.ts';
import { addTallies, assertConserved, counted, NOTHING } from './tally.ts';
import { unversionedGaps } from './unversioned.ts';
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
  stillMine: () => Promise<boolean>,
): Promise<Tally | null> {
  const size = deps.batches.get(batchKeyOf(lease)) ?? entityOf(lease.entity).batch;
  const marks = await deps.database.takeMarks(lease, size);
  if (marks.length === 0) return null;
  const attributes = { StoreId: store.id, Entity: lease.entity, Keys: marks.length };
  return await deps.telemetry.span({ name: 'refresh', attributes }, () =>
    refreshMarks(deps, api, store, lease, marks, stillMine),
  );
}

const batchKeyOf = ({ storeId, entity }: Lease): string => `${storeId}:${entity}`;

async function refreshMarks(
  deps: RefreshDeps,
  api: AdminApi,
  store: Store,
  lease: Lease,
  marks: readonly TakenMark[],
  stillMine: () => Promise<boolean>,
): Promise<Tally> {
  const { database, telemetry } = deps;
  const startedAt = deps.monotonic();
  const entity = entityOf(lease.entity);
  const batchKey = batchKeyOf(lease);
  let read: Reads;
  try {
    read = await readBySchema(api, store, entity, marks, stillMine);
  } catch (error) {
    // Remembered before anything else can interrupt: the marks stay, and fewer are taken next time.
    const isOfTheBatch = error instanceof TooCostly || error instanceof Unserved;
    if (!isOfTheBatch) throw error;
    if (marks.length > 1) {
      deps.batches.set(batchKey, Math.ceil(marks.length / 2));
      return NOTHING;
    }
    // One object that Shopify cannot serve waits by itself (design 7: the mark's own back-off).
    const reads = new Map(marks.map(({ id }) => [id, { state: 'rejected', reason: error.message } as const]));
    read = { reads, points: 0 };
    deps.batches.delete(batchKey);
  }
  const { points } = read;
  // Before anything is judged: whether a row differs is asked of what may be written.
  const denied = await weighDenials(deps, store, lease.entity, read);
  const told = withDenials(read.reads, denied);
  const allowed = await withoutErased(deps, store, entity, told);
  const reads = await withKept(database, lease, entity, marks, allowed);
  const judgedBy = (as: Store) =>
    marks.map((mark) => verdictOf(as, entity, mark, readOf(reads, mark), deps.timing));
  let judgedKeys = judgedBy(store);
  // What the app may see is asked hourly; before an order out of sight is buried it is asked again (R10).
  if (entity.windowed && judgedKeys.some(({ verdict }) => verdict.row.do === 'bury')) {
    const facts = await shopFacts(api);
    await noteShop(database, store.id, facts);
    judgedKeys = judgedBy({ ...store, settings: { ...store.settings, scopes: facts.scopes } });
  }
  const braked = await brakeBurials(deps.clock(), database, store, lease.entity, judgedKeys);
  const tally = assertConserved(braked.map(({ outcome }) => counted(outcome)).reduce(addTallies, NOTHING));
  const verdicts = braked.map(({ verdict }) => verdict);
  const changed = await changedColumns(database, lease, marks, verdicts);
  const raises = raisesOf(entity, marks, verdicts, changed);
  const answered = await database.commitRefresh(lease, {
    verdicts,
    rejects: braked.flatMap(({ verdict, reject }) =>
      reject === null ? [] : [{ id: verdict.id, reason: reject }],
    ),
    raises,
    changed,
    announce: deps.outbox !== null,
    gaps: unversionedGaps(entity, marks, verdicts, changed, deps.timing),
    tally,
    points,
  });
  tellBatch(telemetry, lease, tally, deps.monotonic() - startedAt);
  tellRefreshed(telemetry, lease, answered);
  const raised = new Set(raises.map((raise) => raise.entity));
  for (const other of raised) await deps.doorbells.ring(store.id, other);
  await endComplaint(database, store, read);
  const touched = verdicts.filter(({ row }) => row.do === 'write').map(({ id }) => id);
  if (touched.length > 0) await database.link(store.id, lease.entity, touched);
  return tally;
}

const readOf = (reads: ReadonlyMap<string, KeyRead>, mark: TakenMark): KeyRead => {
  const read = reads.get(mark.id);
  if (read === undefined) throw new Error('a key was taken and not read');
  return read;
};

/** Where the schema has changed since the hourly look at it, the batch is read by the fields that it has now. */
async function readBySchema(
  api: AdminApi,
  store: Store,
  entity: Entity,
  marks: readonly TakenMark[],
  stillMine: () => Promise<boolean>,
): Promise<Reads> {
  try {
    return await readMarked(api, store, entity, marks, stillMine);
  } catch (error) {
    const fields = error instanceof UnknownField ? await newerFields(api) : null;
    if (fields === null || fields.join() === store.settings.fields.join()) throw error;
    const present = { ...store, settings: { ...store.settings, fields } };
    return await readMarked(api, present, entity, marks, stillMine);
  }
}

/** Keys that expect absence, or hold a first null, are looked for by the cheap head query first. */
async function readMarked(
  api: AdminApi,
  store: Store,
  entity: Entity,
  marks: readonly TakenMark[],
  stillMine: () => Promise<boolean>,
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
  if (whole.length === 0) return { reads: looked.reads, points: looked.points };
  const read = await readKeys(api, store, entity, whole, stillMine);
  return { ...read, reads: new Map([...looked.reads, ...read.reads]), points: looked.points + read.points };
}
