import { ENTITY_NAMES, type EntityName, isEntityName } from '../../src/entities/registry.ts';
import type { Lease, LeaseKind } from '../../src/lease.ts';
import { LANES, type TakenMark } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, batchesBy, rowsOf, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { fence, LEASE } from './leases.ts';
import { instant, instantOrNull, number, numberOrNull, type Row, text } from './recordset.ts';
import { stateColumns, stateOrNull } from './rows.ts';
import { declareTable, fieldsOf, listed, matching, mirrored } from './statements.ts';

/**
 * Which marks are due, and which come next. Lanes are strict, so a busy store would never backfill: a tenth
 * of each batch goes to whatever has been due longest. Every search is a seek into an index that ends with
 * the due time.
 */

const ID = fieldsOf(schema.StaleKeys, 'IdLength', 'Id');
const EVIDENCE = fieldsOf(
  schema.StaleKeys,
  ...['Sequence', 'Lane', 'Announces', 'RaisedAt', 'DueAt', 'Attempts', 'ExpectedUpdatedAt', 'FirstNullAt'],
  ...['FirstLiveAt', 'DeleteAnnouncedAt', 'HintedAt', 'FoundByRun'],
);
/** A mark as one look found it: it may be raised between two. */
const MARK = { ...ID, ...EVIDENCE };

const taking = (room: string, which: string): string =>
  `INSERT INTO @taken (${listed(MARK)})
  SELECT TOP (${room}) ${listed(MARK, 'm')}
  FROM [StaleKeys] AS m
  WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND ${which} AND m.[DueAt] <= @now
  ORDER BY m.[DueAt], m.[IdLength], m.[Id];`;

/**
 * No lock of the marks: a mark that is raised after this look keeps its new sequence, whatever becomes of the old. The
 * fence also keeps the rows as they are while they are looked up: only the holder of the lease writes them.
 */
export const takeMarksBatch = batchesBy((entity: EntityName, kind: LeaseKind) =>
  transaction(
    `takeMarks ${entity}`,
    { ...LEASE, limit: BIGINT, ofLanes: BIGINT },
    fence(kind),
    declareTable('@taken', ID, EVIDENCE),
    `DECLARE @lane int = 0, @room bigint = @ofLanes;
WHILE @lane < ${LANES.length} AND @room > 0
BEGIN
  ${taking('@room', 'm.[Lane] = @lane')}
  SET @room = @room - @@ROWCOUNT;
  SET @lane = @lane + 1;
END;
SELECT @room = @limit - COUNT(*) FROM @taken;
IF @room > 0
  ${taking('@room', `NOT EXISTS (SELECT 1 FROM @taken AS k WHERE ${matching(ID, 'k', 'm')})`)}
SELECT k.[Id], ${listed(EVIDENCE, 'k')}, @now AS [Now], ${stateColumns}
FROM @taken AS k LEFT JOIN ${mirrored(entity).table} AS t ON t.[StoreId] = @storeId AND t.${mirrored(entity).key} = k.[Id]
ORDER BY k.[Lane], k.[DueAt], k.[IdLength], k.[Id];`,
  ),
);

export async function takeMarks(
  connection: Connection,
  lease: Lease,
  limit: number,
): Promise<readonly TakenMark[]> {
  const batch = takeMarksBatch(lease.entity, lease.kind);
  const rows = await rowsOf(connection, batch, { ...lease, limit, ofLanes: limit - oldestShare(limit) });
  return rows.map(takenMark);
}

const oldestShare = (limit: number): number => (limit > 1 ? Math.max(1, Math.floor(limit / 10)) : 0);

function takenMark(row: Row): TakenMark {
  const now = instant(row, 'Now');
  // A mark may have been raised while this batch waited for its fence.
  const ago = (at: number | null): number | null => (at === null ? null : Math.max(0, now - at));
  return {
    id: text(row, 'Id'),
    sequence: text(row, 'Sequence'),
    lane: LANES[number(row, 'Lane')]!,
    announces: text<TakenMark['announces']>(row, 'Announces'),
    raisedAgoMs: Math.max(0, now - instant(row, 'RaisedAt')),
    deleteAnnouncedAgoMs: ago(instantOrNull(row, 'DeleteAnnouncedAt')),
    hintedAgoMs: ago(instantOrNull(row, 'HintedAt')),
    expectedUpdatedAt: instantOrNull(row, 'ExpectedUpdatedAt'),
    firstNullAt: instantOrNull(row, 'FirstNullAt'),
    firstLiveAt: instantOrNull(row, 'FirstLiveAt'),
    attempts: number(row, 'Attempts'),
    foundByRun: numberOrNull(row, 'FoundByRun'),
    row: stateOrNull(row),
  };
}

export const NEXT_DUE = batch(
  'nextDueInMs',
  { storeId: BIGINT, entity: TEXT },
  `SELECT TOP (1) [DueAt], @now AS [Now] FROM [StaleKeys]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [DueAt] IS NOT NULL
ORDER BY [DueAt];`,
);

export async function nextDueInMs(
  connection: Connection,
  storeId: number,
  entity: EntityName,
): Promise<number | null> {
  const [first] = await rowsOf(connection, NEXT_DUE, { storeId, entity });
  return first ? Math.max(0, instant(first, 'DueAt') - instant(first, 'Now')) : null;
}

/** One seek per key space: a count of all marks would grow with the backlog that it is to announce. */
export const DUE_DOORBELLS = batch(
  'dueDoorbells',
  {},
  `SELECT s.[StoreId], s.[Entity] FROM [SyncStates] AS s
INNER JOIN [Stores] AS t ON t.[Id] = s.[StoreId] AND t.[IsActive] = 1
CROSS APPLY (
  SELECT TOP (1) m.[DueAt] FROM [StaleKeys] AS m
  WHERE m.[StoreId] = s.[StoreId] AND m.[Entity] = s.[Entity] AND m.[DueAt] <= @now
  ORDER BY m.[DueAt]
) AS d;`,
);

export async function dueDoorbells(
  connection: Connection,
): Promise<readonly { readonly storeId: number; readonly entity: EntityName }[]> {
  const rows = await rowsOf(connection, DUE_DOORBELLS, {});
  return rows
    .map((row) => ({ storeId: number(row, 'StoreId'), entity: text(row, 'Entity') }))
    .flatMap(({ storeId, entity }) => (isEntityName(entity) ? [{ storeId, entity }] : []))
    .toSorted(
      (a, b) => a.storeId - b.storeId || ENTITY_NAMES.indexOf(a.entity) - ENTITY_NAMES.indexOf(b.entity),
    );
}
