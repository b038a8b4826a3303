import { and, asc, eq, isNotNull, lte, sql } from 'drizzle-orm';
import { LANES, type Lease, type TakenMark } from '../../src/database.ts';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import type { Leases } from './leases.ts';
import type { Rows } from './rows.ts';

/**
 * Which marks are due, and which come next. Lanes are strict, so a busy store would never backfill: a tenth
 * of each batch goes to whatever has been due longest. Every search is a seek into an index that ends with
 * the due time.
 */

const { StaleKeys, Stores } = schema;

type Due = typeof StaleKeys.$inferSelect;

const prepareSearch = ({ db }: Connection) => {
  const due = and(
    eq(StaleKeys.StoreId, sql.placeholder('storeId')),
    eq(StaleKeys.Entity, sql.placeholder('entity')),
    lte(StaleKeys.DueAt, sql.placeholder('now')),
  );
  const inLane = and(due, eq(StaleKeys.Lane, sql.placeholder('lane')));
  const order = [asc(StaleKeys.DueAt), asc(StaleKeys.IdLength), asc(StaleKeys.Id)];
  const limit = sql.placeholder('limit');
  return {
    inLane: db
      .select()
      .from(StaleKeys)
      .where(inLane)
      .orderBy(...order)
      .limit(limit)
      .prepare(),
    anyLane: db
      .select()
      .from(StaleKeys)
      .where(due)
      .orderBy(...order)
      .limit(limit)
      .prepare(),
  };
};

const oldestShare = (limit: number): number => (limit > 1 ? Math.max(1, Math.floor(limit / 10)) : 0);

export function due(connection: Connection, leases: Leases, rows: Rows) {
  const { db, clock } = connection;
  const search = prepareSearch(connection);

  /** Best lane first, then the oldest of those that are left. */
  const dueMarks = (lease: Lease, limit: number, now: number): readonly Due[] => {
    const key = { storeId: lease.storeId, entity: lease.entity, now };
    const taken = new Map<string, Due>();
    const ofLanes = limit - oldestShare(limit);
    for (const lane of LANES.keys()) {
      const found = search.inLane.all({ ...key, lane, limit: ofLanes - taken.size });
      for (const mark of found) taken.set(mark.Id, mark);
      if (taken.size === ofLanes) break;
    }
    for (const mark of search.anyLane.all({ ...key, limit })) {
      if (taken.size === limit) break;
      taken.set(mark.Id, mark);
    }
    return [...taken.values()];
  };

  return {
    takeMarks(lease: Lease, limit: number): readonly TakenMark[] {
      leases.fence(lease);
      const now = clock();
      const marks = dueMarks(lease, limit, now);
      const states = rows.states(
        lease.storeId,
        lease.entity,
        marks.map((mark) => mark.Id),
      );
      return marks.map((mark) => ({
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
        row: states.get(mark.Id) ?? null,
      }));
    },

    nextDueInMs(storeId: number, entity: EntityName): number | null {
      const [next] = db
        .select({ dueAt: StaleKeys.DueAt })
        .from(StaleKeys)
        .where(and(eq(StaleKeys.StoreId, storeId), eq(StaleKeys.Entity, entity), isNotNull(StaleKeys.DueAt)))
        .orderBy(StaleKeys.DueAt)
        .limit(1)
        .all();
      return next?.dueAt == null ? null : Math.max(0, next.dueAt - clock());
    },

    /** One seek per key space: a count of all marks would grow with the backlog that it is to announce. */
    dueDoorbells(): readonly { readonly storeId: number; readonly entity: EntityName }[] {
      const now = clock();
      const active = db.select({ id: Stores.Id }).from(Stores).where(eq(Stores.IsActive, true)).all();
      const isDue = ({ storeId, entity }: { storeId: number; entity: EntityName }) =>
        db
          .select({ Id: StaleKeys.Id })
          .from(StaleKeys)
          .where(
            and(
              eq(StaleKeys.StoreId, storeId),
              eq(StaleKeys.Entity, entity),
              isNotNull(StaleKeys.DueAt),
              lte(StaleKeys.DueAt, now),
            ),
          )
          .limit(1)
          .all().length > 0;
      return active
        .flatMap(({ id }) => ENTITY_NAMES.map((entity) => ({ storeId: id, entity })))
        .filter(isDue);
    },
  };
}
