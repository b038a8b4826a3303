import { and, eq, gt, isNull, lte, or } from 'drizzle-orm';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** The right to renew a store's tokens: one conditional update each, so that of two who ask one gets it. */

const { Stores } = schema;

export function acquireTokenLease(connection: Connection, storeId: number, ms: number): string | null {
  const { db, clock, nonce } = connection;
  const now = clock();
  const token = nonce();
  const isFree = or(isNull(Stores.TokenLeaseUntil), lte(Stores.TokenLeaseUntil, now));
  const { changes } = db
    .update(Stores)
    .set({ TokenLease: token, TokenLeaseUntil: now + ms })
    .where(and(eq(Stores.Id, storeId), isFree))
    .run();
  return changes === 1 ? token : null;
}

export function renewTokenLease(connection: Connection, storeId: number, token: string, ms: number): boolean {
  const { db, clock } = connection;
  const now = clock();
  const { changes } = db
    .update(Stores)
    .set({ TokenLeaseUntil: now + ms })
    .where(and(isHolder(storeId, token), gt(Stores.TokenLeaseUntil, now)))
    .run();
  return changes === 1;
}

export function releaseTokenLease({ db }: Connection, storeId: number, token: string): void {
  db.update(Stores).set({ TokenLease: null, TokenLeaseUntil: null }).where(isHolder(storeId, token)).run();
}

const isHolder = (storeId: number, token: string) =>
  and(eq(Stores.Id, storeId), eq(Stores.TokenLease, token));
