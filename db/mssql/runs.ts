import type { EntityName } from '../../src/entities/registry.ts';
import type { Run, RunEnd, RunKind, RunState, Tally } from '../../src/run.ts';
import { BIGINT, batch, INSTANT, JSON_TEXT, rowsOf, run, TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { instant, number, type Row, text, textOrNull } from './recordset.ts';
import { before } from './statements.ts';

/** Runs, and what they have counted. Their numbers only ever grow, commit by commit, with what they count. */

/** What a commit adds, as parameters. */
export const TALLY = {
  seen: BIGINT,
  unchanged: BIGINT,
  written: BIGINT,
  deleted: BIGINT,
  failed: BIGINT,
  deferred: BIGINT,
  unknowable: BIGINT,
  points: BIGINT,
};
export const tallyOf = (tally: Tally, points: number) => ({ ...tally, points });

/** Column → parameter. */
const COUNTED = Object.keys(TALLY).map((name) => ({
  column: `[${name[0]!.toUpperCase()}${name.slice(1)}]`,
  parameter: `@${name}`,
}));
const ADDED = COUNTED.map(({ column, parameter }) => `${column} = ${column} + ${parameter}`).join(', ');
const COLUMNS = COUNTED.map(({ column }) => column).join(', ');

export const START_RUN = batch(
  'startRun',
  { storeId: BIGINT, entity: TEXT, kind: TEXT },
  `DECLARE @started TABLE ([Id] bigint NOT NULL);
INSERT INTO [SyncRuns] ([StoreId], [Entity], [Kind], [State], [StartedAt], [MovedAt], ${COLUMNS}, [Repaired])
OUTPUT inserted.[Id] INTO @started ([Id])
VALUES (@storeId, @entity, @kind, N'running', @now, @now, ${COUNTED.map(() => '0').join(', ')}, 0);
SELECT [Id] FROM @started;`,
);

export async function startRun(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  kind: RunKind,
): Promise<number> {
  const [row = {}] = await rowsOf(connection, START_RUN, { storeId, entity, kind });
  return number(row, 'Id');
}

const SELECTED = `SELECT r.[Id], r.[StoreId], r.[Entity], r.[Kind], r.[State], r.[StartedAt], r.[Message],
  ${COUNTED.map(({ column }) => `r.${column}`).join(', ')},
  (SELECT COUNT(*) FROM [StaleKeys] AS m WHERE m.[HeldByRun] = r.[Id]) AS [Held]
FROM [SyncRuns] AS r`;

export const RUN = batch('run', { runId: BIGINT }, `${SELECTED} WHERE r.[Id] = @runId;`);

export const STALLED_RUNS = batch(
  'stalledRuns',
  { olderThanMs: BIGINT },
  `${SELECTED}
INNER JOIN [Stores] AS s ON s.[Id] = r.[StoreId] AND s.[IsActive] = 1
WHERE r.[State] = N'running' AND r.[MovedAt] <= ${before('@now', '@olderThanMs')}
ORDER BY r.[Id];`,
);

export async function runOf(connection: Connection, runId: number): Promise<Run | null> {
  const [row] = await rowsOf(connection, RUN, { runId });
  return row ? described(row) : null;
}

export async function stalledRuns(connection: Connection, olderThanMs: number): Promise<readonly Run[]> {
  return (await rowsOf(connection, STALLED_RUNS, { olderThanMs: Math.ceil(olderThanMs) })).map(described);
}

const described = (row: Row): Run => ({
  id: number(row, 'Id'),
  storeId: number(row, 'StoreId'),
  entity: text<EntityName>(row, 'Entity'),
  kind: text<RunKind>(row, 'Kind'),
  state: text<RunState>(row, 'State'),
  startedAt: instant(row, 'StartedAt'),
  tally: {
    seen: number(row, 'Seen'),
    unchanged: number(row, 'Unchanged'),
    written: number(row, 'Written'),
    deleted: number(row, 'Deleted'),
    failed: number(row, 'Failed'),
    deferred: number(row, 'Deferred'),
    unknowable: number(row, 'Unknowable'),
  },
  points: number(row, 'Points'),
  message: textOrNull(row, 'Message'),
  held: number(row, 'Held'),
});

export const FINISH_RUN = batch(
  'finishRun',
  { runId: BIGINT, state: TEXT, message: JSON_TEXT },
  `UPDATE [SyncRuns] SET [State] = @state, [Message] = @message, [FinishedAt] = @now, [MovedAt] = @now
WHERE [Id] = @runId;`,
);

export async function finishRun(connection: Connection, runId: number, end: RunEnd): Promise<void> {
  await run(connection, FINISH_RUN, { runId, ...end });
}

/** Adds the tally to the run `@runId`. */
export const addToRun = `UPDATE [SyncRuns] SET ${ADDED}, [MovedAt] = @now WHERE [Id] = @runId;`;

/** Rows that were changed by reading what censuses had found, one entry in `@settled` for each row. */
export const countRepairs = `UPDATE r SET [Repaired] = r.[Repaired] + c.[Times]
FROM [SyncRuns] AS r
INNER JOIN (SELECT [RepairedOf], COUNT(*) AS [Times] FROM @settled WHERE [RepairedOf] IS NOT NULL GROUP BY [RepairedOf]) AS c
  ON c.[RepairedOf] = r.[Id];`;

/**
 * Refreshes never start or end: they are added up by the hour, in a row that counts as finished. Under the fence, so
 * that one hour has one row.
 */
export const addToHour = `DECLARE @hour datetime2(3) = DATEADD(hour, DATEPART(hour, @now), CAST(CAST(@now AS date) AS datetime2(3)));
UPDATE [SyncRuns] SET ${ADDED}, [MovedAt] = @now, [FinishedAt] = @now
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [Kind] = N'refresh' AND [StartedAt] = @hour;
IF @@ROWCOUNT = 0
  INSERT INTO [SyncRuns] ([StoreId], [Entity], [Kind], [State], [StartedAt], [MovedAt], [FinishedAt], ${COLUMNS}, [Repaired])
  VALUES (@storeId, @entity, N'refresh', N'succeeded', @hour, @now, @now, ${COUNTED.map(({ parameter }) => parameter).join(', ')}, 0);`;

/** The hours in which the key space was refreshed, from the one of `since` on. */
export const REFRESH_RUNS = batch(
  'refreshRuns',
  { storeId: BIGINT, entity: TEXT, since: INSTANT },
  `SELECT [Id], [StartedAt] FROM [SyncRuns]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [Kind] = N'refresh' AND [StartedAt] > DATEADD(hour, -1, @since)
ORDER BY [Id];`,
);

export async function refreshRuns(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  since: number,
): Promise<readonly { readonly id: number; readonly startedAt: number }[]> {
  const rows = await rowsOf(connection, REFRESH_RUNS, { storeId, entity, since });
  return rows.map((row) => ({ id: number(row, 'Id'), startedAt: instant(row, 'StartedAt') }));
}
