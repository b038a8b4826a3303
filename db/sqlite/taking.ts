import { and, asc, eq, lte, sql } from 'drizzle-orm';
import { LANES, type Lease, type TakenMark } from '../../src/database.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import type { Leases } from './leases.ts';
import type { Rows } from './rows.ts';

/**
 * Which due marks come next. Lanes are strict, so a busy store would never backfill: a tenth of each batch goes
 * to whatever has been due longest. Every search is a seek into an index that ends with the due time.
 */

const { StaleKeys } = schema;

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

export function taking(connection: Connection, leases: Leases, rows: Rows) {
  const { clock } = connection;
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
        expectedUpdatedAt: mark.ExpectedUpdatedAt,
        firstNullAt: mark.FirstNullAt,
        firstLiveAt: mark.FirstLiveAt,
        attempts: mark.Attempts,
        row: states.get(mark.Id) ?? null,
      }));
    },
  };
}
