import { and, asc, count, desc, eq, gt, isNotNull, min, or } from 'drizzle-orm';
import type { HeldExport, PrivacyBacklog, PrivacyStanding } from '../../src/privacy-request.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { isOpen } from './privacy-requests.ts';

/** What there is to be shown of compliance requests, and the files that answer some. */

const { PrivacyRequests } = schema;

export function heldExports({ db, clock }: Connection): readonly HeldExport[] {
  const now = clock();
  const found = db.select().from(PrivacyRequests).where(isNotNull(PrivacyRequests.ExportName)).all();
  return found.map(({ Id, StoreId, Subject, ExportName, CompletedAt }) => ({
    requestId: Id,
    storeId: StoreId,
    subject: Subject,
    name: ExportName!,
    heldForMs: now - (CompletedAt ?? now),
  }));
}

export function forgetExport({ db }: Connection, requestId: number): void {
  db.update(PrivacyRequests)
    .set({ ExportName: null, Message: null })
    .where(eq(PrivacyRequests.Id, requestId))
    .run();
}

export function privacyRequests(
  { db }: Connection,
  storeId: number | null,
  limit: number,
): readonly PrivacyStanding[] {
  const found = db
    .select()
    .from(PrivacyRequests)
    .where(storeId === null ? undefined : eq(PrivacyRequests.StoreId, storeId))
    .orderBy(desc(PrivacyRequests.Id))
    .limit(limit)
    .all();
  return found.map((row) => ({
    id: row.Id,
    storeId: row.StoreId,
    topic: row.Topic,
    state: row.State,
    receivedAt: row.ReceivedAt,
    dueAt: row.DueAt,
    completedAt: row.CompletedAt,
    message: row.Message,
    certificate: row.Certificate,
  }));
}

export function privacyBacklog({ db, clock }: Connection, storeId: number): PrivacyBacklog {
  const ofStore = eq(PrivacyRequests.StoreId, storeId);
  const isRefused = and(eq(PrivacyRequests.State, 'refused'), gt(PrivacyRequests.DueAt, clock()));
  const open = db
    .select({ n: count(), nextDueAt: min(PrivacyRequests.DueAt) })
    .from(PrivacyRequests)
    .where(and(ofStore, isOpen))
    .get();
  const told = db
    .select({ message: PrivacyRequests.Message })
    .from(PrivacyRequests)
    .where(and(ofStore, or(isOpen, isRefused), isNotNull(PrivacyRequests.Message)))
    .orderBy(asc(PrivacyRequests.DueAt))
    .limit(1)
    .get();
  return {
    open: open?.n ?? 0,
    nextDueAt: open?.nextDueAt ?? null,
    refused: db.$count(PrivacyRequests, and(ofStore, isRefused)).sync(),
    message: told?.message ?? null,
  };
}
