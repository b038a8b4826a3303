import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { ShopFacts, Store, StoreSettings } from '../../src/store.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { addSyncStates, forgetProgress, raiseEpoch } from './sync-states.ts';

/** Stores are few and seldom written: their statements are built when they are needed. */

const { StaleKeys, Stores, SyncRuns, SyncStates } = schema;

const NO_SETTINGS: StoreSettings = {
  scopes: [],
  fields: [],
  attention: null,
  withheld: [],
  subscribedAt: null,
  refusedTopics: [],
  otherVersion: null,
  answersVersion: null,
  owed: {},
  brakeHeld: [],
  brakeReleased: {},
};

type StoreRow = typeof Stores.$inferSelect;

const storeOf = (row: StoreRow): Store => ({
  id: row.Id,
  domain: row.Domain,
  name: row.Name,
  shopId: row.ShopifyShopId,
  active: row.IsActive,
  secretName: row.SecretName,
  settings: { ...NO_SETTINGS, ...row.Settings },
});

export const allStores = ({ db }: Connection): readonly Store[] =>
  db.select().from(Stores).orderBy(Stores.Id).all().map(storeOf);

export function activateStore(
  connection: Connection,
  { domain, secretName }: { readonly domain: string; readonly secretName: string },
): Store {
  const { db } = connection;
  const known = byDomain(connection, domain);
  if (!known) insert(connection, domain, secretName);
  else db.update(Stores).set({ SecretName: secretName }).where(eq(Stores.Id, known.Id)).run();
  const store = storeOf(byDomain(connection, domain)!);
  addSyncStates(connection, store.id);
  if (store.active && known) return store;
  if (known) reactivate(connection, store.id);
  raiseEpoch(connection, store.id);
  return { ...store, active: true };
}

const byDomain = ({ db }: Connection, domain: string) =>
  db.select().from(Stores).where(eq(Stores.Domain, domain)).get();

function insert({ db, clock }: Connection, domain: string, secretName: string): void {
  const now = clock();
  db.insert(Stores)
    .values({
      Name: domain,
      Domain: domain,
      DataType: 'shopify',
      SecretName: secretName,
      IsActive: true,
      Settings: NO_SETTINGS,
      InitialSetupCompleted: false,
      InstalledAt: now,
      CreatedAt: now,
      UpdatedAt: now,
    })
    .run();
}

/**
 * What was compared before is worth nothing after an unknown time without webhooks. Marks stay (each costs one
 * read), but not those that a census of the earlier epoch was holding: nobody would ever release them.
 */
function reactivate(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({ IsActive: true, InstalledAt: now, UninstalledAt: null, UpdatedAt: now })
    .where(eq(Stores.Id, storeId))
    .run();
  forgetProgress(connection, storeId);
  db.delete(StaleKeys)
    .where(and(eq(StaleKeys.StoreId, storeId), isNotNull(StaleKeys.HeldByRun)))
    .run();
  db.update(SyncRuns)
    .set({ State: 'failed', FinishedAt: now, Message: 'The store was activated anew.' })
    .where(and(eq(SyncRuns.StoreId, storeId), eq(SyncRuns.State, 'running')))
    .run();
}

export function deactivateStore(connection: Connection, storeId: number): void {
  const { db, clock } = connection;
  const now = clock();
  db.update(Stores)
    .set({ IsActive: false, UninstalledAt: now, UpdatedAt: now })
    .where(eq(Stores.Id, storeId))
    .run();
  raiseEpoch(connection, storeId);
}

/**
 * The shop id is kept once it is known: every refresh compares it with the answer's (R10), and must go on to
 * find the difference when the credentials lead to another shop. Nor does the domain change: deliveries name
 * it.
 */
export function recordShop(connection: Connection, storeId: number, facts: ShopFacts): void {
  change(connection, storeId, (store) => ({
    ShopifyShopId: store.ShopifyShopId ?? facts.shopId,
    Name: facts.name,
    Currency: facts.currency,
    IanaTimezone: facts.ianaTimezone,
    Plan: facts.plan,
    Settings: { ...NO_SETTINGS, ...store.Settings, scopes: facts.scopes },
  }));
}

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
