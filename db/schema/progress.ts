import type { EntityName } from '../../src/entities/registry.ts';
import type { CensusPosition, RunKind, RunState } from '../../src/run.ts';
import type { Kit } from './kit.ts';

/** Where the detectors stand and what runs have done. */

const ENTITY = 50;

/** Where each key space stands, and who may work on it: a lease of each kind, with its fencing token. */
const syncStates = (c: Kit) =>
  c.table(
    'SyncStates',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      Watermark: c.instant('Watermark'),
      LastSweepAt: c.instant('LastSweepAt'),
      LastDeepSweepAt: c.instant('LastDeepSweepAt'),
      LastCensusAt: c.instant('LastCensusAt'),
      CensusPosition: c.json<CensusPosition>('CensusPosition'),
      /** The census (Shopify's time) with which a share of all rows was read again whatever their heads say. */
      LastContentAt: c.instant('LastContentAt'),
      /** Objects created before this were never shown to the app; null where nothing is cut off. */
      CoverageFrom: c.instant('CoverageFrom'),
      /** Raised whenever the store is activated or deactivated; tokens of earlier epochs are gone with it. */
      Epoch: c.integer('Epoch').notNull(),
      RefreshLeaseToken: c.text('RefreshLeaseToken', 50),
      RefreshLeaseUntil: c.instant('RefreshLeaseUntil'),
      SweepLeaseToken: c.text('SweepLeaseToken', 50),
      SweepLeaseUntil: c.instant('SweepLeaseUntil'),
      CensusLeaseToken: c.text('CensusLeaseToken', 50),
      CensusLeaseUntil: c.instant('CensusLeaseUntil'),
    },
    (t) => [c.primaryKey({ name: 'PK_SyncStates', columns: [t.StoreId, t.Entity] })],
  );

/** One row per sweep, census and backfill; refreshes are added up in one row per key space and hour. */
const syncRuns = (c: Kit) =>
  c.table(
    'SyncRuns',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      Kind: c.text('Kind', 20).$type<RunKind>().notNull(),
      State: c.text('State', 20).$type<RunState>().notNull(),
      StartedAt: c.instant('StartedAt').notNull(),
      /** When it last committed anything: how a run that died is told from one that works. */
      MovedAt: c.instant('MovedAt').notNull(),
      FinishedAt: c.instant('FinishedAt'),
      Seen: c.integer('Seen').notNull(),
      Unchanged: c.integer('Unchanged').notNull(),
      Written: c.integer('Written').notNull(),
      Deleted: c.integer('Deleted').notNull(),
      Failed: c.integer('Failed').notNull(),
      Deferred: c.integer('Deferred').notNull(),
      Unknowable: c.integer('Unknowable').notNull(),
      Points: c.integer('Points').notNull(),
      /** Rows that were changed by reading what a census had found. */
      Repaired: c.integer('Repaired').notNull(),
      Message: c.longText('Message'),
    },
    (t) => [
      c.index('IX_SyncRuns_StartedAt').on(t.StoreId, t.Entity, t.Kind, t.StartedAt),
      c.index('IX_SyncRuns_State').on(t.State, t.MovedAt),
    ],
  );

/** Rows that refreshes buried without a delete delivery: what R10's brake counts within an hour. */
const burials = (c: Kit) =>
  c.table(
    'Burials',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      BuriedAt: c.instant('BuriedAt').notNull(),
      Times: c.integer('Times').notNull(),
    },
    (t) => [c.primaryKey({ name: 'PK_Burials', columns: [t.StoreId, t.Entity, t.BuriedAt] })],
  );

export const defineProgress = (c: Kit) => ({
  SyncStates: syncStates(c),
  SyncRuns: syncRuns(c),
  Burials: burials(c),
});
