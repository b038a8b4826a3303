import type { Config } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import type { Alarm } from '../src/deadline.ts';
import { createDirectory } from '../src/directory.ts';
import { createDoorbells } from '../src/doorbell.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { createGate } from '../src/gate.ts';
import type { Log } from '../src/log.ts';
import { createOutbox } from '../src/outbox.ts';
import type { Queues } from '../src/queues.ts';
import type { Secrets } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import { type AdminApi, createAdminApi, WAIT_MAX_MS } from '../src/shopify/admin.ts';
import { observedFetch } from '../src/shopify/observed.ts';
import { createOverheard } from '../src/shopify/overheard.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { createShopClock, type Jump } from '../src/shopify/shop-clock.ts';
import { createTokenSource } from '../src/shopify/token.ts';
import type { Addressed } from '../src/store.ts';
import { createPrivacyKey } from '../src/suppression.ts';
import type { Telemetry } from '../src/telemetry.ts';
import { wipingRefusals } from '../src/uninstalled.ts';
import type { Vault } from '../src/vault.ts';
import { openEventGrid } from './event-grid.ts';
import { openExportDirectory } from './export-directory.ts';
import { secretsOf, vaultOf } from './secrets.ts';

/**
 * The one place where the parts of a process are put together. A door brings what differs: the database, the
 * queues, and (in tests) time, chance and the network.
 */
export interface Outside {
  readonly database: Database;
  readonly queues: Queues;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly clock: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly alarm: Alarm;
  readonly random: () => number;
  readonly nonce: () => string;
  readonly fetch: typeof fetch;
  /** Instead of the configured one. */
  readonly vault?: Vault;
}

export function assemble(config: Config, outside: Outside): Service {
  const { clock, monotonic, database, queues } = outside;
  const secrets = secretsOf(config, outside.vault ?? vaultOf(config, clock), outside);
  const privacyKey = config.privacyKey && createPrivacyKey(config.privacyKey);
  const originOf = (domain: string) => config.shopifyOrigin.replace('{shop}', domain);
  return {
    ...outside,
    secrets,
    originOf,
    timing: config.timing,
    directory: createDirectory({ database: async () => database, monotonic }),
    doorbells: createDoorbells({ queues, monotonic }),
    gate: createGate(config.storesAtOnce),
    batches: new Map(),
    outbox:
      config.eventTopic &&
      createOutbox({ ...outside, topic: openEventGrid(config.eventTopic, config.identity) }),
    webhookUrl: config.webhookUrl,
    configuredStores: config.stores,
    privacyKey: async () => privacyKey,
    exports: config.exportDir === null ? null : openExportDirectory(config.exportDir),
    adminOf: wipingRefusals(database, clientsPerStore(config, originOf, outside, secrets)),
  };
}

/** One client for each store, name and secret, kept: its requests share one pacing and one token. */
function clientsPerStore(
  config: Config,
  originOf: Service['originOf'],
  outside: Outside,
  secrets: Secrets,
): (store: Addressed) => AdminApi {
  const { clock, monotonic, sleep } = outside;
  const clients = new Map<string, AdminApi>();
  const heard = createOverheard(outside);
  return (store) => {
    const key = `${store.id}:${store.domain}:${store.secretName}`;
    const standing = clients.get(key);
    if (standing !== undefined) return standing;
    const origin = originOf(store.domain);
    const { secretName, domain } = store;
    const observing = { ...outside, origin, storeId: store.id };
    const client = createAdminApi({
      ...observing,
      heard,
      pacing: createPacing({ monotonic, sleep, waitMaxMs: WAIT_MAX_MS }),
      shopClock: createShopClock({
        clock,
        monotonic,
        onJump: (jump) => jumped(outside, config, store, jump),
      }),
      tokens: createTokenSource({
        ...observing,
        fetch: observedFetch(observing, outside.fetch),
        secrets,
        secretName,
        domain,
      }),
    });
    clients.set(key, client);
    return client;
  };
}

/**
 * Shopify's time turned out to have been ahead, further than a sweep looks back: what was compared until then may stand
 * behind a watermark that came too early. A census compares everything; where it cannot be asked for, the next night's is.
 */
function jumped(
  { log, queues }: Outside,
  { timing }: Config,
  { id: storeId, domain }: Addressed,
  { byMs, believed, from }: Jump,
): void {
  log(believed ? 'shopClockMoved' : 'shopClockDoubted', { StoreId: storeId, Domain: domain, JumpMs: byMs });
  if (!believed || from === 'machine' || byMs > -timing.overlapMs) return;
  for (const entity of ENTITY_NAMES)
    queues.send('sweeps', { storeId, entity, kind: 'census' }).catch(() => {});
}
