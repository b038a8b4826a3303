import type { Config } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import { createDirectory } from '../src/directory.ts';
import { createDoorbells } from '../src/doorbell.ts';
import { NeedsAttention } from '../src/failures.ts';
import { createGate } from '../src/gate.ts';
import type { Log } from '../src/log.ts';
import type { Queues } from '../src/queues.ts';
import type { Secrets } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import { type AdminApi, createAdminApi, WAIT_MAX_MS } from '../src/shopify/admin.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { createShopClock } from '../src/shopify/shop-clock.ts';
import { createTokenSource } from '../src/shopify/token.ts';
import type { Store } from '../src/store.ts';
import { createPrivacyKey } from '../src/suppression.ts';
import { openExportDirectory } from './export-directory.ts';

/**
 * The one place where the parts of a process are put together. A door brings what differs: the database, the
 * queues, and (in tests) time, chance and the network.
 */
export interface Outside {
  readonly database: Database;
  readonly queues: Queues;
  readonly log: Log;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly nonce: () => string;
  readonly fetch: typeof fetch;
}

export function assemble(config: Config, outside: Outside): Service {
  const { clock, database, queues } = outside;
  const secrets = environmentSecrets(config);
  const privacyKey = config.privacyKey && createPrivacyKey(config.privacyKey);
  return {
    ...outside,
    secrets,
    timing: config.timing,
    directory: createDirectory({ database: async () => database, clock }),
    doorbells: createDoorbells({ queues, clock }),
    gate: createGate(config.storesAtOnce),
    batches: new Map(),
    webhookUrl: config.webhookUrl,
    configuredStores: config.stores,
    privacyKey: async () => privacyKey,
    exports: config.exportDir === null ? null : openExportDirectory(config.exportDir),
    adminOf: clientsPerStore(config, outside, secrets),
  };
}

const environmentSecrets = (config: Config): Secrets => ({
  read: async (secretName) => {
    const credentials = config.credentials.get(secretName);
    if (credentials === undefined)
      throw new NeedsAttention(
        `no credentials named ${secretName} are configured: set them, or deactivate the store`,
      );
    return credentials;
  },
});

/** One client for each store and secret, kept: its requests share one pacing and one token. */
function clientsPerStore(config: Config, outside: Outside, secrets: Secrets): (store: Store) => AdminApi {
  const { clock, sleep } = outside;
  const clients = new Map<string, AdminApi>();
  return (store) => {
    const key = `${store.id}:${store.secretName}`;
    const standing = clients.get(key);
    if (standing !== undefined) return standing;
    const origin = config.shopifyOrigin.replace('{shop}', store.domain);
    const client = createAdminApi({
      ...outside,
      origin,
      pacing: createPacing({ clock, sleep, waitMaxMs: WAIT_MAX_MS }),
      shopClock: createShopClock({ clock }),
      tokens: createTokenSource({ ...outside, origin, secrets, secretName: store.secretName }),
    });
    clients.set(key, client);
    return client;
  };
}
