import type { EntityName } from '../entities/registry.ts';
import type { Errand } from '../errand.ts';
import type { QueueName } from '../queues.ts';
import type { RunKind } from '../run.ts';

/** What a message of the log is made of. The messages themselves are in the files beside this one. */
export const LANGUAGES = ['ja', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export type Level = 'Information' | 'Warning' | 'Error';

export type Logger =
  /** The logger of the entity: `CustomerSyncService`, `ProductSyncService`, `OrderSyncService`. */
  | 'sync'
  /** Deliveries, from the door to the mark. */
  | 'WebhookService'
  /** Change events, from the outbox to the topic. */
  | 'ChangeEventService'
  /** What people are owed: what is held of them, and its erasure. */
  | 'PrivacyService'
  /** Stores: connection, scopes, subscriptions. */
  | 'StoreService'
  /** What was asked for by hand, and what stalled. */
  | 'ReconciliationService'
  /** The process around the functions. */
  | 'HostService';

/** Every property there is. Times and durations are milliseconds here, and texts in the line. */
export interface PropertyValues {
  /** Null where only the domain is known. */
  readonly StoreId: number | null;
  readonly Domain: string;
  /** A name that the shop had before. */
  readonly Former: string;
  readonly Entity: EntityName;
  readonly Kind: RunKind;
  readonly RunId: number;
  readonly CertificateId: number;
  /** `Table.Column` of the mirror. */
  readonly Column: string;
  readonly RequestId: number;
  readonly ProcessedCount: number;
  readonly ErrorCount: number;
  readonly Rows: number;
  readonly LiveRows: number;
  readonly Duration: number;
  readonly StartTime: number;
  readonly EndTime: number;
  readonly DelayMs: number;
  /** How far a clock moved; negative: back. */
  readonly JumpMs: number;
  readonly Scope: string;
  readonly Topic: string;
  readonly Topics: string;
  readonly Function: string;
  readonly Queue: QueueName;
  readonly Errand: Errand['errand'];
  readonly Messages: number;
  readonly Events: number;
  readonly Times: number;
  /** Of the Admin API, `2026-10`. */
  readonly Version: string;
  readonly Expected: string;
  /** The name of a query, `ReadOrders`. */
  readonly Operation: string;
  /** The name of a secret in the vault, never what it holds. */
  readonly Secret: string;
  /** What a failure said. Failures speak English, and say what the operator does. */
  readonly Cause: string;
}
export type PropertyName = keyof PropertyValues;

/** `{Name}` in a text stands for that property. */
export interface Message {
  readonly level: Level;
  readonly logger: Logger;
  readonly properties: readonly PropertyName[];
  /** Both name the same properties. */
  readonly ja: string;
  readonly en: string;
}
