import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Certificate, CertificateDraft, CertificateVerdict, Completion } from '../../src/certificate.ts';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, INSTANT, JSON_TEXT, rowsOf, run, TEXT, type Values } from './batch.ts';
import type { Connection } from './connection.ts';
import { instantOrNull, number, numberOrNull } from './recordset.ts';
import { fieldsOf, isoOf, listed, mirrored, openJson } from './statements.ts';

/** Certificates: issued in the transaction that ends their census, completed when the last of its marks is gone. */

const { Certificates } = schema;

type Row = typeof Certificates.$inferSelect;

const DRAFTED = fieldsOf(
  Certificates,
  ...[
    'Depth',
    'FromAt',
    'ToAt',
    'Counted',
    'Listed',
    'MirrorBefore',
    'Missing',
    'Newer',
    'Vanished',
    'Other',
  ],
  ...['Unknowable', 'UnknowableBefore', 'Planted', 'Detected', 'Points', 'Verdict'],
);

/** What a detector's batch needs for `issueCertificate`: null where its census goes on. */
export const CERTIFICATE = { certificateJson: JSON_TEXT, byIndex: JSON_TEXT };

/** A fragment of the batch that ends a census, which knows `@storeId`, `@entity` and `@runId`. */
export const issueCertificate = `IF @certificateJson IS NOT NULL
INSERT INTO [Certificates] ([StoreId], [Entity], [RunId], ${listed(DRAFTED)}, [ByIndex], [Withheld], [Remarks], [IssuedAt])
SELECT @storeId, @entity, @runId, ${listed(DRAFTED, 'c')}, @byIndex, N'[]', N'[]', @now
FROM ${openJson('@certificateJson', DRAFTED)} AS c;`;

export function certificateValues(draft: CertificateDraft | undefined): Values<typeof CERTIFICATE> {
  if (draft === undefined) return { certificateJson: null, byIndex: null };
  const { missing, newer, vanished, other } = draft.found;
  const row = {
    Depth: draft.depth,
    FromAt: isoOf(draft.fromAt),
    ToAt: isoOf(draft.toAt),
    Counted: draft.counted,
    Listed: draft.listed,
    MirrorBefore: draft.mirrorBefore,
    Missing: missing,
    Newer: newer,
    Vanished: vanished,
    Other: other,
    Unknowable: draft.unknowable,
    UnknowableBefore: isoOf(draft.unknowableBefore),
    Planted: draft.planted,
    Detected: draft.detected,
    Points: draft.points,
    Verdict: draft.held ? 'held' : 'waiting',
  } satisfies Record<keyof typeof DRAFTED, unknown>;
  return { certificateJson: JSON.stringify([row]), byIndex: JSON.stringify(draft.byIndex) };
}

/**
 * Marks of what the census found, or an earlier one whose keys it found again. Not those that excuse it: the
 * key has since been read in a version later than the census and lacks only its settle read (one that changes every few
 * seconds would keep the certificate open for as long as it does), or its row lacks a column, which is counted.
 */
const AWAITED = `FROM [StaleKeys] AS m WHERE m.[StoreId] = [Certificates].[StoreId]
    AND m.[Entity] = [Certificates].[Entity] AND m.[FoundByRun] <= [Certificates].[RunId]
    AND (m.[ExcusesBefore] IS NULL OR m.[ExcusesBefore] <= [Certificates].[FromAt])`;
/** A parked record may stay parked for ever: no certificate waits for it. */
const PARKED = `EXISTS (SELECT 1 FROM [Rejects] AS r
    WHERE r.[StoreId] = m.[StoreId] AND r.[Entity] = m.[Entity] AND r.[ShopifyId] = m.[Id])`;

export const certificates = (
  connection: Connection,
  storeId: number,
  limit: number,
): Promise<readonly Certificate[]> => certificatesWhere(connection, eq(Certificates.StoreId, storeId), limit);

/** The latest that meet a condition, latest first. */
export async function certificatesWhere(
  connection: Connection,
  where: SQL | undefined,
  limit: number,
): Promise<readonly Certificate[]> {
  const { db } = connection;
  const rows = await db.select().top(limit).from(Certificates).where(where).orderBy(desc(Certificates.Id));
  return await described(connection, rows);
}

/** Certificates for which no mark but those of parked records is left. */
export async function ripeCertificates(
  connection: Connection,
  storeId: number,
): Promise<readonly Certificate[]> {
  const settled = sql.raw(`NOT EXISTS (SELECT 1 ${AWAITED} AND NOT ${PARKED})`);
  const ripe = and(eq(Certificates.StoreId, storeId), isNull(Certificates.CompletedAt), settled);
  const rows = await connection.db.select().from(Certificates).where(ripe).orderBy(Certificates.Id);
  return await described(connection, rows);
}

const COMPLETION = {
  verdict: TEXT,
  remarks: JSON_TEXT,
  withheld: JSON_TEXT,
  mirrorAfter: BIGINT,
  repaired: BIGINT,
  unversioned: BIGINT,
  rejected: BIGINT,
  unproven: BIGINT,
  buried: BIGINT,
  readSince: INSTANT,
};

export const COMPLETE_CERTIFICATE = batch(
  'completeCertificate',
  { id: BIGINT, ...COMPLETION },
  `UPDATE [Certificates] SET [Verdict] = @verdict, [Remarks] = @remarks, [Withheld] = @withheld,
  [MirrorAfter] = @mirrorAfter, [Repaired] = @repaired, [Unversioned] = @unversioned, [Rejected] = @rejected,
  [Unproven] = @unproven, [Buried] = @buried, [ReadSince] = @readSince, [CompletedAt] = @now
WHERE [Id] = @id AND [CompletedAt] IS NULL;`,
);

export async function completeCertificate(
  connection: Connection,
  id: number,
  end: {
    readonly verdict: CertificateVerdict;
    readonly remarks: readonly string[];
    readonly withheld: readonly string[];
    readonly completion: Completion;
  },
): Promise<void> {
  const { verdict, completion } = end;
  const [remarks, withheld] = [JSON.stringify(end.remarks), JSON.stringify(end.withheld)];
  await run(connection, COMPLETE_CERTIFICATE, { id, verdict, remarks, withheld, ...completion });
}

/** One by one: hardly any is still open. */
async function described(connection: Connection, rows: readonly Row[]): Promise<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (const row of rows)
    all.push(
      certificateOf(row, row.CompletedAt === null ? await presently(connection, row) : asCompleted(row)),
    );
  return all;
}

interface Standing {
  /** Marks of its findings that still stand. */
  readonly waiting: number;
  readonly completion: Completion;
}

const certificateOf = (row: Row, { waiting, completion }: Standing): Certificate => ({
  id: row.Id,
  storeId: row.StoreId,
  entity: row.Entity,
  runId: row.RunId,
  depth: row.Depth,
  fromAt: row.FromAt,
  toAt: row.ToAt,
  counted: row.Counted,
  listed: row.Listed,
  mirrorBefore: row.MirrorBefore,
  found: { missing: row.Missing, newer: row.Newer, vanished: row.Vanished, other: row.Other },
  unknowable: row.Unknowable,
  unknowableBefore: row.UnknowableBefore,
  withheld: row.Withheld,
  planted: row.Planted,
  detected: row.Detected,
  byIndex: row.ByIndex,
  points: row.Points,
  verdict: row.Verdict,
  remarks: row.Remarks,
  issuedAt: row.IssuedAt,
  waiting,
  completedAt: row.CompletedAt,
  completion,
});

const asCompleted = (row: Row): Standing => ({
  waiting: 0,
  completion: {
    mirrorAfter: row.MirrorAfter ?? 0,
    repaired: row.Repaired ?? 0,
    unversioned: row.Unversioned ?? 0,
    rejected: row.Rejected ?? 0,
    unproven: row.Unproven ?? 0,
    buried: row.Buried ?? 0,
    readSince: row.ReadSince,
  },
});

/** All of it in one statement, so that its numbers are of one moment wherever the server reads by snapshot. */
const standing = (entity: EntityName) => {
  const { table } = mirrored(entity);
  const rows = `FROM ${table} AS t WHERE t.[StoreId] = [Certificates].[StoreId]`;
  return batch(
    'certificates',
    { id: BIGINT },
    `SELECT
  (SELECT COUNT(*) ${AWAITED}) AS [Waiting],
  (SELECT COUNT(*) ${AWAITED} AND ${PARKED}) AS [Rejected],
  (SELECT COUNT(DISTINCT u.[ShopifyId]) FROM [UnprovenKeys] AS u WHERE u.[StoreId] = [Certificates].[StoreId]
    AND u.[Entity] = [Certificates].[Entity] AND u.[FoundByRun] <= [Certificates].[RunId]
    AND u.[EndedAt] >= (SELECT r.[StartedAt] FROM [SyncRuns] AS r WHERE r.[Id] = [Certificates].[RunId])) AS [Unproven],
  (SELECT COUNT(*) ${rows} AND t.[IsActive] = 1) AS [MirrorAfter],
  (SELECT r.[Repaired] FROM [SyncRuns] AS r WHERE r.[Id] = [Certificates].[RunId]) AS [Repaired],
  (SELECT COUNT(*) FROM [Gaps] AS g WHERE g.[RunId] = [Certificates].[RunId] AND g.[Reason] = N'unversioned') AS [Unversioned],
  (SELECT COUNT(*) ${rows} AND t.[IsActive] = 0 AND t.[DeletedAt] >= [Certificates].[FromAt]) AS [Buried],
  (SELECT MIN(t.[ReadAt]) ${rows} AND t.[IsActive] = 1) AS [ReadSince]
FROM [Certificates] WHERE [Id] = @id;`,
  );
};

export const STANDING = Object.fromEntries(ENTITY_NAMES.map((name) => [name, standing(name)]));

async function presently(connection: Connection, { Id, Entity }: Row): Promise<Standing> {
  const [now] = await rowsOf(connection, STANDING[Entity]!, { id: Id });
  return {
    waiting: number(now!, 'Waiting'),
    completion: {
      mirrorAfter: number(now!, 'MirrorAfter'),
      repaired: numberOrNull(now!, 'Repaired') ?? 0,
      unversioned: number(now!, 'Unversioned'),
      rejected: number(now!, 'Rejected'),
      unproven: number(now!, 'Unproven'),
      buried: number(now!, 'Buried'),
      readSince: instantOrNull(now!, 'ReadSince'),
    },
  };
}
