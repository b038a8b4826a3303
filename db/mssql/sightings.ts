import { LANES } from '../../src/mark.ts';
import type { Touch } from '../../src/run.ts';
import { BIGINT, batch, JSON_TEXT, rowsOf, setNow } from './batch.ts';
import type { Connection } from './connection.ts';
import { ID, SEQUENCE, theMark } from './marks.ts';
import { unpack } from './packing.ts';
import { number } from './recordset.ts';
import { listed, lockMarksOf } from './statements.ts';

/** Marks that a census sets, or touches, because of what it saw of their keys; and the end of those that it held. */

/** The parameter of a batch that marks what a census compared. */
export const SIGHTED = { sightedJson: JSON_TEXT };

const SEEN = { ...SEQUENCE, Holds: 'bit', Unlisted: 'bit' };

/**
 * The marks of `@entity`'s keys that the census `@runId` compares: held (without a due time) or not. One that stands gets a
 * fresh sequence, so that no read that is under way, hence older than what the census saw, ends it (R6, R15); it keeps
 * its due time and its own way. If an earlier census left it held, and this one would hold it too, it belongs to this
 * one now.
 */
export const sight = `${unpack('@sighted', '@sightedJson', { key: ID, others: SEEN })}
UPDATE m SET
  [Sequence] = s.[Sequence],
  [HeldByRun] = CASE WHEN m.[HeldByRun] IS NOT NULL AND s.[Holds] = 1 THEN @runId ELSE m.[HeldByRun] END,
  [FoundByRun] = COALESCE(m.[FoundByRun], @runId),
  [HintedAt] = CASE WHEN s.[Unlisted] = 1 THEN @now ELSE m.[HintedAt] END,
  [ExcusesBefore] = NULL
FROM [StaleKeys] AS m INNER JOIN @sighted AS s ON ${theMark};
INSERT INTO [StaleKeys] ([StoreId], [Entity], ${listed(ID)}, [Sequence], [Lane], [Reason], [Announces], [MarkedAt], [RaisedAt], [DueAt], [HintedAt], [Attempts], [HeldByRun], [FoundByRun], [Repaired])
SELECT @storeId, @entity, ${listed(ID, 's')}, s.[Sequence], ${LANES.indexOf('census')},
  CASE WHEN s.[Holds] = 1 THEN N'census:vanished' ELSE N'census:marked' END, N'presence', @now, @now,
  CASE WHEN s.[Holds] = 1 THEN NULL ELSE @now END, CASE WHEN s.[Unlisted] = 1 THEN @now END, 0,
  CASE WHEN s.[Holds] = 1 THEN @runId END, @runId, 0
FROM @sighted AS s WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE ${theMark});`;

/** What is held was not listed. */
export function sightedOf(
  connection: Connection,
  hold: readonly string[],
  touches: readonly Touch[],
): { readonly sightedJson: string } {
  const seen = (id: string, Holds: boolean, Unlisted: boolean) =>
    [id, { IdLength: id.length, Id: id, Sequence: connection.nonce(), Holds, Unlisted }] as const;
  const byId = new Map([
    ...touches.map(({ id, unlisted }) => seen(id, false, unlisted)),
    ...hold.map((id) => seen(id, true, true)),
  ]);
  return { sightedJson: JSON.stringify([...byId.values()]) };
}

const STEP_MAX = 1_000;

/**
 * In steps, each a transaction of its own: a census may hold a whole store (that is what the brake is for), and nobody
 * shall wait for its marks longer than one step takes. A census that dies in between finds the rest still held.
 */
export const RELEASE_HELD = batch(
  'releaseHeld',
  { runId: BIGINT },
  `DECLARE @storeId bigint, @entity nvarchar(50), @released int = 0, @step int = 1;
DECLARE @resource nvarchar(255), @granted int;
SELECT @storeId = [StoreId], @entity = [Entity] FROM [SyncRuns] WHERE [Id] = @runId;
WHILE @entity IS NOT NULL AND @step > 0
BEGIN
  BEGIN TRANSACTION;
  ${lockMarksOf('@entity')}
  ${setNow}
  UPDATE TOP (${STEP_MAX}) [StaleKeys] SET [DueAt] = @now, [HeldByRun] = NULL WHERE [HeldByRun] = @runId;
  SET @step = @@ROWCOUNT;
  COMMIT TRANSACTION;
  SET @released = @released + @step;
END;
SELECT @released AS [Released];`,
);

export async function releaseHeld(connection: Connection, runId: number): Promise<number> {
  const [row] = await rowsOf(connection, RELEASE_HELD, { runId });
  return row ? number(row, 'Released') : 0;
}
