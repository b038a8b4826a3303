import { removeStale } from '../privacy/held-exports.ts';
import { catchUp } from '../src/catch-up.ts';
import { connectStore, type Named } from '../src/connect.ts';
import { newerFieldsOf } from '../src/entities/newer-fields.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { NeedsAttention, Reject, Transient } from '../src/failures.ts';
import { restStore } from '../src/rest.ts';
import type { Service } from '../src/service.ts';
import { forgetVersion } from '../src/shopify/overheard.ts';
import type { Store } from '../src/store.ts';
import { storeNamed } from '../src/store-names.ts';
import { mendSubscriptions } from '../webhooks/subscriptions.ts';
import { isGone, isOfNames, misnamed, note, noteIdentities } from './standing.ts';

/**
 * Hourly, and at start: every store is connected, its scopes are asked again, its webhook
 * subscriptions are mended. One store's failure is its own (R7).
 */
const EVERY_MS = 3_600_000;
/** A store that could not be reached is tried again at the next tick but nine. */
const RETRY_MS = 10 * 60_000;
/** A disconnected store is looked at again for ever, ever more rarely: by the database's clock, once for all processes. */
const LOOK_MS = 5 * 60_000;
const LOOK_MAX_MS = 6 * 3_600_000;

const nextAt = new WeakMap<Service, Map<string, number>>();

export async function upkeep(service: Service): Promise<void> {
  const due = nextAt.get(service) ?? new Map<string, number>();
  nextAt.set(service, due);
  await removeStale(service);
  const stores = await service.database.stores();
  await noteIdentities(service, stores);
  // Side by side: a store that cannot be reached takes minutes to find that out.
  await Promise.all(
    storesToKeep(service, stores).map(async (kept) => {
      if (!(await isDue(service, due, kept))) return;
      const fine = await attend(service, kept.named);
      due.set(kept.named.domain, service.monotonic() + (fine ? EVERY_MS : RETRY_MS));
    }),
  );
}

interface Kept {
  readonly named: Named;
  readonly isConfigured: boolean;
  readonly store: Store | null;
}

/** Those that the configuration names, and those that were installed or added. Whoever is paused is left alone. */
function storesToKeep({ configuredStores }: Service, stores: readonly Store[]): readonly Kept[] {
  const configured = configuredStores.map(
    (named): Kept => ({ named, isConfigured: true, store: storeNamed(stores, named.domain) ?? null }),
  );
  const found = new Set(configured.map(({ store }) => store?.id));
  const added = stores
    .filter(({ id }) => !found.has(id))
    .map((store): Kept => {
      const named = { domain: store.domain, secretName: store.secretName };
      return { named, isConfigured: false, store };
    });
  return [...configured, ...added].filter(({ store }) => store?.rest?.why !== 'paused');
}

async function isDue(
  { database, monotonic }: Service,
  due: Map<string, number>,
  { named, isConfigured, store }: Kept,
): Promise<boolean> {
  if (store?.rest?.why !== 'disconnected')
    return monotonic() >= (due.get(named.domain) ?? Number.NEGATIVE_INFINITY);
  // A process that has just started may have been given credentials that work.
  const isStart = isConfigured && !due.has(named.domain);
  if (isStart) due.set(named.domain, monotonic());
  const { looks } = store.rest;
  const patienceMs = Math.min(LOOK_MS * 2 ** Math.min(looks, 10), LOOK_MAX_MS);
  return await database.takeLook(store.id, isStart ? LOOK_MS : patienceMs);
}

/** Connects one store and mends its subscriptions; false when it has to be tried again. The store's status says why. */
export async function attend(service: Service, configured: Named): Promise<boolean> {
  let before: Store | undefined;
  try {
    const stores = await service.database.stores();
    before = storeNamed(stores, configured.domain);
    const store = await connectStore(service, configured);
    // It may have had another name.
    before = stores.find(({ id }) => id === store.id);
    // It is paused: nobody but an operator resumes it.
    if (!store.active) return true;
    await forgetVersion(service, store);
    if (before?.rest?.why === 'disconnected')
      service.log('storeResumed', { StoreId: store.id, Domain: store.domain });
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
      const kind = watermark === null ? 'census' : tellsMore ? 'content' : null;
      if (kind !== null) await service.queues.send('sweeps', { storeId: store.id, entity, kind });
    }
    if (deaf !== null) service.log('storeNotConnected', { Domain: store.domain, Cause: deaf.message });
    await noteIdentities(service, await service.database.stores());
    await note(service, configured, before, deaf ?? (await misnamed(service, store)));
    return deaf === null;
  } catch (error) {
    if (!(error instanceof Reject || error instanceof Transient)) throw error;
    if (before !== undefined && (await isGone(service, configured, before, error))) {
      await restStore(service, before);
      return false;
    }
    // It rests, and its status says why: that it is refused is no news.
    if (before?.rest?.why === 'disconnected' && error instanceof NeedsAttention && !isOfNames(error))
      return false;
    service.log('storeNotConnected', { Domain: configured.domain, Cause: error.message });
    await note(service, configured, before, error);
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
