import { and, count, eq, isNotNull, lt, sql } from 'drizzle-orm';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import type { ShopFacts, Store, StoreSettings } from '../../src/store.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

const { StaleKeys, Stores, SyncRuns, SyncStates } = schema;

const NO_SETTINGS: StoreSettings = {
  scopes: [],
  attention: null,
  withheld: [],
  brakeHeld: [],
  brakeReleased: [],
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

/** Stores are few and seldom written: their statements are built when they are needed. */
export function stores({ db, clock }: Connection) {
  const byDomain = (domain: string) => db.select().from(Stores).where(eq(Stores.Domain, domain)).get();

  const insert = (domain: string, secretName: string): void => {
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
  };

  const reactivate = (storeId: number): void => {
    const now = clock();
    db.update(Stores)
      .set({ IsActive: true, InstalledAt: now, UninstalledAt: null, UpdatedAt: now })
      .where(eq(Stores.Id, storeId))
      .run();
    startAnew(storeId);
  };

  /**
   * What was compared before is worth nothing after an unknown time without webhooks. Marks stay (each costs
   * one read), but not those that a census of the earlier epoch was holding: nobody would ever release them.
   */
  const startAnew = (storeId: number): void => {
    const now = clock();
    db.update(SyncStates)
      .set({
        Watermark: null,
        LastSweepAt: null,
        LastDeepSweepAt: null,
        LastCensusAt: null,
        CensusPosition: null,
      })
      .where(eq(SyncStates.StoreId, storeId))
      .run();
    db.delete(StaleKeys)
      .where(and(eq(StaleKeys.StoreId, storeId), isNotNull(StaleKeys.HeldByRun)))
      .run();
    db.update(SyncRuns)
      .set({ State: 'failed', FinishedAt: now, Message: 'The store was activated anew.' })
      .where(and(eq(SyncRuns.StoreId, storeId), eq(SyncRuns.State, 'running')))
      .run();
  };

  /** Raises the epoch and takes all leases away, so that whoever works on the store is fenced from now on. */
  const raiseEpoch = (storeId: number): void => {
    db.update(SyncStates)
      .set({
        Epoch: sql`${SyncStates.Epoch} + 1`,
        RefreshLeaseToken: null,
        RefreshLeaseUntil: null,
        SweepLeaseToken: null,
        SweepLeaseUntil: null,
        CensusLeaseToken: null,
        CensusLeaseUntil: null,
      })
      .where(eq(SyncStates.StoreId, storeId))
      .run();
  };

  /** Changes a row by what it says, under the transaction's lock. */
  const change = (storeId: number, to: (store: StoreRow) => Partial<typeof Stores.$inferInsert>): void => {
    const ofStore = eq(Stores.Id, storeId);
    const store = db.select().from(Stores).where(ofStore).all()[0];
    if (!store) throw new Error(`There is no store ${storeId}.`);
    db.update(Stores)
      .set({ ...to(store), UpdatedAt: clock() })
      .where(ofStore)
      .run();
  };

  const addSyncStates = (storeId: number): void => {
    db.insert(SyncStates)
      .values(ENTITY_NAMES.map((entity) => ({ StoreId: storeId, Entity: entity, Epoch: 0 })))
      .onConflictDoNothing()
      .run();
  };

  return {
    stores: (): readonly Store[] => db.select().from(Stores).orderBy(Stores.Id).all().map(storeOf),

    activateStore({ domain, secretName }: { readonly domain: string; readonly secretName: string }): Store {
      const known = byDomain(domain);
      if (!known) insert(domain, secretName);
      else db.update(Stores).set({ SecretName: secretName }).where(eq(Stores.Id, known.Id)).run();
      const store = storeOf(byDomain(domain)!);
      addSyncStates(store.id);
      if (store.active && known) return store;
      if (known) reactivate(store.id);
      raiseEpoch(store.id);
      return { ...store, active: true };
    },

    deactivateStore(storeId: number): void {
      const now = clock();
      db.update(Stores)
        .set({ IsActive: false, UninstalledAt: now, UpdatedAt: now })
        .where(eq(Stores.Id, storeId))
        .run();
      raiseEpoch(storeId);
    },

    /**
     * The shop id is kept once it is known: every refresh compares it with the answer's (R10), and must go on
     * to find the difference when the credentials lead to another shop. Nor does the domain change:
     * deliveries name it.
     */
    recordShop(storeId: number, facts: ShopFacts): void {
      change(storeId, (store) => ({
        ShopifyShopId: store.ShopifyShopId ?? facts.shopId,
        Name: facts.name,
        Currency: facts.currency,
        IanaTimezone: facts.ianaTimezone,
        Plan: facts.plan,
        Settings: { ...NO_SETTINGS, ...store.Settings, scopes: facts.scopes },
      }));
    },

    updateSettings(storeId: number, settings: Partial<StoreSettings>): void {
      change(storeId, (store) => ({ Settings: { ...NO_SETTINGS, ...store.Settings, ...settings } }));
    },

    /** Stores that were activated before an entity was added: they have no place for it to stand in yet. */
    withoutSyncState: (): readonly number[] =>
      db
        .select({ id: Stores.Id })
        .from(Stores)
        .leftJoin(SyncStates, eq(SyncStates.StoreId, Stores.Id))
        .groupBy(Stores.Id)
        .having(lt(count(SyncStates.Entity), ENTITY_NAMES.length))
        .all()
        .map(({ id }) => id),

    addSyncStates,
  };
}
