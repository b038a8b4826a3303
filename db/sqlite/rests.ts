import { and, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { raiseEpoch } from './sync-states.ts';

/** Stores that rest, why they do, and what is known of their credentials meanwhile. All times are the database's. */

const { Stores } = schema;

const isStore = (storeId: number) => eq(Stores.Id, storeId);
const rests = (storeId: number) => and(isStore(storeId), eq(Stores.IsActive, false));

/** Its credentials are refused, for good as it looks. From now on they are tried again. */
export function deactivateStore(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({
      IsActive: false,
      UninstalledAt: now,
      RefusedAt: sql`coalesce(${Stores.RefusedAt}, ${now})`,
      LookedAt: now,
      Looks: 0,
      UpdatedAt: now,
    })
    .where(isStore(storeId))
    .run();
  raiseEpoch(connection, storeId);
}

export function pauseStore(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({ IsActive: false, PausedAt: sql`coalesce(${Stores.PausedAt}, ${now})`, UpdatedAt: now })
    .where(isStore(storeId))
    .run();
  raiseEpoch(connection, storeId);
}

/** It goes on resting until its credentials have been tried, which is to be done at once. */
export function endPause(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({
      PausedAt: null,
      UninstalledAt: sql`coalesce(${Stores.UninstalledAt}, ${now})`,
      LookedAt: null,
      Looks: 0,
      UpdatedAt: now,
    })
    .where(and(isStore(storeId), isNotNull(Stores.PausedAt)))
    .run();
}

export function noteRefusal({ db, clock }: Connection, storeId: number): number {
  const now = clock();
  db.update(Stores)
    .set({ RefusedAt: now })
    .where(and(isStore(storeId), isNull(Stores.RefusedAt)))
    .run();
  const row = db.select({ since: Stores.RefusedAt }).from(Stores).where(isStore(storeId)).get();
  return now - (row?.since ?? now);
}

export function noteAccess({ db }: Connection, storeId: number): void {
  db.update(Stores)
    .set({ RefusedAt: null })
    .where(and(isStore(storeId), isNotNull(Stores.RefusedAt)))
    .run();
}

/** One conditional update, so that of several processes one looks. */
export function takeLook({ db, clock }: Connection, storeId: number, afterMs: number): boolean {
  const now = clock();
  const isDue = or(isNull(Stores.LookedAt), lte(Stores.LookedAt, now - afterMs));
  const { changes } = db
    .update(Stores)
    .set({ LookedAt: now, Looks: sql`coalesce(${Stores.Looks}, 0) + 1` })
    .where(and(rests(storeId), isNull(Stores.PausedAt), isDue))
    .run();
  return Number(changes) > 0;
}

export function lookSoon({ db }: Connection, storeId: number): void {
  db.update(Stores).set({ LookedAt: null, Looks: 0 }).where(rests(storeId)).run();
}

export function countUnheard({ db }: Connection, storeId: number): void {
  db.update(Stores)
    .set({ Unheard: sql`coalesce(${Stores.Unheard}, 0) + 1` })
    .where(rests(storeId))
    .run();
}
