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

/** What a finished census proves. */
const certificates = (c: Kit) =>
  c.table(
    'Certificates',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      RunId: c.rowRef('RunId').notNull(),
      Depth: c.text('Depth', 20).$type<'heads' | 'content'>().notNull(),
      /** Shopify's time of the first and of the last range that was compared. */
      FromAt: c.instant('FromAt').notNull(),
      ToAt: c.instant('ToAt').notNull(),
      /** Objects by Shopify's own exact count, and as many as were compared. */
      Counted: c.integer('Counted').notNull(),
      Compared: c.integer('Compared').notNull(),
      Matched: c.integer('Matched').notNull(),
      Repaired: c.integer('Repaired').notNull(),
      Unknowable: c.integer('Unknowable').notNull(),
      /** Ranges that had to be read through the search index, as `from..through` texts. */
      ByIndex: c.json<readonly string[]>('ByIndex').notNull(),
      IssuedAt: c.instant('IssuedAt').notNull(),
    },
    (t) => [c.index('IX_Certificates_IssuedAt').on(t.StoreId, t.Entity, t.IssuedAt)],
  );

export const defineProgress = (c: Kit) => ({
  SyncStates: syncStates(c),
  SyncRuns: syncRuns(c),
  Burials: burials(c),
  Certificates: certificates(c),
});
