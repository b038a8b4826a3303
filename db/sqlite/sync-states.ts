import { and, count, eq, isNull, lt, sql } from 'drizzle-orm';
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import type { DetectionCommit, Standing, SyncState } from '../../src/run.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { prepared } from './statements.ts';

/** Where each key space stands: how far it has been compared, and the epoch that fences whoever worked before. */

const { StaleKeys, Stores, SyncStates } = schema;

const UNTOUCHED: SyncState = {
  watermark: null,
  lastSweepAt: null,
  lastDeepSweepAt: null,
  lastCensusAt: null,
  census: null,
  lastContentAt: null,
  coverageFrom: null,
};

const ofKeySpace = (storeId: number, entity: EntityName) =>
  and(eq(SyncStates.StoreId, storeId), eq(SyncStates.Entity, entity));

export function syncState({ db }: Connection, storeId: number, entity: EntityName): SyncState {
  const [state] = db.select().from(SyncStates).where(ofKeySpace(storeId, entity)).all();
  if (!state) return UNTOUCHED;
  return {
    watermark: state.Watermark,
    lastSweepAt: state.LastSweepAt,
    lastDeepSweepAt: state.LastDeepSweepAt,
    lastCensusAt: state.LastCensusAt,
    census: state.CensusPosition,
    lastContentAt: state.LastContentAt,
    coverageFrom: state.CoverageFrom,
  };
}

const standing = prepared(({ db }) => {
  const waiting = db
    .select({ storeId: StaleKeys.StoreId, entity: StaleKeys.Entity, n: count().as('n') })
    .from(StaleKeys)
    .where(isNull(StaleKeys.HeldByRun))
    .groupBy(StaleKeys.StoreId, StaleKeys.Entity)
    .as('waiting');
  return db
    .select({
      storeId: SyncStates.StoreId,
      entity: SyncStates.Entity,
      waiting: sql<number>`coalesce(${waiting.n}, 0)`,
      lastSweepAt: SyncStates.LastSweepAt,
      lastCensusAt: SyncStates.LastCensusAt,
    })
    .from(SyncStates)
    .innerJoin(Stores, and(eq(Stores.Id, SyncStates.StoreId), eq(Stores.IsActive, true)))
    .leftJoin(waiting, and(eq(waiting.storeId, SyncStates.StoreId), eq(waiting.entity, SyncStates.Entity)))
    .prepare();
});

/** Counts what waits, which costs a walk over an index: for once a minute. */
export const standings = (connection: Connection): readonly Standing[] => standing(connection).all();

/** Gives the store a place for every entity that it has none for yet. */
export function addSyncStates({ db }: Connection, storeId: number): void {
  db.insert(SyncStates)
    .values(ENTITY_NAMES.map((entity) => ({ StoreId: storeId, Entity: entity, Epoch: 0 })))
    .onConflictDoNothing()
    .run();
}

/** Stores that were activated before an entity was added. */
export const storesLackingStates = ({ db }: Connection): readonly number[] =>
  db
    .select({ id: Stores.Id })
    .from(Stores)
    .leftJoin(SyncStates, eq(SyncStates.StoreId, Stores.Id))
    .groupBy(Stores.Id)
    .having(lt(count(SyncStates.Entity), ENTITY_NAMES.length))
    .all()
    .map(({ id }) => id);

export type Progress = SQLiteUpdateSetSource<typeof SyncStates>;

/** What a detector's commit says of progress, for its fence to write; the watermark moves forward, unless it is taken back. */
export function progressOf(commit: DetectionCommit): Progress {
  const { watermark, sweepFinishedAt, deepSweepFinishedAt, census, censusFinishedAt } = commit;
  const { contentAt, coverageFrom, watermarkBack } = commit;
  return {
    ...(watermark !== undefined && {
      Watermark: sql`max(coalesce(${SyncStates.Watermark}, ${watermark}), ${watermark})`,
    }),
    ...(watermarkBack !== undefined && { Watermark: watermarkBack }),
    ...(sweepFinishedAt !== undefined && { LastSweepAt: sweepFinishedAt }),
    ...(deepSweepFinishedAt !== undefined && { LastDeepSweepAt: deepSweepFinishedAt }),
    ...(census !== undefined && { CensusPosition: census }),
    ...(censusFinishedAt !== undefined && { LastCensusAt: censusFinishedAt }),
    ...(contentAt !== undefined && { LastContentAt: contentAt }),
    ...(coverageFrom !== undefined && {
      CoverageFrom:
        coverageFrom === null
          ? null
          : sql`min(coalesce(${SyncStates.CoverageFrom}, ${coverageFrom}), ${coverageFrom})`,
    }),
  };
}

/** Nothing of the store has been compared. */
export function forgetProgress({ db }: Connection, storeId: number): void {
  db.update(SyncStates)
    .set({
      Watermark: null,
      LastSweepAt: null,
      LastDeepSweepAt: null,
      LastCensusAt: null,
      CensusPosition: null,
      LastContentAt: null,
      CoverageFrom: null,
    })
    .where(eq(SyncStates.StoreId, storeId))
    .run();
}

/** Takes all leases away with the epoch, so that whoever works on the store is fenced from now on. */
export function raiseEpoch({ db }: Connection, storeId: number): void {
  db.update(SyncStates)
    .set({
      Epoch: sql`${SyncStates.Epoch} + 1`,
      RefreshLeaseToken: null,
      RefreshLeaseUntil: null,
      SweepLeaseToken: null,
      SweepLeaseUntil: null,
      CensusLeaseToken: null,
      CensusLeaseUntil: null,
    })
    .where(eq(SyncStates.StoreId, storeId))
    .run();
}
