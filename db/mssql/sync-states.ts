import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import type { CensusPosition, DetectionCommit, Standing, SyncState } from '../../src/run.ts';
import { BIGINT, BIT, batch, INSTANT, JSON_TEXT, rowsOf, run, TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { instantOrNull, number, text, textOrNull } from './recordset.ts';
import { greater, lesser } from './statements.ts';

/** Where each key space stands: how far it has been compared, and the epoch that fences whoever worked before. */

const UNTOUCHED: SyncState = {
  watermark: null,
  lastSweepAt: null,
  lastDeepSweepAt: null,
  lastCensusAt: null,
  census: null,
  lastContentAt: null,
  coverageFrom: null,
};

export const SYNC_STATE = batch(
  'syncState',
  { storeId: BIGINT, entity: TEXT },
  `SELECT [Watermark], [LastSweepAt], [LastDeepSweepAt], [LastCensusAt], [CensusPosition], [LastContentAt], [CoverageFrom]
FROM [SyncStates] WHERE [StoreId] = @storeId AND [Entity] = @entity;`,
);

export async function syncState(
  connection: Connection,
  storeId: number,
  entity: EntityName,
): Promise<SyncState> {
  const [row] = await rowsOf(connection, SYNC_STATE, { storeId, entity });
  if (!row) return UNTOUCHED;
  const census = textOrNull(row, 'CensusPosition');
  return {
    watermark: instantOrNull(row, 'Watermark'),
    lastSweepAt: instantOrNull(row, 'LastSweepAt'),
    lastDeepSweepAt: instantOrNull(row, 'LastDeepSweepAt'),
    lastCensusAt: instantOrNull(row, 'LastCensusAt'),
    census: census === null ? null : (JSON.parse(census) as CensusPosition),
    lastContentAt: instantOrNull(row, 'LastContentAt'),
    coverageFrom: instantOrNull(row, 'CoverageFrom'),
  };
}

export const STANDINGS = batch(
  'standings',
  {},
  `SELECT s.[StoreId], s.[Entity], s.[LastSweepAt], s.[LastCensusAt], COALESCE(m.[Waiting], 0) AS [Waiting]
FROM [SyncStates] AS s INNER JOIN [Stores] AS t ON t.[Id] = s.[StoreId] AND t.[IsActive] = 1
LEFT JOIN (SELECT [StoreId], [Entity], COUNT(*) AS [Waiting] FROM [StaleKeys] WHERE [HeldByRun] IS NULL GROUP BY [StoreId], [Entity]) AS m
  ON m.[StoreId] = s.[StoreId] AND m.[Entity] = s.[Entity];`,
);

/** Counts what waits, which costs a walk over an index: for once a minute. */
export async function standings(connection: Connection): Promise<readonly Standing[]> {
  const rows = await rowsOf(connection, STANDINGS, {});
  return rows.map((row) => ({
    storeId: number(row, 'StoreId'),
    entity: text<EntityName>(row, 'Entity'),
    waiting: number(row, 'Waiting'),
    lastSweepAt: instantOrNull(row, 'LastSweepAt'),
    lastCensusAt: instantOrNull(row, 'LastCensusAt'),
  }));
}

/** What a detector's commit says of progress, as parameters: what it does not mention is null, or not said to move. */
export const PROGRESS = {
  watermark: INSTANT,
  takesBack: BIT,
  watermarkBack: INSTANT,
  sweepFinishedAt: INSTANT,
  deepSweepFinishedAt: INSTANT,
  censusFinishedAt: INSTANT,
  contentAt: INSTANT,
  movesCensus: BIT,
  census: JSON_TEXT,
  knowsCoverage: BIT,
  coverageFrom: INSTANT,
};

export const progressOf = (commit: DetectionCommit) => ({
  watermark: commit.watermark ?? null,
  takesBack: commit.watermarkBack !== undefined,
  watermarkBack: commit.watermarkBack ?? null,
  sweepFinishedAt: commit.sweepFinishedAt ?? null,
  deepSweepFinishedAt: commit.deepSweepFinishedAt ?? null,
  censusFinishedAt: commit.censusFinishedAt ?? null,
  contentAt: commit.contentAt ?? null,
  movesCensus: commit.census !== undefined,
  census: commit.census ? JSON.stringify(commit.census) : null,
  knowsCoverage: commit.coverageFrom !== undefined,
  coverageFrom: commit.coverageFrom ?? null,
});

/** The watermark moves forward, unless it is taken back. */
export const advance = `UPDATE [SyncStates] SET
  [Watermark] = CASE WHEN @takesBack = 1 THEN @watermarkBack ELSE ${greater('[Watermark]', '@watermark')} END,
  [LastSweepAt] = COALESCE(@sweepFinishedAt, [LastSweepAt]),
  [LastDeepSweepAt] = COALESCE(@deepSweepFinishedAt, [LastDeepSweepAt]),
  [LastCensusAt] = COALESCE(@censusFinishedAt, [LastCensusAt]),
  [LastContentAt] = COALESCE(@contentAt, [LastContentAt]),
  [CensusPosition] = CASE WHEN @movesCensus = 1 THEN @census ELSE [CensusPosition] END,
  [CoverageFrom] = CASE WHEN @knowsCoverage = 0 THEN [CoverageFrom] WHEN @coverageFrom IS NULL THEN NULL
    ELSE ${lesser('[CoverageFrom]', '@coverageFrom')} END
WHERE [StoreId] = @storeId AND [Entity] = @entity;`;

const ENTITIES = `(VALUES ${ENTITY_NAMES.map((name) => `(N'${name}')`).join(', ')}) AS e ([Entity])`;

/** Gives the store `@storeId` a place for every entity that it has none for yet. */
export const addSyncStates = `INSERT INTO [SyncStates] ([StoreId], [Entity], [Epoch])
SELECT @storeId, e.[Entity], 0 FROM ${ENTITIES}
WHERE NOT EXISTS (SELECT 1 FROM [SyncStates] AS s WHERE s.[StoreId] = @storeId AND s.[Entity] = e.[Entity]);`;

export const ADD_MISSING_SYNC_STATES = batch(
  'addMissingSyncStates',
  {},
  `INSERT INTO [SyncStates] ([StoreId], [Entity], [Epoch])
SELECT t.[Id], e.[Entity], 0 FROM [Stores] AS t CROSS JOIN ${ENTITIES}
WHERE NOT EXISTS (SELECT 1 FROM [SyncStates] AS s WHERE s.[StoreId] = t.[Id] AND s.[Entity] = e.[Entity]);`,
);

/**
 * For stores that were activated before an entity was added. Two processes that start at once insert the same rows:
 * the second meets a duplicate key, tries again and finds nothing to do.
 */
export async function addMissingSyncStates(connection: Connection): Promise<void> {
  await run(connection, ADD_MISSING_SYNC_STATES, {});
}

/** Nothing of the store `@storeId` has been compared. */
export const forgetProgress = `UPDATE [SyncStates] SET [Watermark] = NULL, [LastSweepAt] = NULL, [LastDeepSweepAt] = NULL,
  [LastCensusAt] = NULL, [CensusPosition] = NULL, [LastContentAt] = NULL, [CoverageFrom] = NULL
WHERE [StoreId] = @storeId;`;

/** Takes all leases of the store `@storeId` away with the epoch: whoever works on it is fenced from now on. */
export const raiseEpoch = `UPDATE [SyncStates] SET [Epoch] = [Epoch] + 1, [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL,
  [SweepLeaseToken] = NULL, [SweepLeaseUntil] = NULL, [CensusLeaseToken] = NULL, [CensusLeaseUntil] = NULL
WHERE [StoreId] = @storeId;`;
