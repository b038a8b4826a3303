import { and, eq, isNull, max, sql } from 'drizzle-orm';
import type { DetectionCommit, Gap, Lease, MirrorView, SyncState } from '../../src/database.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import type { Leases } from './leases.ts';
import type { Marks } from './marks.ts';
import type { Rows } from './rows.ts';
import type { Runs } from './runs.ts';
import { listed, placeholders } from './statements.ts';

/** What sweeps and censuses read and commit. */

const { Deliveries, Gaps, StaleKeys, Stores, SyncStates } = schema;

const UNTOUCHED: SyncState = {
  watermark: null,
  lastSweepAt: null,
  lastDeepSweepAt: null,
  lastCensusAt: null,
  census: null,
};

const prepareDetection = ({ db }: Connection) => {
  const storeId = sql.placeholder('storeId');
  const entity = sql.placeholder('entity');
  return {
    marked: db
      .select({ id: StaleKeys.Id })
      .from(StaleKeys)
      .where(
        and(
          eq(StaleKeys.StoreId, storeId),
          eq(StaleKeys.Entity, entity),
          sql`(${StaleKeys.IdLength}, ${StaleKeys.Id}) in (select length(value), value from json_each(${sql.placeholder('ids')}))`,
        ),
      )
      .prepare(),
    announced: db
      .select({ id: Deliveries.ShopifyId, at: max(Deliveries.TriggeredAt) })
      .from(Deliveries)
      .where(
        and(
          eq(Deliveries.StoreId, storeId),
          eq(Deliveries.Entity, entity),
          sql`${Deliveries.ShopifyId} in ${listed('ids')}`,
        ),
      )
      .groupBy(Deliveries.ShopifyId)
      .prepare(),
    open: db
      .select({ id: Gaps.Id })
      .from(Gaps)
      .where(
        and(
          eq(Gaps.StoreId, storeId),
          eq(Gaps.Entity, entity),
          eq(Gaps.ShopifyId, sql.placeholder('id')),
          isNull(Gaps.HealedAt),
        ),
      )
      .limit(1)
      .prepare(),
    openGap: db
      .insert(Gaps)
      .values(
        placeholders('StoreId', 'Entity', 'ShopifyId', 'RunId', 'FoundBy', 'Reason', 'ChangedAt', 'FoundAt'),
      )
      .prepare(),
  };
};

interface Parts {
  readonly leases: Leases;
  readonly marks: Marks;
  readonly rows: Rows;
  readonly runs: Runs;
}

export function detection(connection: Connection, { leases, marks, rows, runs }: Parts) {
  const { db, clock } = connection;
  const statements = prepareDetection(connection);

  /**
   * A gap that stands open is not opened again: a detector that died after its commit looks a second time.
   */
  const openGaps = (lease: Lease, runId: number, gaps: readonly Gap[]): void => {
    const { storeId, entity } = lease;
    const now = clock();
    for (const { id, changedAt, foundBy, reason } of gaps) {
      if (statements.open.get({ storeId, entity, id })) continue;
      statements.openGap.run({
        StoreId: storeId,
        Entity: entity,
        ShopifyId: id,
        RunId: runId,
        FoundBy: foundBy,
        Reason: reason,
        ChangedAt: changedAt,
        FoundAt: now,
      });
    }
  };

  const advance = ({ storeId, entity }: Lease, commit: DetectionCommit): void => {
    const { watermark, sweepFinishedAt, deepSweepFinishedAt, census, censusFinishedAt } = commit;
    const change = {
      ...(watermark !== undefined && {
        Watermark: sql`max(coalesce(${SyncStates.Watermark}, ${watermark}), ${watermark})`,
      }),
      ...(sweepFinishedAt !== undefined && { LastSweepAt: sweepFinishedAt }),
      ...(deepSweepFinishedAt !== undefined && { LastDeepSweepAt: deepSweepFinishedAt }),
      ...(census !== undefined && { CensusPosition: census }),
      ...(censusFinishedAt !== undefined && { LastCensusAt: censusFinishedAt }),
    };
    if (Object.keys(change).length === 0) return;
    db.update(SyncStates)
      .set(change)
      .where(and(eq(SyncStates.StoreId, storeId), eq(SyncStates.Entity, entity)))
      .run();
    if (sweepFinishedAt !== undefined || censusFinishedAt !== undefined) showOnStore(storeId);
  };

  /** The two columns of the store by which the Web API knows how far its mirror is. */
  const showOnStore = (storeId: number): void => {
    const uncounted = sql`exists (select 1 from ${SyncStates} where ${SyncStates.StoreId} = ${Stores.Id}
      and ${SyncStates.LastCensusAt} is null)`;
    db.update(Stores)
      .set({
        LastSyncDate: clock(),
        InitialSetupCompleted: sql`max(${Stores.InitialSetupCompleted}, not ${uncounted})`,
      })
      .where(eq(Stores.Id, storeId))
      .run();
  };

  return {
    syncState(storeId: number, entity: EntityName): SyncState {
      const state = db
        .select()
        .from(SyncStates)
        .where(and(eq(SyncStates.StoreId, storeId), eq(SyncStates.Entity, entity)))
        .all()[0];
      if (!state) return UNTOUCHED;
      return {
        watermark: state.Watermark,
        lastSweepAt: state.LastSweepAt,
        lastDeepSweepAt: state.LastDeepSweepAt,
        lastCensusAt: state.LastCensusAt,
        census: state.CensusPosition,
      };
    },

    mirrorOf(storeId: number, entity: EntityName, ids: readonly string[]): ReadonlyMap<string, MirrorView> {
      const keys = { storeId, entity, ids: JSON.stringify(ids) };
      const states = rows.states(storeId, entity, ids);
      const marked = new Set(statements.marked.all(keys).map(({ id }) => id));
      const announced = new Map(statements.announced.all(keys).map(({ id, at }) => [id, at]));
      return new Map(
        ids.map((id) => [
          id,
          { row: states.get(id) ?? null, marked: marked.has(id), announcedAt: announced.get(id) ?? null },
        ]),
      );
    },

    commitDetection(lease: Lease, commit: DetectionCommit): void {
      leases.fence(lease);
      marks.raise(lease.storeId, commit.raises);
      openGaps(lease, commit.runId, commit.gaps);
      marks.hold(lease.storeId, lease.entity, commit.runId, commit.hold);
      advance(lease, commit);
      runs.add(commit.runId, commit.tally, commit.points);
    },
  };
}
