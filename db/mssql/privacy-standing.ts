import type {
  HeldExport,
  PrivacyBacklog,
  PrivacyCertificate,
  PrivacyStanding,
  PrivacyState,
  PrivacyTopic,
} from '../../src/privacy-request.ts';
import { BIGINT, batch, rowsOf, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { IS_OPEN } from './privacy-requests.ts';
import { instant, instantOrNull, number, type Row, text, textOrNull } from './recordset.ts';

/** What there is to be shown of compliance requests, and the files that answer some. */

export const HELD_EXPORTS = batch(
  'heldExports',
  {},
  `SELECT [Id], [StoreId], [Subject], [ExportName], [CompletedAt], @now AS [Now]
FROM [PrivacyRequests] WHERE [ExportName] IS NOT NULL;`,
);

export const heldExports = async (connection: Connection): Promise<readonly HeldExport[]> =>
  (await rowsOf(connection, HELD_EXPORTS, {})).map((row) => ({
    requestId: number(row, 'Id'),
    storeId: number(row, 'StoreId'),
    subject: textOrNull(row, 'Subject'),
    name: text(row, 'ExportName'),
    heldForMs: instant(row, 'Now') - (instantOrNull(row, 'CompletedAt') ?? instant(row, 'Now')),
  }));

export const FORGET_EXPORT = batch(
  'forgetExport',
  { requestId: BIGINT },
  'UPDATE [PrivacyRequests] SET [ExportName] = NULL, [Message] = NULL WHERE [Id] = @requestId;',
);

export async function forgetExport(connection: Connection, requestId: number): Promise<void> {
  await run(connection, FORGET_EXPORT, { requestId });
}

export const PRIVACY_REQUESTS = batch(
  'privacyRequests',
  { storeId: BIGINT, limit: BIGINT },
  `SELECT TOP (@limit) [Id], [StoreId], [Topic], [State], [ReceivedAt], [DueAt], [CompletedAt], [Message], [Certificate]
FROM [PrivacyRequests] WHERE @storeId IS NULL OR [StoreId] = @storeId ORDER BY [Id] DESC;`,
);

export const privacyRequests = async (
  connection: Connection,
  storeId: number | null,
  limit: number,
): Promise<readonly PrivacyStanding[]> =>
  (await rowsOf(connection, PRIVACY_REQUESTS, { storeId, limit })).map(standingOf);

function standingOf(row: Row): PrivacyStanding {
  const certificate = textOrNull(row, 'Certificate');
  return {
    id: number(row, 'Id'),
    storeId: number(row, 'StoreId'),
    topic: text<PrivacyTopic>(row, 'Topic'),
    state: text<PrivacyState>(row, 'State'),
    receivedAt: instant(row, 'ReceivedAt'),
    dueAt: instant(row, 'DueAt'),
    completedAt: instantOrNull(row, 'CompletedAt'),
    message: textOrNull(row, 'Message'),
    certificate: certificate === null ? null : (JSON.parse(certificate) as PrivacyCertificate),
  };
}

const OF_STORE = '[StoreId] = @storeId';
const IS_REFUSED = `[State] = N'refused' AND [DueAt] > @now`;

/** One row of what is open of `@storeId`. */
export const BACKLOG = `SELECT
  (SELECT COUNT(*) FROM [PrivacyRequests] WHERE ${OF_STORE} AND ${IS_OPEN}) AS [Open],
  (SELECT MIN([DueAt]) FROM [PrivacyRequests] WHERE ${OF_STORE} AND ${IS_OPEN}) AS [NextDueAt],
  (SELECT COUNT(*) FROM [PrivacyRequests] WHERE ${OF_STORE} AND ${IS_REFUSED}) AS [Refused],
  (SELECT TOP (1) [Message] FROM [PrivacyRequests]
    WHERE ${OF_STORE} AND (${IS_OPEN} OR ${IS_REFUSED}) AND [Message] IS NOT NULL ORDER BY [DueAt]) AS [Message];`;

export const backlogOf = (row: Row): PrivacyBacklog => ({
  open: number(row, 'Open'),
  nextDueAt: instantOrNull(row, 'NextDueAt'),
  refused: number(row, 'Refused'),
  message: textOrNull(row, 'Message'),
});
