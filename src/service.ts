import type { Clock, Monotonic, Nonce, Timing } from './clock.ts';
import type { Database } from './database.ts';
import type { Alarm } from './deadline.ts';
import type { Directory } from './directory.ts';
import type { Doorbells } from './doorbell.ts';
import type { Exports } from './exports.ts';
import type { Gate } from './gate.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';
import type { Queues } from './queues.ts';
import type { AdminApi } from './shopify/admin.ts';
import type { Addressed } from './store.ts';
import type { PrivacyKey } from './suppression.ts';
import type { Telemetry } from './telemetry.ts';
import type { VaultSecrets } from './vault-secrets.ts';

/**
 * Everything the stages need, assembled once per process by a door (the Azure entry, the local host, a test).
 * Stages name the part of it that they use: `Pick<Service, 'database' | 'clock'>`.
 */
export interface Service {
  readonly database: Database;
  readonly queues: Queues;
  readonly secrets: VaultSecrets;
  readonly directory: Directory;
  readonly doorbells: Doorbells;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Measures durations: whatever waits within this process goes by it. */
  readonly monotonic: Monotonic;
  readonly nonce: Nonce;
  readonly timing: Timing;
  /** Sends change events; null where no topic is configured. */
  readonly outbox: Outbox | null;
  readonly alarm: Alarm;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly sleep: (ms: number) => Promise<void>;
  readonly fetch: typeof fetch;
  /** Where a store's Admin API and its token endpoint are, for its domain. */
  readonly originOf: (domain: string) => string;
  /** One client per store, so that all its requests share one pacing and one token. */
  readonly adminOf: (store: Addressed) => AdminApi;
  /** Hashes erased people. Null where none is configured: then nobody can be erased. */
  readonly privacyKey: () => Promise<PrivacyKey | null>;
  /** Where answers to data requests are put; null where no place is configured. */
  readonly exports: Exports | null;
  /** Learned batch sizes, see `RefreshDeps`. */
  readonly batches: Map<string, number>;
  /** Where Shopify delivers to; null when this installation cannot be reached from outside. */
  readonly webhookUrl: string | null;
  /** Stores named by the configuration: connected if they are not yet. */
  readonly configuredStores: readonly { readonly domain: string; readonly secretName: string }[];
}
