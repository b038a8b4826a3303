import { LANES, type MarkLog, type Raise, type Verdict } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, BIT, batch, JSON_TEXT, rowsOf, run, setNow, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { DELIVERIES, declareDeliveries, deliveriesOf, logDeliveries } from './deliveries.ts';
import { unpack } from './packing.ts';
import { declareRaises, forget, RAISED_ENTITIES, RAISES, raise, raisesOf } from './raises.ts';
import { number } from './recordset.ts';
import {
  after,
  declareTable,
  fieldsOf,
  greater,
  isoOf,
  listed,
  lockMarks,
  lockMarksOf,
  matching,
} from './statements.ts';

/**
 * Marks: raised by anyone at any time (raises.ts), held by a census, cleared and kept only as the read found them
 * (R6). Every transaction that writes one begins with `lockMarks`.
 */

export const MARK = transaction(
  'mark',
  { storeId: BIGINT, ...RAISES, ...DELIVERIES },
  declareRaises,
  declareDeliveries,
  lockMarks(`${RAISED_ENTITIES} UNION SELECT [Entity] FROM @deliveries`),
  // A signal may have waited for hours, and its store have been erased meanwhile.
  `IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId)
BEGIN
  DELETE FROM @raises;
  DELETE FROM @deliveries;
END;`,
  raise,
  logDeliveries,
);

export async function mark(
  connection: Connection,
  storeId: number,
  raises: readonly Raise[],
  logged?: MarkLog,
): Promise<void> {
  const deliveries = deliveriesOf(logged?.deliveries ?? []);
  await run(connection, MARK, { storeId, ...raisesOf(connection, raises), ...deliveries });
}

export const MARK_ANEW = transaction(
  'markAnew',
  { storeId: BIGINT, ...RAISES },
  declareRaises,
  lockMarks(RAISED_ENTITIES),
  'IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId) DELETE FROM @raises;',
  raise,
  forget,
);

export async function markAnew(
  connection: Connection,
  storeId: number,
  raises: readonly Raise[],
): Promise<void> {
  await run(connection, MARK_ANEW, { storeId, ...raisesOf(connection, raises) });
}

const ID = fieldsOf(schema.StaleKeys, 'IdLength', 'Id');
const SEQUENCE = fieldsOf(schema.StaleKeys, 'Sequence');
const theMark = `m.[StoreId] = @storeId AND m.[Entity] = @entity AND ${matching(ID, 'm', 's')}`;

/** The parameter of a batch that holds marks. */
export const HOLD = { holdJson: JSON_TEXT };

/**
 * Marks `@entity`'s ids, but holds them until the end of the census `@runId`. A mark that an earlier census left
 * held belongs to this one now. One that is not held keeps its own way, but a read that is under way is older
 * than what the census saw: it must not clear the mark (R6).
 */
export const hold = `${unpack('@hold', '@holdJson', { key: ID, others: SEQUENCE })}
UPDATE m SET
  [Sequence] = s.[Sequence],
  [HeldByRun] = CASE WHEN m.[HeldByRun] IS NULL THEN NULL ELSE @runId END,
  [FoundByRun] = COALESCE(m.[FoundByRun], @runId)
FROM [StaleKeys] AS m INNER JOIN @hold AS s ON ${theMark};
INSERT INTO [StaleKeys] ([StoreId], [Entity], ${listed(ID)}, [Sequence], [Lane], [Reason], [Announces], [MarkedAt], [RaisedAt], [Attempts], [HeldByRun], [FoundByRun], [Repaired])
SELECT @storeId, @entity, ${listed(ID, 's')}, s.[Sequence], ${LANES.indexOf('census')}, N'census:vanished', N'presence', @now, @now, 0, @runId, @runId, 0
FROM @hold AS s WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE ${theMark});`;

export const holdOf = (connection: Connection, ids: readonly string[]): { readonly holdJson: string } => ({
  holdJson: JSON.stringify(
    [...new Set(ids)].map((id) => ({ IdLength: id.length, Id: id, Sequence: connection.nonce() })),
  ),
});

/** What a verdict says of its mark, as columns of the table variable `@verdicts` and as its JSON. */
export const SETTLING = {
  key: ID,
  others: {
    ...SEQUENCE,
    ...fieldsOf(schema.StaleKeys, 'FirstNullAt', 'FirstLiveAt', 'Attempts'),
    Clears: 'bit',
    DueInMs: 'bigint',
    Proven: 'bit',
  },
};

export const settlingOf = ({ id, sequence, mark, proven }: Verdict) => {
  const kept = mark.do === 'keep' ? mark : null;
  return {
    IdLength: id.length,
    Id: id,
    Sequence: sequence,
    FirstNullAt: isoOf(kept?.firstNullAt ?? null),
    FirstLiveAt: isoOf(kept?.firstLiveAt ?? null),
    Attempts: kept?.attempts ?? 0,
    Clears: kept === null,
    DueInMs: Math.ceil(kept?.dueInMs ?? 0),
    Proven: proven,
  };
};

/**
 * Clears or keeps the marks of `@entity` as `@verdicts` say; one that was raised meanwhile stays as it is. `@changes`
 * must hold the ids (`[Id]`) whose rows the verdicts change. Leaves in `@settled` the keys whose marks were
 * still the ones that were taken; `[RepairedOf]` is the census that found the key, if the mark is gone and a read of
 * the key changed its row.
 *
 * A kept mark has had its turn: the webhook lane belongs to what has not been read at all.
 */
export const settle = `${declareTable('@settled', ID, { Clears: 'bit', Proven: 'bit', Changed: 'bit', RepairedOf: 'bigint' })}
INSERT INTO @settled (${listed(ID)}, [Clears], [Proven], [Changed], [RepairedOf])
SELECT ${listed(ID, 's')}, s.[Clears], s.[Proven], CASE WHEN c.[Id] IS NULL THEN 0 ELSE 1 END,
  CASE WHEN s.[Clears] = 1 AND (c.[Id] IS NOT NULL OR m.[Repaired] = 1) THEN m.[FoundByRun] END
FROM @verdicts AS s INNER JOIN [StaleKeys] AS m ON ${theMark} AND m.[Sequence] = s.[Sequence]
LEFT JOIN @changes AS c ON c.[Id] = s.[Id];
DELETE m FROM [StaleKeys] AS m INNER JOIN @settled AS s ON ${theMark} WHERE s.[Clears] = 1;
UPDATE m SET
  [DueAt] = ${after('@now', 's.[DueInMs]')},
  [FirstNullAt] = s.[FirstNullAt], [FirstLiveAt] = s.[FirstLiveAt], [Attempts] = s.[Attempts],
  [Lane] = ${greater('m.[Lane]', `${LANES.indexOf('sweep')}`)},
  [Repaired] = CASE WHEN k.[Changed] = 1 THEN 1 ELSE m.[Repaired] END
FROM [StaleKeys] AS m INNER JOIN @verdicts AS s ON ${theMark}
INNER JOIN @settled AS k ON ${matching(ID, 'k', 's')}
WHERE k.[Clears] = 0;`;

/** Ids whose deliveries and gaps the reads have answered: for `answerDeliveries` and `healGaps`. */
export const PROVEN = '(SELECT [Id] FROM @settled WHERE [Proven] = 1)';

const STEP_MAX = 1_000;

/**
 * In steps, each a transaction of its own: a census may hold a whole store (that is what the brake is for), and nobody
 * shall wait for its marks longer than one step takes. A census that dies in between finds the rest still held.
 */
export const RELEASE_HELD = batch(
  'releaseHeld',
  { runId: BIGINT, discard: BIT },
  `DECLARE @storeId bigint, @entity nvarchar(50), @released int = 0, @step int = 1;
DECLARE @resource nvarchar(255), @granted int;
SELECT @storeId = [StoreId], @entity = [Entity] FROM [SyncRuns] WHERE [Id] = @runId;
WHILE @entity IS NOT NULL AND @step > 0
BEGIN
  BEGIN TRANSACTION;
  ${lockMarksOf('@entity')}
  ${setNow}
  IF @discard = 1
  BEGIN
    DELETE TOP (${STEP_MAX}) FROM [StaleKeys] WHERE [HeldByRun] = @runId;
    SET @step = @@ROWCOUNT;
  END
  ELSE
  BEGIN
    UPDATE TOP (${STEP_MAX}) [StaleKeys] SET [DueAt] = @now, [HeldByRun] = NULL WHERE [HeldByRun] = @runId;
    SET @step = @@ROWCOUNT;
  END;
  COMMIT TRANSACTION;
  SET @released = @released + @step;
END;
SELECT @released AS [Released];`,
);

export async function releaseHeld(
  connection: Connection,
  runId: number,
  options: { readonly discard?: boolean } = {},
): Promise<number> {
  const [row] = await rowsOf(connection, RELEASE_HELD, { runId, discard: options.discard === true });
  return row ? number(row, 'Released') : 0;
}
