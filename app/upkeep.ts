import { removeStale } from '../privacy/held-exports.ts';
import { connectStore } from '../src/connect.ts';
import { newerFieldsOf } from '../src/entities/newer-fields.ts';
import { ENTITY_NAMES, type EntityName } from '../src/entities/registry.ts';
import { NeedsAttention, Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import { forgetVersion } from '../src/shopify/overheard.ts';
import type { Store } from '../src/store.ts';
import { mendSubscriptions } from '../webhooks/subscriptions.ts';

/**
 * Hourly, and at start: every store is connected, its scopes are asked again, its webhook
 * subscriptions are mended. One store's failure is its own (R7).
 */
const EVERY_MS = 3_600_000;
/** A store that could not be reached is tried again at the next tick but nine. */
const RETRY_MS = 10 * 60_000;

const nextAt = new WeakMap<Service, Map<string, number>>();

export async function upkeep(service: Service): Promise<void> {
  const due = nextAt.get(service) ?? new Map<string, number>();
  nextAt.set(service, due);
  const now = service.clock();
  await removeStale(service);
  // Side by side: a store that cannot be reached takes minutes to find that out.
  await Promise.all(
    (await storesToKeep(service))
      .filter(({ domain }) => now >= (due.get(domain) ?? 0))
      .map(async (configured) => {
        const fine = await attend(service, configured);
        due.set(configured.domain, service.clock() + (fine ? EVERY_MS : RETRY_MS));
      }),
  );
}

/** Those that the configuration names, and those that were installed or added and are active. */
async function storesToKeep({ configuredStores, database }: Service): Promise<Service['configuredStores']> {
  const named = new Set(configuredStores.map(({ domain }) => domain));
  const added = (await database.stores()).filter(({ active, domain }) => active && !named.has(domain));
  return [...configuredStores, ...added];
}

/** Connects one store and mends its subscriptions; false when it has to be tried again. The store's status says why. */
export async function attend(
  service: Service,
  configured: Service['configuredStores'][number],
): Promise<boolean> {
  let before: Store | undefined;
  try {
    before = (await service.database.stores()).find((each) => each.domain === configured.domain);
    const store = await connectStore(service, configured);
    await forgetVersion(service, store);
    if (before?.active === false) service.log('storeResumed', { StoreId: store.id, Domain: store.domain });
    // Columns that were withheld hold nothing: no head tells, so every object is read again.
    const known = new Set(before?.settings.scopes ?? []);
    const mayMore = before !== undefined && store.settings.scopes.some((scope) => !known.has(scope));
    // Subscribed before the first mirror begins: no change falls between the two.
    const deaf = await deafness(service, store);
    if (service.webhookUrl !== null && deaf === null)
      await mendSubscriptions(service, service.adminOf(store), store, service.webhookUrl, (entities) =>
        catchUp(service, store.id, entities),
      );
    for (const entity of ENTITY_NAMES) {
      const { watermark } = await service.database.syncState(store.id, entity);
      // Nor does a head tell of values that only a newer field of the schema has.
      const seen = new Set(before?.settings.fields ?? []);
      const tellsMore = newerFieldsOf(entity).some(
        (field) => store.settings.fields.includes(field) && !seen.has(field),
      );
      const kind = watermark === null ? 'census' : mayMore || tellsMore ? 'content' : null;
      if (kind !== null) await service.queues.send('sweeps', { storeId: store.id, entity, kind });
    }
    if (deaf !== null) service.log('storeNotConnected', { Domain: store.domain, Cause: deaf.message });
    await note(service, configured.domain, deaf);
    return deaf === null;
  } catch (error) {
    if (!(error instanceof Reject || error instanceof Transient)) throw error;
    // It rests, and its status says why: that it is refused is no news.
    if (before?.active === false && error instanceof NeedsAttention) return false;
    service.log('storeNotConnected', { Domain: configured.domain, Cause: error.message });
    await note(service, configured.domain, error);
    return false;
  }
}

/**
 * A static token signs nothing. Without the secret that does, each delivery would be refused, until Shopify deletes the
 * subscriptions, which would be put up again with a census each time: so it is mirrored by sweeps alone, and says so.
 */
async function deafness({ webhookUrl, secrets }: Service, store: Store): Promise<NeedsAttention | null> {
  if (webhookUrl === null) return null;
  const { webhookSecrets } = await secrets.read(store.secretName);
  if (webhookSecrets.length > 0) return null;
  return new NeedsAttention(
    `it is mirrored by sweeps alone: add its webhookSecret (the app's API secret key) to the vault's secret ${store.secretName}, or nothing could tell its webhooks from forged ones`,
  );
}

/** Longer than it takes to create all subscriptions. */
const CATCH_UP_AFTER_MS = 60_000;

/**
 * Nothing was heard of these entities: what happened meanwhile is swept, and deletions only a census can see. It is
 * enqueued before subscriptions are mended, so that a process that dies in between does not owe it for ever.
 */
async function catchUp(
  { database, queues }: Service,
  storeId: number,
  entities: readonly EntityName[],
): Promise<void> {
  for (const entity of entities) {
    const { watermark } = await database.syncState(storeId, entity);
    if (watermark === null) continue;
    for (const kind of ['sweep', 'census'])
      await queues.send('sweeps', { storeId, entity, kind }, { delayMs: CATCH_UP_AFTER_MS });
  }
}

/** Passing trouble is worth a note only in a store that was never reached: it may have no other way to tell. */
async function note(service: Service, domain: string, failure: Error | null): Promise<void> {
  const store = (await service.database.stores()).find((each) => each.domain === domain);
  if (store === undefined || (failure instanceof Transient && store.shopId !== null)) return;
  const attention = failure?.message ?? null;
  if (store.settings.attention === attention) return;
  await service.database.updateSettings(store.id, { attention });
  service.directory.forget();
}
