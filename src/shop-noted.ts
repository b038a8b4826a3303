import type { Database } from './database.ts';
import { afterScopesRead } from './denial.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from './entities/registry.ts';
import { isOpenedBy } from './lack.ts';
import type { Service } from './service.ts';
import type { ShopFacts, Store, StoreSettings } from './store.ts';

/**
 * What Shopify says of the shop is noted here, whoever asked: the hourly upkeep, or a burial that wants to be sure of what
 * the app may see. A scope that is new opens columns and objects whose heads never move: their entities owe a content
 * census. The debt is written in the transaction that notes the scope, and stands until the census is enqueued, so that
 * nobody can die in between and leave it unpaid.
 */
export async function noteShop(
  database: Pick<Database, 'stores' | 'recordShop'>,
  storeId: number,
  facts: ShopFacts,
): Promise<void> {
  // What is remembered of the store may be older than what somebody else has noted.
  const present = (await database.stores()).find(({ id }) => id === storeId);
  await database.recordShop(storeId, facts, present ? changesOf(present, facts) : {});
}

function changesOf({ settings }: Store, facts: ShopFacts): Partial<StoreSettings> {
  const added = facts.scopes.filter((scope) => !settings.scopes.includes(scope));
  const haveChanged = added.length > 0 || facts.scopes.length !== settings.scopes.length;
  // What was denied under other scopes may be allowed under these.
  const denied = afterScopesRead(settings.denied, haveChanged);
  // Before its scopes were ever noted nothing was mirrored with fewer.
  const noted = { denied, scopesReadAt: facts.sentAt };
  if (settings.scopes.length === 0 || !haveChanged) return noted;
  const opened = ENTITY_NAMES.filter((name) => isOpenedBy(entityOf(name), added));
  const owed = opened.map((name) => [name, (settings.contentOwed[name] ?? 0) + 1]);
  return { ...noted, contentOwed: { ...settings.contentOwed, ...Object.fromEntries(owed) } };
}

/** Longer than anybody goes on reading with the scopes that he remembers: a slice of refreshing, and a little. */
const PAID_AFTER_MS = 60_000;

/** Enqueues the content censuses that the store owes: by the tick, whoever noticed the scope. */
export async function payContent(
  { database, queues }: Pick<Service, 'database' | 'queues'>,
  store: Store,
): Promise<void> {
  const { contentOwed, contentPaid } = store.settings;
  const paid: Record<string, number> = {};
  for (const entity of ENTITY_NAMES) {
    const owed = contentOwed[entity] ?? 0;
    if (owed <= (contentPaid[entity] ?? 0) || !(await isPayable(database, store.id, entity))) continue;
    const work = { storeId: store.id, entity, kind: 'content' };
    await queues.send('sweeps', work, { delayMs: PAID_AFTER_MS });
    paid[entity] = owed;
  }
  if (Object.keys(paid).length > 0)
    await database.updateSettings(store.id, { contentPaid: { ...contentPaid, ...paid } });
}

/** While the entity waits for its first mirror, which reads everything whole, nothing can be caught up. */
async function isPayable(database: Database, storeId: number, entity: EntityName): Promise<boolean> {
  return (await database.syncState(storeId, entity)).watermark !== null;
}
