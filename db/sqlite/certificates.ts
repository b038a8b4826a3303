import { and, count, countDistinct, desc, eq, gte, isNull, lte, min, or, type SQL, sql } from 'drizzle-orm';
import type { Certificate, CertificateDraft, CertificateVerdict, Completion } from '../../src/certificate.ts';
import { entityOf } from '../../src/entities/registry.ts';
import type { Lease } from '../../src/lease.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { liveRows } from './rows.ts';
import { prepared } from './statements.ts';

/** Certificates: issued in the transaction that ends their census, completed when the last of its marks is gone. */

const { Certificates, Gaps, Rejects, StaleKeys, SyncRuns, UnprovenKeys } = schema;

type Row = typeof Certificates.$inferSelect;

export function issueCertificate(
  { db, clock }: Connection,
  { storeId, entity }: Lease,
  runId: number,
  draft: CertificateDraft,
): void {
  const { missing, newer, vanished, other } = draft.found;
  db.insert(Certificates)
    .values({
      StoreId: storeId,
      Entity: entity,
      RunId: runId,
      Depth: draft.depth,
      FromAt: draft.fromAt,
      ToAt: draft.toAt,
      Counted: draft.counted,
      Listed: draft.listed,
      MirrorBefore: draft.mirrorBefore,
      Missing: missing,
      Newer: newer,
      Vanished: vanished,
      Other: other,
      Unknowable: draft.unknowable,
      UnknowableBefore: draft.unknowableBefore,
      Planted: draft.planted,
      Detected: draft.detected,
      Withheld: [],
      ByIndex: draft.byIndex,
      Points: draft.points,
      Verdict: draft.held ? 'held' : 'waiting',
      Remarks: [],
      IssuedAt: clock(),
    })
    .run();
}

/**
 * Marks of what the census found, or an earlier one whose keys it found again. Not those that excuse it: the
 * key has since been read in a version later than the census and lacks only its settle read (one that changes every few
 * seconds would keep the certificate open for as long as it does), or its row lacks a column, which is counted.
 */
const awaited = and(
  eq(StaleKeys.StoreId, Certificates.StoreId),
  eq(StaleKeys.Entity, Certificates.Entity),
  lte(StaleKeys.FoundByRun, Certificates.RunId),
  or(isNull(StaleKeys.ExcusesBefore), lte(StaleKeys.ExcusesBefore, Certificates.FromAt)),
);
/** A parked record may stay parked for ever: no certificate waits for it. */
const parked = sql`exists (select 1 from ${Rejects} where ${Rejects.StoreId} = ${StaleKeys.StoreId}
  and ${Rejects.Entity} = ${StaleKeys.Entity} and ${Rejects.ShopifyId} = ${StaleKeys.Id})`;

export const certificates = (
  connection: Connection,
  storeId: number,
  limit: number,
): readonly Certificate[] => certificatesWhere(connection, eq(Certificates.StoreId, storeId), limit);

/** The latest that meet a condition, latest first. */
export const certificatesWhere = (
  connection: Connection,
  where: SQL | undefined,
  limit: number,
): readonly Certificate[] =>
  select(connection, where)
    .orderBy(desc(Certificates.Id))
    .limit(limit)
    .all()
    .map((found) => certificateOf(connection, found));

const ripe = prepared((connection) => {
  const waits = sql`exists (select 1 from ${StaleKeys} where ${awaited} and not ${parked})`;
  const ofStore = eq(Certificates.StoreId, sql.placeholder('storeId'));
  return select(connection, and(ofStore, isNull(Certificates.CompletedAt), sql`not ${waits}`)).prepare();
});

/** Certificates for which no mark but those of parked records is left. */
export const ripeCertificates = (connection: Connection, storeId: number): readonly Certificate[] =>
  ripe(connection)
    .all({ storeId })
    .map((found) => certificateOf(connection, found));

export function completeCertificate(
  { db, clock }: Connection,
  id: number,
  end: {
    readonly verdict: CertificateVerdict;
    readonly remarks: readonly string[];
    readonly withheld: readonly string[];
    readonly completion: Completion;
  },
): void {
  const { mirrorAfter, repaired, unversioned, rejected, unproven, buried, readSince } = end.completion;
  db.update(Certificates)
    .set({
      Verdict: end.verdict,
      Remarks: end.remarks,
      Withheld: end.withheld,
      MirrorAfter: mirrorAfter,
      Repaired: repaired,
      Unversioned: unversioned,
      Rejected: rejected,
      Unproven: unproven,
      Buried: buried,
      ReadSince: readSince,
      CompletedAt: clock(),
    })
    .where(and(eq(Certificates.Id, id), isNull(Certificates.CompletedAt)))
    .run();
}

const select = ({ db }: Connection, where: SQL | undefined) =>
  db.select().from(Certificates).where(where).$dynamic();

const certificateOf = (connection: Connection, row: Row): Certificate => ({
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
  waiting: row.CompletedAt === null ? marksOf(connection, row.Id) : 0,
  completedAt: row.CompletedAt,
  completion: row.CompletedAt === null ? presently(connection, row) : asCompleted(row),
});

function marksOf({ db }: Connection, certificateId: number, which?: SQL): number {
  const ofCertificate = eq(Certificates.Id, certificateId);
  return (
    db
      .select({ n: count() })
      .from(Certificates)
      .innerJoin(StaleKeys, awaited)
      .where(and(ofCertificate, which))
      .get()?.n ?? 0
  );
}

const asCompleted = (row: Row): Completion => ({
  mirrorAfter: row.MirrorAfter ?? 0,
  repaired: row.Repaired ?? 0,
  unversioned: row.Unversioned ?? 0,
  rejected: row.Rejected ?? 0,
  unproven: row.Unproven ?? 0,
  buried: row.Buried ?? 0,
  readSince: row.ReadSince,
});

function presently(connection: Connection, row: Row): Completion {
  const { db } = connection;
  const table = schema.own(entityOf(row.Entity).table);
  const rowsThatAre = (active: boolean) => and(eq(table.StoreId, row.StoreId), eq(table.IsActive, active));
  const run = db.select({ n: SyncRuns.Repaired }).from(SyncRuns).where(eq(SyncRuns.Id, row.RunId)).get();
  const oldest = db
    .select({ at: min(table.ReadAt) })
    .from(table)
    .where(rowsThatAre(true))
    .get();
  return {
    mirrorAfter: liveRows(connection, row.StoreId, row.Entity),
    repaired: run?.n ?? 0,
    unversioned: db.$count(Gaps, and(eq(Gaps.RunId, row.RunId), eq(Gaps.Reason, 'unversioned'))).sync(),
    rejected: marksOf(connection, row.Id, parked),
    unproven: unprovenOf(connection, row),
    buried: db.$count(table, and(rowsThatAre(false), gte(table.DeletedAt, row.FromAt))).sync(),
    readSince: oldest?.at ?? null,
  };
}

/** Keys whose marks ended without proof while the census was at work or its certificate was open. */
function unprovenOf({ db }: Connection, { StoreId, Entity, RunId }: Row): number {
  const began = db.select({ at: SyncRuns.StartedAt }).from(SyncRuns).where(eq(SyncRuns.Id, RunId));
  const found = db
    .select({ n: countDistinct(UnprovenKeys.ShopifyId) })
    .from(UnprovenKeys)
    .where(
      and(
        eq(UnprovenKeys.StoreId, StoreId),
        eq(UnprovenKeys.Entity, Entity),
        lte(UnprovenKeys.FoundByRun, RunId),
        gte(UnprovenKeys.EndedAt, sql`(${began})`),
      ),
    )
    .get();
  return found?.n ?? 0;
}
