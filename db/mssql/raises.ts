import { LANES, type Raise } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { JSON_TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { unpack } from './packing.ts';
import { after, fieldsOf, greater, isoOf, lesser, listed, matching } from './statements.ts';

/**
 * Raising marks: design §3's loop (update; none → insert; duplicate → update) in two statements, under the lock of
 * the marks, which every transaction takes that writes any. What the first did not find, nobody inserts before
 * the second does.
 *
 * A batch that raises declares `@raises` first, whose entities it then locks, and raises after its fence:
 *
 *   BEGIN TRANSACTION; declareRaises; lockMarks(RAISED_ENTITIES …); fence; …; raise; COMMIT TRANSACTION;
 */

const KEY = fieldsOf(schema.StaleKeys, 'Entity', 'IdLength', 'Id');
/** What a raise says by itself, and what depends on the database's clock. */
const SAID = fieldsOf(
  schema.StaleKeys,
  ...['Sequence', 'Lane', 'Reason', 'Announces', 'ExpectedUpdatedAt', 'FoundByRun'],
);
const WAITS = { DueInMs: 'bigint', AnnouncesDelete: 'bit', Hints: 'bit' };
/** Empty until the batch knows what time it is. */
const TIMED = fieldsOf(schema.StaleKeys, 'DueAt', 'DeleteAnnouncedAt', 'HintedAt');

/** The parameter of every batch that raises. */
export const RAISES = { raisesJson: JSON_TEXT };

export const declareRaises = unpack('@raises', '@raisesJson', {
  key: KEY,
  others: { ...SAID, ...WAITS, ...TIMED },
});

/** For `lockMarks`. */
export const RAISED_ENTITIES = 'SELECT [Entity] FROM @raises';

const theMark = `m.[StoreId] = @storeId AND ${matching(KEY, 'm', 'r')}`;

/**
 * Carries `@raises` out, as of now: it may have waited for its locks. What was read before a census found a key proves
 * nothing of what that census saw.
 */
export const raise = `UPDATE @raises SET
  [DueAt] = ${after('@now', '[DueInMs]')},
  [DeleteAnnouncedAt] = CASE WHEN [AnnouncesDelete] = 1 THEN @now END,
  [HintedAt] = CASE WHEN [Hints] = 1 THEN @now END;
UPDATE m SET
  [Sequence] = r.[Sequence], [Reason] = r.[Reason], [Announces] = r.[Announces],
  [Lane] = ${lesser('m.[Lane]', 'r.[Lane]')},
  [DueAt] = ${lesser('m.[DueAt]', 'r.[DueAt]')},
  [ExpectedUpdatedAt] = ${greater('m.[ExpectedUpdatedAt]', 'r.[ExpectedUpdatedAt]')},
  [DeleteAnnouncedAt] = ${greater('m.[DeleteAnnouncedAt]', 'r.[DeleteAnnouncedAt]')},
  [HintedAt] = ${greater('m.[HintedAt]', 'r.[HintedAt]')},
  [FoundByRun] = COALESCE(m.[FoundByRun], r.[FoundByRun]),
  [ExcusesBefore] = CASE WHEN r.[FoundByRun] IS NULL THEN m.[ExcusesBefore] END,
  [RaisedAt] = @now, [Attempts] = 0, [HeldByRun] = NULL
FROM [StaleKeys] AS m INNER JOIN @raises AS r ON ${theMark};
INSERT INTO [StaleKeys] ([StoreId], ${listed(KEY)}, ${listed(SAID)}, ${listed(TIMED)}, [MarkedAt], [RaisedAt], [Attempts], [Repaired])
SELECT @storeId, ${listed(KEY, 'r')}, ${listed(SAID, 'r')}, ${listed(TIMED, 'r')}, @now, @now, 0, 0
FROM @raises AS r WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE ${theMark});`;

/** What was expected of the keys of `@raises`, and what earlier reads have found. */
export const forget = `UPDATE m SET [ExpectedUpdatedAt] = NULL, [FirstNullAt] = NULL, [FirstLiveAt] = NULL
FROM [StaleKeys] AS m INNER JOIN @raises AS r ON ${theMark};`;

/** `foundByRun`: the census whose certificate waits for these marks. */
export function raisesOf(
  connection: Connection,
  raises: readonly Raise[],
  foundByRun: number | null = null,
): { readonly raisesJson: string } {
  const byKey = new Map<string, JsonRaise>();
  for (const raise of raises) {
    const key = `${raise.entity} ${raise.id}`;
    const next = jsonOf(raise, connection.nonce(), foundByRun);
    const before = byKey.get(key);
    byKey.set(key, before ? both(before, next) : next);
  }
  return { raisesJson: JSON.stringify([...byKey.values()]) };
}

type JsonRaise = ReturnType<typeof jsonOf>;

const jsonOf = (raise: Raise, sequence: string, foundByRun: number | null) => ({
  Entity: raise.entity,
  IdLength: raise.id.length,
  Id: raise.id,
  Sequence: sequence,
  Lane: LANES.indexOf(raise.lane),
  Reason: raise.reason,
  Announces: raise.announces,
  ExpectedUpdatedAt: isoOf(raise.expectedUpdatedAt),
  FoundByRun: foundByRun,
  DueInMs: Math.ceil(raise.dueInMs),
  AnnouncesDelete: raise.announces === 'absence',
  Hints: raise.announces === 'presence' && raise.expectedUpdatedAt === null,
});

/** A key that is raised twice in one call: as two calls would leave it. */
const both = (first: JsonRaise, second: JsonRaise): JsonRaise => ({
  ...second,
  Lane: Math.min(first.Lane, second.Lane),
  ExpectedUpdatedAt: latest(first.ExpectedUpdatedAt, second.ExpectedUpdatedAt),
  DueInMs: Math.min(first.DueInMs, second.DueInMs),
  AnnouncesDelete: first.AnnouncesDelete || second.AnnouncesDelete,
  Hints: first.Hints || second.Hints,
});

/** Times in ISO are ordered as texts. */
const latest = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b > a) ? b : a;
