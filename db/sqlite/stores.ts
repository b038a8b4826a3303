import { and, eq, sql } from 'drizzle-orm';
import type { Rest, ShopFacts, Store, StoreSettings } from '../../src/store.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { forgetProgress } from './sync-states.ts';

/** Stores are few and seldom written: their statements are built when they are needed. */

const { Stores, SyncRuns, SyncStates } = schema;

export const NO_SETTINGS: StoreSettings = {
  scopes: [],
  scopesReadAt: 0,
  fields: [],
  attention: null,
  denied: {},
  contentOwed: {},
  contentPaid: {},
  identity: null,
  subscribedAt: null,
  refusedTopics: [],
  otherVersion: null,
  answersVersion: null,
  owed: {},
  brakeHeld: [],
  brakeReleased: {},
};

export type StoreRow = typeof Stores.$inferSelect;

export const storeOf = (row: StoreRow): Store => ({
  id: row.Id,
  domain: row.Domain,
  name: row.Name,
  shopId: row.ShopifyShopId,
  active: row.IsActive,
  rest: row.IsActive ? null : restOf(row),
  refused: row.RefusedAt !== null,
  unheard: row.Unheard ?? 0,
  formerDomains: (row.FormerDomains ?? []).filter((name) => name !== row.Domain),
  secretName: row.SecretName,
  settings: { ...NO_SETTINGS, ...row.Settings },
});

function restOf({ PausedAt, UninstalledAt, ShopifyShopId, CreatedAt, Looks }: StoreRow): Rest {
  const isUnreached = ShopifyShopId === null && UninstalledAt === null;
  return {
    why: PausedAt !== null ? 'paused' : isUnreached ? 'unreached' : 'disconnected',
    since: PausedAt ?? UninstalledAt ?? CreatedAt,
    looks: Looks ?? 0,
  };
}

export const allStores = ({ db }: Connection): readonly Store[] =>
  db.select().from(Stores).orderBy(Stores.Id).all().map(storeOf);

/**
 * What was compared before is worth nothing after an unknown time without webhooks. All marks stay: those that a census
 * of the earlier epoch was holding are taken over, or freed, by the census that follows (R15).
 */
export function reactivate(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({ IsActive: true, InstalledAt: now, UninstalledAt: null, UpdatedAt: now })
    .where(eq(Stores.Id, storeId))
    .run();
  forgetProgress(connection, storeId);
  db.update(SyncRuns)
    .set({ State: 'failed', FinishedAt: now, Message: 'The store was activated anew.' })
    .where(and(eq(SyncRuns.StoreId, storeId), eq(SyncRuns.State, 'running')))
    .run();
}

/**
 * The shop id is kept once it is known: every refresh compares it with the answer's (R10), and must go on to
 * find the difference when the credentials lead to another shop. Nor is it taken from another store, which no two
 * share (R17). What changes the domain is the activation.
 */
export function recordShop(
  connection: Connection,
  storeId: number,
  facts: ShopFacts,
  settings: Partial<StoreSettings> = {},
): void {
  change(connection, storeId, (store) => ({
    ShopifyShopId: store.ShopifyShopId ?? (isTaken(connection, facts.shopId) ? null : facts.shopId),
    Name: facts.name,
    Currency: facts.currency,
    IanaTimezone: facts.ianaTimezone,
    Plan: facts.plan,
    Settings: { ...NO_SETTINGS, ...store.Settings, ...settings, scopes: facts.scopes },
  }));
}

const isTaken = ({ db }: Connection, shopId: string): boolean =>
  db.$count(Stores, eq(Stores.ShopifyShopId, shopId)).sync() > 0;

export function updateSettings(
  connection: Connection,
  storeId: number,
  settings: Partial<StoreSettings>,
): void {
  change(connection, storeId, (store) => ({ Settings: { ...NO_SETTINGS, ...store.Settings, ...settings } }));
}

/** Changes a row by what it says, under the transaction's lock. */
function change(
  { db, clock }: Connection,
  storeId: number,
  to: (store: StoreRow) => Partial<typeof Stores.$inferInsert>,
): void {
  const ofStore = eq(Stores.Id, storeId);
  const [store] = db.select().from(Stores).where(ofStore).all();
  if (!store) throw new Error(`There is no store ${storeId}.`);
  db.update(Stores)
    .set({ ...to(store), UpdatedAt: clock() })
    .where(ofStore)
    .run();
}

/** The two columns by which the Web API knows how far the store's mirror is. */
export function showProgress({ db, clock }: Connection, storeId: number): void {
  const uncounted = sql`exists (select 1 from ${SyncStates} where ${SyncStates.StoreId} = ${Stores.Id}
    and ${SyncStates.LastCensusAt} is null)`;
  db.update(Stores)
    .set({
      LastSyncDate: clock(),
      InitialSetupCompleted: sql`max(${Stores.InitialSetupCompleted}, not ${uncounted})`,
    })
    .where(eq(Stores.Id, storeId))
    .run();
}
