import { LANES, type MarkLog, type Raise, type Verdict } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, run, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { DELIVERIES, declareDeliveries, deliveriesOf, logDeliveries } from './deliveries.ts';
import { declareRaises, forget, RAISED_ENTITIES, RAISES, raise, raisesOf } from './raises.ts';
import { after, declareTable, fieldsOf, greater, isoOf, listed, lockMarks, matching } from './statements.ts';

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

export const ID = fieldsOf(schema.StaleKeys, 'IdLength', 'Id');
export const SEQUENCE = fieldsOf(schema.StaleKeys, 'Sequence');
/** A mark `m` of the key `s`, in a batch that knows `@storeId` and `@entity`. */
export const theMark = `m.[StoreId] = @storeId AND m.[Entity] = @entity AND ${matching(ID, 'm', 's')}`;

/** What a verdict says of its mark, as columns of the table variable `@verdicts` and as its JSON. */
export const SETTLING = {
  key: ID,
  others: {
    ...SEQUENCE,
    ...fieldsOf(schema.StaleKeys, 'FirstNullAt', 'FirstLiveAt', 'Attempts', 'ExcusesBefore'),
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
    ExcusesBefore: isoOf(kept?.excusesBefore ?? null),
    Clears: kept === null,
    DueInMs: Math.ceil(kept?.dueInMs ?? 0),
    Proven: proven,
  };
};

/**
 * Clears or keeps the marks of `@entity` as `@verdicts` say; one that was raised meanwhile stays as it is. `@changes`
 * must hold the ids (`[Id]`) whose rows the verdicts change. Leaves in `@settled` the keys whose marks were
 * still the ones that were taken; `[RepairedOf]` is the census that found the key, if the mark is gone and a read of
 * the key changed its row, `[UnprovenOf]` the same if the mark is gone without proof.
 *
 * A kept mark has had its turn: the webhook lane belongs to what has not been read at all.
 */
export const settle = `${declareTable('@settled', ID, { Clears: 'bit', Proven: 'bit', Changed: 'bit', RepairedOf: 'bigint', UnprovenOf: 'bigint' })}
INSERT INTO @settled (${listed(ID)}, [Clears], [Proven], [Changed], [RepairedOf], [UnprovenOf])
SELECT ${listed(ID, 's')}, s.[Clears], s.[Proven], CASE WHEN c.[Id] IS NULL THEN 0 ELSE 1 END,
  CASE WHEN s.[Clears] = 1 AND (c.[Id] IS NOT NULL OR m.[Repaired] = 1) THEN m.[FoundByRun] END,
  CASE WHEN s.[Clears] = 1 AND s.[Proven] = 0 THEN m.[FoundByRun] END
FROM @verdicts AS s INNER JOIN [StaleKeys] AS m ON ${theMark} AND m.[Sequence] = s.[Sequence]
LEFT JOIN @changes AS c ON c.[Id] = s.[Id];
DELETE m FROM [StaleKeys] AS m INNER JOIN @settled AS s ON ${theMark} WHERE s.[Clears] = 1;
UPDATE m SET
  [DueAt] = ${after('@now', 's.[DueInMs]')},
  [FirstNullAt] = s.[FirstNullAt], [FirstLiveAt] = s.[FirstLiveAt], [Attempts] = s.[Attempts],
  [Lane] = ${greater('m.[Lane]', `${LANES.indexOf('sweep')}`)},
  [Repaired] = CASE WHEN k.[Changed] = 1 THEN 1 ELSE m.[Repaired] END,
  [ExcusesBefore] = COALESCE(s.[ExcusesBefore], m.[ExcusesBefore])
FROM [StaleKeys] AS m INNER JOIN @verdicts AS s ON ${theMark}
INNER JOIN @settled AS k ON ${matching(ID, 'k', 's')}
WHERE k.[Clears] = 0;`;

/** Ids whose deliveries and gaps the reads have answered: for `answerDeliveries` and `healGaps`. */
export const PROVEN = '(SELECT [Id] FROM @settled WHERE [Proven] = 1)';
