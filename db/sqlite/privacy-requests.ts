import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import {
  PRIVACY_DAYS,
  type PrivacyAsked,
  type PrivacyEnd,
  type PrivacyRequest,
} from '../../src/privacy-request.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** Compliance requests: few, and never in a hurry. Their statements are built when they are needed. */

const { PrivacyCounts, PrivacyKeys, PrivacyRequests, Stores } = schema;

const DAY_MS = 24 * 3_600_000;

export const isOpen = inArray(PrivacyRequests.State, ['waiting', 'erasing']);
const isRequest = (requestId: number) => eq(PrivacyRequests.Id, requestId);

export function recordPrivacyRequest({ db, clock }: Connection, asked: PrivacyAsked): number {
  const { storeId, topic, digest, shopId, receivedAt, vouched } = asked;
  const now = clock();
  const fresh = {
    ShopId: shopId,
    Vouched: vouched,
    State: 'waiting' as const,
    ReceivedAt: receivedAt,
    DueAt: receivedAt + PRIVACY_DAYS * DAY_MS,
    TryAt: now,
    Attempts: 0,
    CompletedAt: null,
    Message: null,
  };
  const same = { StoreId: storeId, Topic: topic, Digest: digest };
  const [opened] = db
    .insert(PrivacyRequests)
    .values({ ...same, ...fresh })
    .onConflictDoUpdate({
      target: [PrivacyRequests.StoreId, PrivacyRequests.Topic, PrivacyRequests.Digest],
      set: fresh,
      setWhere: eq(PrivacyRequests.State, 'refused'),
    })
    .returning({ id: PrivacyRequests.Id })
    .all();
  if (opened === undefined) return standing({ db }, same);
  const keys = [
    ...asked.customers.map((id) => ({ Entity: 'customers' as const, ShopifyId: id })),
    ...asked.orders.map((id) => ({ Entity: 'orders' as const, ShopifyId: id })),
  ];
  for (const key of keys)
    db.insert(PrivacyKeys)
      .values({ RequestId: opened.id, ...key })
      .onConflictDoNothing()
      .run();
  return opened.id;
}

type Identity = Pick<typeof PrivacyRequests.$inferSelect, 'StoreId' | 'Topic' | 'Digest'>;

function standing({ db }: Pick<Connection, 'db'>, { StoreId, Topic, Digest }: Identity): number {
  const found = db
    .select({ id: PrivacyRequests.Id })
    .from(PrivacyRequests)
    .where(
      and(
        eq(PrivacyRequests.StoreId, StoreId),
        eq(PrivacyRequests.Topic, Topic),
        eq(PrivacyRequests.Digest, Digest),
      ),
    )
    .get();
  if (found === undefined) throw new Error('a request was neither recorded nor found');
  return found.id;
}

export const duePrivacyRequests = ({ db, clock }: Connection): readonly number[] =>
  db
    .select({ id: PrivacyRequests.Id })
    .from(PrivacyRequests)
    .where(and(isOpen, lte(PrivacyRequests.TryAt, clock())))
    .orderBy(asc(PrivacyRequests.DueAt))
    .all()
    .map(({ id }) => id);

export function takePrivacyRequest(
  connection: Connection,
  requestId: number,
  leaseMs: number,
): PrivacyRequest | null {
  const { db, clock } = connection;
  const now = clock();
  const [taken] = db
    .update(PrivacyRequests)
    .set({ TryAt: now + leaseMs, Attempts: sql`${PrivacyRequests.Attempts} + 1` })
    .where(and(isRequest(requestId), isOpen, lte(PrivacyRequests.TryAt, now)))
    .returning()
    .all();
  if (taken === undefined) return null;
  const store = db.select().from(Stores).where(eq(Stores.Id, taken.StoreId)).get();
  const since = store === undefined || store.IsActive ? null : store.RefusedAt;
  return {
    id: taken.Id,
    storeId: taken.StoreId,
    shopId: taken.ShopId,
    topic: taken.Topic,
    state: taken.State === 'erasing' ? 'erasing' : 'waiting',
    receivedAt: taken.ReceivedAt,
    dueAt: taken.DueAt,
    subject: taken.Subject,
    vouched: taken.Vouched,
    attempts: taken.Attempts,
    keys: keysOf(connection, requestId),
    uninstalledForMs: since === null ? null : now - since,
  };
}

function keysOf({ db }: Connection, requestId: number): PrivacyRequest['keys'] {
  const found = db.select().from(PrivacyKeys).where(eq(PrivacyKeys.RequestId, requestId)).all();
  return ENTITY_NAMES.map((entity) => ({
    entity,
    ids: found.filter((key) => key.Entity === entity).map((key) => key.ShopifyId),
  })).filter(({ ids }) => ids.length > 0);
}

export function putOffPrivacyRequest(
  { db, clock }: Connection,
  requestId: number,
  inMs: number,
  message: string | null,
): void {
  db.update(PrivacyRequests)
    .set({ TryAt: clock() + inMs, Message: message, ...(message === null ? { Attempts: 0 } : {}) })
    .where(and(isRequest(requestId), isOpen))
    .run();
}

/** The store of a request that is still open. */
export function openRequest({ db }: Connection, requestId: number): number | null {
  const found = db
    .select({ storeId: PrivacyRequests.StoreId })
    .from(PrivacyRequests)
    .where(and(isRequest(requestId), isOpen))
    .get();
  return found?.storeId ?? null;
}

export function endPrivacyRequest({ db, clock }: Connection, requestId: number, end: PrivacyEnd): void {
  const { state, message, exportName, subject, certificate } = end;
  const { changes } = db
    .update(PrivacyRequests)
    .set({
      State: state,
      Message: message,
      ExportName: exportName,
      Subject: subject,
      Certificate: certificate,
      CompletedAt: clock(),
    })
    .where(and(isRequest(requestId), isOpen))
    .run();
  if (changes === 0) return;
  db.delete(PrivacyKeys).where(eq(PrivacyKeys.RequestId, requestId)).run();
  db.delete(PrivacyCounts).where(eq(PrivacyCounts.RequestId, requestId)).run();
}

export function privacyCounts({ db }: Connection, requestId: number): Readonly<Record<string, number>> {
  const found = db
    .select()
    .from(PrivacyCounts)
    .where(eq(PrivacyCounts.RequestId, requestId))
    .orderBy(asc(PrivacyCounts.TableName))
    .all();
  return Object.fromEntries(found.map(({ TableName, Times }) => [TableName, Times]));
}

/** Adds to what the request has erased, in the transaction that erases it. */
export function countErased({ db }: Connection, requestId: number, table: string, times: number): void {
  if (times === 0) return;
  db.insert(PrivacyCounts)
    .values({ RequestId: requestId, TableName: table, Times: times })
    .onConflictDoUpdate({
      target: [PrivacyCounts.RequestId, PrivacyCounts.TableName],
      set: { Times: sql`${PrivacyCounts.Times} + ${times}` },
    })
    .run();
}
