import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import {
  PRIVACY_DAYS,
  type PrivacyAsked,
  type PrivacyEnd,
  type PrivacyKeys,
  type PrivacyRequest,
  type PrivacyTopic,
} from '../../src/privacy-request.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, BIT, batch, INSTANT, JSON_TEXT, rowsOf, run, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { flag, instant, instantOrNull, number, type Row, text, textOrNull } from './recordset.ts';
import { after, fieldsOf, listed, openJson } from './statements.ts';

/** Compliance requests: few, and never in a hurry. */

const DAY_MS = 24 * 3_600_000;

export const IS_OPEN = `[State] IN (N'waiting', N'erasing')`;

/** `@storeId` of the request `@requestId`; null when it is over, which makes every statement on that store do nothing. */
export const theRequest = `DECLARE @storeId bigint;
SELECT @storeId = [StoreId] FROM [PrivacyRequests] WHERE [Id] = @requestId AND ${IS_OPEN};`;

const KEY = fieldsOf(schema.PrivacyKeys, 'Entity', 'ShopifyId');

/** For `addKeys`. */
export const keysJson = (keys: readonly PrivacyKeys[]): string =>
  JSON.stringify(keys.flatMap(({ entity, ids }) => ids.map((id) => ({ Entity: entity, ShopifyId: id }))));

/** Notes the keys of `@keysJson` for the request, unless `@storeId` is null. */
export const addKeys = `INSERT INTO [PrivacyKeys] ([RequestId], ${listed(KEY)})
SELECT DISTINCT @requestId, ${listed(KEY, 'j')} FROM ${openJson('@keysJson', KEY)} AS j
WHERE @storeId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [PrivacyKeys] AS k
  WHERE k.[RequestId] = @requestId AND k.[Entity] = j.[Entity] AND k.[ShopifyId] = j.[ShopifyId]);`;

const ASKED = {
  ...{ askedStoreId: BIGINT, topic: TEXT, digest: TEXT, shopId: TEXT, vouched: BIT },
  ...{ receivedAt: INSTANT, dueAt: INSTANT, keysJson: JSON_TEXT },
} as const;

/** Of two that record the same at once, one meets the unique index, and finds it at its next try. */
export const RECORD_PRIVACY_REQUEST = transaction(
  'recordPrivacyRequest',
  ASKED,
  `DECLARE @requestId bigint, @storeId bigint;
SELECT @requestId = [Id] FROM [PrivacyRequests]
WHERE [StoreId] = @askedStoreId AND [Topic] = @topic AND [Digest] = @digest;
IF @requestId IS NULL
BEGIN
  INSERT INTO [PrivacyRequests] ([StoreId], [ShopId], [Topic], [Digest], [Vouched], [State], [ReceivedAt], [DueAt], [TryAt], [Attempts])
  VALUES (@askedStoreId, @shopId, @topic, @digest, @vouched, N'waiting', @receivedAt, @dueAt, @now, 0);
  SELECT @requestId = [Id], @storeId = [StoreId] FROM [PrivacyRequests]
  WHERE [StoreId] = @askedStoreId AND [Topic] = @topic AND [Digest] = @digest;
END
ELSE
BEGIN
  UPDATE [PrivacyRequests] SET [ShopId] = @shopId, [Vouched] = @vouched, [State] = N'waiting', [ReceivedAt] = @receivedAt,
    [DueAt] = @dueAt, [TryAt] = @now, [Attempts] = 0, [CompletedAt] = NULL, [Message] = NULL
  WHERE [Id] = @requestId AND [State] = N'refused';
  IF @@ROWCOUNT = 1 SET @storeId = @askedStoreId;
END;`,
  addKeys,
  'SELECT @requestId AS [Id];',
);

export async function recordPrivacyRequest(connection: Connection, asked: PrivacyAsked): Promise<number> {
  const { storeId, topic, digest, shopId, vouched, receivedAt, customers, orders } = asked;
  const keys = [
    { entity: 'customers', ids: customers },
    { entity: 'orders', ids: orders },
  ] as const;
  const [row] = await rowsOf(connection, RECORD_PRIVACY_REQUEST, {
    ...{ askedStoreId: storeId, topic, digest, shopId, vouched, receivedAt },
    dueAt: receivedAt + PRIVACY_DAYS * DAY_MS,
    keysJson: keysJson(keys),
  });
  return number(row!, 'Id');
}

export const DUE_PRIVACY_REQUESTS = batch(
  'duePrivacyRequests',
  {},
  `SELECT [Id] FROM [PrivacyRequests] WHERE ${IS_OPEN} AND [TryAt] <= @now ORDER BY [DueAt];`,
);

export const duePrivacyRequests = async (connection: Connection): Promise<readonly number[]> =>
  (await rowsOf(connection, DUE_PRIVACY_REQUESTS, {})).map((row) => number(row, 'Id'));

export const TAKE_PRIVACY_REQUEST = transaction(
  'takePrivacyRequest',
  { requestId: BIGINT, leaseMs: BIGINT },
  `DECLARE @taken int;
UPDATE [PrivacyRequests] SET [TryAt] = ${after('@now', '@leaseMs')}, [Attempts] = [Attempts] + 1
WHERE [Id] = @requestId AND ${IS_OPEN} AND [TryAt] <= @now;
SET @taken = @@ROWCOUNT;
SELECT r.[Id], r.[StoreId], r.[ShopId], r.[Topic], r.[State], r.[ReceivedAt], r.[DueAt], r.[Subject], r.[Attempts],
  r.[Vouched], CASE WHEN s.[IsActive] = 0 THEN s.[RefusedAt] END AS [RefusedAt], @now AS [Now]
FROM [PrivacyRequests] AS r LEFT JOIN [Stores] AS s ON s.[Id] = r.[StoreId]
WHERE r.[Id] = @requestId AND @taken = 1;
SELECT [Entity], [ShopifyId] FROM [PrivacyKeys]
WHERE [RequestId] = @requestId AND @taken = 1 ORDER BY [Entity], [ShopifyId];`,
);

export async function takePrivacyRequest(
  connection: Connection,
  requestId: number,
  leaseMs: number,
): Promise<PrivacyRequest | null> {
  const [taken, keys] = await run(connection, TAKE_PRIVACY_REQUEST, { requestId, leaseMs });
  const [row] = taken!;
  return row === undefined ? null : requestOf(row, keys!);
}

function requestOf(row: Row, keys: readonly Row[]): PrivacyRequest {
  const since = instantOrNull(row, 'RefusedAt');
  const idsOf = (entity: EntityName) =>
    keys.filter((key) => text(key, 'Entity') === entity).map((key) => text(key, 'ShopifyId'));
  return {
    id: number(row, 'Id'),
    storeId: number(row, 'StoreId'),
    shopId: textOrNull(row, 'ShopId'),
    topic: text<PrivacyTopic>(row, 'Topic'),
    state: text<PrivacyRequest['state']>(row, 'State'),
    receivedAt: instant(row, 'ReceivedAt'),
    dueAt: instant(row, 'DueAt'),
    subject: textOrNull(row, 'Subject'),
    vouched: flag(row, 'Vouched'),
    attempts: number(row, 'Attempts'),
    keys: ENTITY_NAMES.map((entity) => ({ entity, ids: idsOf(entity) })).filter(({ ids }) => ids.length > 0),
    uninstalledForMs: since === null ? null : instant(row, 'Now') - since,
  };
}

export const PUT_OFF_PRIVACY_REQUEST = batch(
  'putOffPrivacyRequest',
  { requestId: BIGINT, inMs: BIGINT, message: JSON_TEXT },
  `UPDATE [PrivacyRequests] SET [TryAt] = ${after('@now', '@inMs')}, [Message] = @message,
  [Attempts] = CASE WHEN @message IS NULL THEN 0 ELSE [Attempts] END
WHERE [Id] = @requestId AND ${IS_OPEN};`,
);

export async function putOffPrivacyRequest(
  connection: Connection,
  requestId: number,
  inMs: number,
  message: string | null,
): Promise<void> {
  await run(connection, PUT_OFF_PRIVACY_REQUEST, { requestId, inMs: Math.ceil(inMs), message });
}

export const END_PRIVACY_REQUEST = transaction(
  'endPrivacyRequest',
  {
    ...{ requestId: BIGINT, state: TEXT, message: JSON_TEXT, exportName: TEXT, subject: TEXT },
    certificate: JSON_TEXT,
  },
  `UPDATE [PrivacyRequests] SET [State] = @state, [Message] = @message, [ExportName] = @exportName,
  [Subject] = @subject, [Certificate] = @certificate, [CompletedAt] = @now
WHERE [Id] = @requestId AND ${IS_OPEN};
IF @@ROWCOUNT = 1
BEGIN
  DELETE FROM [PrivacyKeys] WHERE [RequestId] = @requestId;
  DELETE FROM [PrivacyCounts] WHERE [RequestId] = @requestId;
END;`,
);

export async function endPrivacyRequest(
  connection: Connection,
  requestId: number,
  { state, message, exportName, subject, certificate }: PrivacyEnd,
): Promise<void> {
  const values = { requestId, state, message, exportName, subject };
  const told = certificate === null ? null : JSON.stringify(certificate);
  await run(connection, END_PRIVACY_REQUEST, { ...values, certificate: told });
}

export const PRIVACY_COUNTS = batch(
  'privacyCounts',
  { requestId: BIGINT },
  'SELECT [TableName], [Times] FROM [PrivacyCounts] WHERE [RequestId] = @requestId ORDER BY [TableName];',
);

export const privacyCounts = async (
  connection: Connection,
  requestId: number,
): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    (await rowsOf(connection, PRIVACY_COUNTS, { requestId })).map((row) => [
      text(row, 'TableName'),
      number(row, 'Times'),
    ]),
  );

/** Adds the rows of the statement before to what `@requestId` has erased of a table, and leaves them in `@times`. */
export const countErased = (table: string): string => `SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'${table}';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'${table}', @times);`;
