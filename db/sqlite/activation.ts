import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { Activation, Store } from '../../src/store.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { deleteStore } from './store-erasure.ts';
import { NO_SETTINGS, reactivate, type StoreRow, storeOf } from './stores.ts';
import { addSyncStates, raiseEpoch } from './sync-states.ts';

/**
 * A store is its shop id (R17). This is where rows of stores are made, renamed and woken, and the transaction is what
 * keeps two of them from having one shop, however many processes connect it under whatever names at once.
 */

const { PrivacyRequests, Stores } = schema;

/** Known by its name alone: a row that is not active, or the one that has, or had, the name. */
export function registerStore(connection: Connection, { domain, secretName }: Activation): Store {
  const known = byDomain(connection, domain) ?? formerly(connection, domain);
  if (known) update(connection, known.Id, { SecretName: secretName });
  else insert(connection, { domain, secretName }, false);
  return storeOf(known ? byId(connection, known.Id) : byDomain(connection, domain)!);
}

export function activateStore(connection: Connection, activation: Activation): Store {
  const { domain, secretName, shopId = null, rivals = [] } = activation;
  const named = byDomain(connection, domain);
  if (named && isOther(named, shopId)) return storeOf(named);
  const ofShop = shopId === null ? undefined : byShop(connection, shopId, domain);
  if (ofShop && ofShop.Domain !== domain && rivals.includes(ofShop.Domain)) return storeOf(ofShop);
  const known = ofShop ?? named;
  if (known) {
    if (named && named.Id !== known.Id) absorb(connection, named.Id, known.Id);
    const changed = { SecretName: secretName, ShopifyShopId: known.ShopifyShopId ?? shopId };
    update(connection, known.Id, { ...renamed(known, domain), ...changed });
  } else insert(connection, activation, true);
  const row = known ? byId(connection, known.Id) : byDomain(connection, domain)!;
  addSyncStates(connection, row.Id);
  if (row.PausedAt !== null || (known && row.IsActive)) return storeOf(row);
  if (known) wake(connection, row.Id);
  raiseEpoch(connection, row.Id);
  return storeOf(byId(connection, row.Id));
}

const isOther = ({ ShopifyShopId }: StoreRow, shopId: string | null): boolean =>
  ShopifyShopId !== null && shopId !== null && ShopifyShopId !== shopId;

const byId = ({ db }: Connection, storeId: number): StoreRow =>
  db.select().from(Stores).where(eq(Stores.Id, storeId)).get()!;

const byDomain = ({ db }: Connection, domain: string): StoreRow | undefined =>
  db.select().from(Stores).where(eq(Stores.Domain, domain)).get();

const formerly = ({ db }: Connection, domain: string): StoreRow | undefined =>
  db
    .select()
    .from(Stores)
    .where(sql`instr(${Stores.FormerDomains}, ${`"${domain}"`}) > 0`)
    .orderBy(asc(Stores.Id))
    .get();

/** Databases of earlier releases may hold a shop twice: then the one of this name, or the one that is active. */
const byShop = ({ db }: Connection, shopId: string, domain: string): StoreRow | undefined =>
  db
    .select()
    .from(Stores)
    .where(eq(Stores.ShopifyShopId, shopId))
    .orderBy(sql`${Stores.Domain} <> ${domain}`, desc(Stores.IsActive), asc(Stores.Id))
    .get();

const renamed = ({ Domain, FormerDomains }: StoreRow, domain: string): Partial<StoreRow> =>
  Domain === domain ? {} : { Domain: domain, FormerDomains: [...(FormerDomains ?? []), Domain] };

/** What a row that was known by its name alone turns out to be. It holds nothing but what people have asked. */
function absorb(connection: Connection, unreached: number, storeId: number): void {
  const known = sql`exists (select 1 from ${PrivacyRequests} k where k."StoreId" = ${storeId}
    and k."Topic" = ${PrivacyRequests.Topic} and k."Digest" = ${PrivacyRequests.Digest})`;
  connection.db
    .update(PrivacyRequests)
    .set({ StoreId: storeId })
    .where(and(eq(PrivacyRequests.StoreId, unreached), sql`not ${known}`))
    .run();
  deleteStore(connection, unreached);
}

function insert(
  { db, clock }: Connection,
  { domain, secretName, shopId }: Activation,
  active: boolean,
): void {
  const now = clock();
  db.insert(Stores)
    .values({
      Name: domain,
      Domain: domain,
      ShopifyShopId: shopId ?? null,
      DataType: 'shopify',
      SecretName: secretName,
      IsActive: active,
      Settings: NO_SETTINGS,
      InitialSetupCompleted: false,
      InstalledAt: active ? now : null,
      CreatedAt: now,
      UpdatedAt: now,
    })
    .run();
}

function update({ db }: Connection, storeId: number, change: Partial<StoreRow>): void {
  db.update(Stores).set(change).where(eq(Stores.Id, storeId)).run();
}

function wake(connection: Connection, storeId: number): void {
  reactivate(connection, storeId);
  update(connection, storeId, { RefusedAt: null, LookedAt: null, Looks: null, Unheard: null });
}
