import { and, asc, eq, isNotNull, lte, sql } from 'drizzle-orm';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import type { Lease } from '../../src/lease.ts';
import { LANES, type TakenMark } from '../../src/mark.ts';
import type { RowState } from '../../src/record.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { fence } from './leases.ts';
import { statesOf } from './rows.ts';
import { prepared } from './statements.ts';

/**
 * Which marks are due, and which come next. Lanes are strict, so a busy store would never backfill: a tenth
 * of each batch goes to whatever has been due longest. Every search is a seek into an index that ends with
 * the due time.
 */

const { StaleKeys, Stores } = schema;

type Due = typeof StaleKeys.$inferSelect;

const search = prepared(({ db }) => {
  const due = and(
    eq(StaleKeys.StoreId, sql.placeholder('storeId')),
    eq(StaleKeys.Entity, sql.placeholder('entity')),
    lte(StaleKeys.DueAt, sql.placeholder('now')),
  );
  const inLane = and(due, eq(StaleKeys.Lane, sql.placeholder('lane')));
  const inOrder = (where: typeof due) =>
    db
      .select()
      .from(StaleKeys)
      .where(where)
      .orderBy(asc(StaleKeys.DueAt), asc(StaleKeys.IdLength), asc(StaleKeys.Id))
      .limit(sql.placeholder('limit'))
      .prepare();
  return { inLane: inOrder(inLane), anyLane: inOrder(due) };
});

export function takeMarks(connection: Connection, lease: Lease, limit: number): readonly TakenMark[] {
  fence(connection, lease);
  const now = connection.clock();
  const marks = dueMarks(connection, lease, limit, now);
  const ids = marks.map((mark) => mark.Id);
  const states = statesOf(connection, lease.storeId, lease.entity, ids);
  return marks.map((mark) => takenMark(mark, states.get(mark.Id) ?? null, now));
}

/**
 * Best lane first, then the oldest of those that are left. Where no more are due than a batch takes, one search
 * finds them all.
 */
function dueMarks(connection: Connection, lease: Lease, limit: number, now: number): readonly Due[] {
  const { inLane, anyLane } = search(connection);
  const key = { storeId: lease.storeId, entity: lease.entity, now };
  const oldest = anyLane.all({ ...key, limit });
  if (oldest.length < limit) return oldest.sort((a, b) => a.Lane - b.Lane);
  const taken = new Map<string, Due>();
  const ofLanes = limit - oldestShare(limit);
  for (const lane of LANES.keys()) {
    const found = inLane.all({ ...key, lane, limit: ofLanes - taken.size });
    for (const mark of found) taken.set(mark.Id, mark);
    if (taken.size === ofLanes) break;
  }
  for (const mark of oldest) {
    if (taken.size === limit) break;
    taken.set(mark.Id, mark);
  }
  return [...taken.values()];
}

const oldestShare = (limit: number): number => (limit > 1 ? Math.max(1, Math.floor(limit / 10)) : 0);

const takenMark = (mark: Due, row: RowState | null, now: number): TakenMark => ({
  id: mark.Id,
  sequence: mark.Sequence,
  lane: LANES[mark.Lane]!,
  announces: mark.Announces,
  raisedAgoMs: now - mark.RaisedAt,
  deleteAnnouncedAgoMs: mark.DeleteAnnouncedAt === null ? null : now - mark.DeleteAnnouncedAt,
  hintedAgoMs: mark.HintedAt === null ? null : now - mark.HintedAt,
  expectedUpdatedAt: mark.ExpectedUpdatedAt,
  firstNullAt: mark.FirstNullAt,
  firstLiveAt: mark.FirstLiveAt,
  attempts: mark.Attempts,
  foundByRun: mark.FoundByRun,
  row,
});

const next = prepared(({ db }) =>
  db
    .select({ dueAt: StaleKeys.DueAt })
    .from(StaleKeys)
    .where(
      and(
        eq(StaleKeys.StoreId, sql.placeholder('storeId')),
        eq(StaleKeys.Entity, sql.placeholder('entity')),
        isNotNull(StaleKeys.DueAt),
      ),
    )
    .orderBy(StaleKeys.DueAt)
    .limit(1)
    .prepare(),
);

export function nextDueInMs(connection: Connection, storeId: number, entity: EntityName): number | null {
  const [first] = next(connection).all({ storeId, entity });
  return first?.dueAt == null ? null : Math.max(0, first.dueAt - connection.clock());
}

/** One seek per key space: a count of all marks would grow with the backlog that it is to announce. */
export function dueDoorbells(
  connection: Connection,
): readonly { readonly storeId: number; readonly entity: EntityName }[] {
  const { db } = connection;
  const active = db.select({ id: Stores.Id }).from(Stores).where(eq(Stores.IsActive, true)).all();
  return active
    .flatMap(({ id }) => ENTITY_NAMES.map((entity) => ({ storeId: id, entity })))
    .filter(({ storeId, entity }) => nextDueInMs(connection, storeId, entity) === 0);
}
