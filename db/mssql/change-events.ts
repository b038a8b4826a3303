import type { EventsEnd, WaitingEvent } from '../../src/change-event.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import type { RefreshCommit } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, BIT, batch, JSON_TEXT, rowsOf, run, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { pack, unpack } from './packing.ts';
import { instant, number, type Row, text, textOrNull } from './recordset.ts';
import { after, declareTable, fieldsOf, lockEvents, mirrored } from './statements.ts';

/**
 * The outbox: written in the transaction of the change that it announces, emptied by whoever takes events and says
 * what became of them. An event that was taken is invisible for a while, and so are the later ones of its key: an
 * order that holds although several processes send, and although one of them dies between sending and saying so.
 */

const { ChangeEvents } = schema;

const COMPARED = {
  key: { Id: fieldsOf(ChangeEvents, 'ShopifyId')['ShopifyId']! },
  texts: fieldsOf(ChangeEvents, 'Columns'),
};

/** The parameters of a batch that announces changes. */
export const CHANGED = { changedJson: JSON_TEXT, announce: BIT };

/** `@changed`: of rows that were compared, the columns that become different, as the JSON that the outbox keeps. */
export const declareChanged = unpack('@changed', '@changedJson', COMPARED);

export const changedOf = (changed: RefreshCommit['changed'], announce: boolean) => ({
  changedJson: pack(
    [...changed].map(([Id, columns]) => ({ Id, Columns: JSON.stringify(columns) })),
    COMPARED,
  ),
  announce,
});

/** Announces `@changes`, or only notes them. After the rows were written: a new one has its number only then. */
export function announceChanges(entity: EntityName): string {
  const { table, key } = mirrored(entity);
  return `INSERT INTO [ChangeEvents] (
  [StoreId], [Entity], [ShopifyId], [Type], [RowId], [Columns], [UpdatedAt], [CreatedAt], [DueAt], [State], [Attempts]
)
SELECT @storeId, @entity, c.[Id], c.[Type], t.[Id], c.[Columns], c.[At], @now, @now,
  CASE WHEN @announce = 1 THEN N'waiting' ELSE N'noted' END, 0
FROM @changes AS c
INNER JOIN ${table} AS t ON t.[StoreId] = @storeId AND t.${key} = c.[Id];`;
}

/** Of an event `e` that nobody is sending. */
const WAITING = `e.[State] = N'waiting' AND e.[DueAt] <= @now AND e.[RowId] IS NOT NULL`;

/** One seek per store: a count of all would grow with the backlog. */
export const STORES_WITH_EVENTS = batch(
  'storesWithEvents',
  {},
  `SELECT s.[Id] FROM [Stores] AS s
CROSS APPLY (
  SELECT TOP (1) e.[Id] FROM [ChangeEvents] AS e
  WHERE e.[StoreId] = s.[Id] AND ${WAITING}
  ORDER BY e.[Id]
) AS f
ORDER BY s.[Id];`,
);

export const storesWithEvents = async (connection: Connection): Promise<readonly number[]> =>
  (await rowsOf(connection, STORES_WITH_EVENTS, {})).map((row) => number(row, 'Id'));

const ROW_ID = fieldsOf(ChangeEvents, 'Id');

/** A commit that is under way at the same time adds later events of its keys, never an earlier one. */
export const TAKE_EVENTS = transaction(
  'takeEvents',
  { storeId: BIGINT, limit: BIGINT, leaseMs: BIGINT },
  lockEvents,
  declareTable('@taken', ROW_ID),
  `INSERT INTO @taken ([Id])
SELECT TOP (@limit) e.[Id]
FROM [ChangeEvents] AS e
WHERE e.[StoreId] = @storeId AND ${WAITING}
  AND NOT EXISTS (
    SELECT 1 FROM [ChangeEvents] AS b
    WHERE b.[StoreId] = @storeId AND b.[Entity] = e.[Entity] AND b.[ShopifyId] = e.[ShopifyId]
      AND b.[State] = N'waiting' AND b.[Id] < e.[Id] AND b.[DueAt] > @now
  )
ORDER BY e.[Id];`,
  `UPDATE e SET [DueAt] = ${after('@now', '@leaseMs')}, [Attempts] = e.[Attempts] + 1
FROM [ChangeEvents] AS e
INNER JOIN @taken AS t ON t.[Id] = e.[Id];`,
  `SELECT e.[Id], e.[Entity], e.[ShopifyId], e.[RowId], e.[Type], e.[Columns], e.[UpdatedAt], e.[CreatedAt]
FROM [ChangeEvents] AS e
INNER JOIN @taken AS t ON t.[Id] = e.[Id]
ORDER BY e.[Id];`,
);

export async function takeEvents(
  connection: Connection,
  storeId: number,
  limit: number,
  leaseMs: number,
): Promise<readonly WaitingEvent[]> {
  return (await rowsOf(connection, TAKE_EVENTS, { storeId, limit, leaseMs })).map(waitingEvent);
}

const waitingEvent = (row: Row): WaitingEvent => ({
  id: number(row, 'Id'),
  entity: text<EntityName>(row, 'Entity'),
  shopifyId: text(row, 'ShopifyId'),
  rowId: number(row, 'RowId'),
  type: text<WaitingEvent['type']>(row, 'Type'),
  columns: columnsOf(row),
  updatedAt: instant(row, 'UpdatedAt'),
  committedAt: instant(row, 'CreatedAt'),
});

/** Columns of a live row that became different; null where nobody compared them. */
export function columnsOf(row: Row): readonly string[] | null {
  const json = textOrNull(row, 'Columns');
  return json === null ? null : JSON.parse(json);
}

/** What becomes of each event that was taken; without a state it waits on. */
const SETTLED = { key: ROW_ID, others: fieldsOf(ChangeEvents, 'State') };

/** Whoever took too long may find that another has sent them meanwhile: what was sent is not taken again by being due. */
export const SETTLE_EVENTS = transaction(
  'settleEvents',
  { storeId: BIGINT, settledJson: JSON_TEXT },
  unpack('@settled', '@settledJson', SETTLED),
  lockEvents,
  `UPDATE e SET [State] = COALESCE(s.[State], e.[State]), [DueAt] = @now,
  [SentAt] = CASE WHEN s.[State] IS NULL THEN e.[SentAt] ELSE @now END
FROM [ChangeEvents] AS e
INNER JOIN @settled AS s ON s.[Id] = e.[Id]
WHERE e.[StoreId] = @storeId;`,
);

export async function settleEvents(
  connection: Connection,
  storeId: number,
  taken: readonly number[],
  { sent, refused }: EventsEnd,
): Promise<void> {
  const states = new Map<number, string | null>(taken.map((id) => [id, null]));
  for (const id of sent) states.set(id, 'sent');
  for (const id of refused) states.set(id, 'refused');
  const settled = [...states].map(([Id, State]) => ({ Id, State }));
  await run(connection, SETTLE_EVENTS, { storeId, settledJson: pack(settled, SETTLED) });
}
