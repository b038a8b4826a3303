import { ENTITY_NAMES, type EntityName } from './entities/registry.ts';
import type { GapCause } from './gap.ts';
import type { RunKind } from './run.ts';

/**
 * What is measured, by the names that dashboards and alerts know. A counter adds up, a timer spreads milliseconds, a
 * gauge tells how something stands. Each one lists the dimensions it is split by, and the type of a measurement asks
 * for exactly those: ids of stores and words of ours, nothing that a person could be found by (R12), and nothing that
 * a stranger could make up, for every new value is a time series that somebody pays for.
 */
export interface Dimensions {
  /** Null where the sender is not known to be one of our stores. */
  readonly StoreId: number | null;
  readonly Entity: EntityName;
  readonly Kind: RunKind;
  readonly Outcome: KeyOutcome | RunOutcome | ErrorOutcome | CallOutcome | DeliveryOutcome;
  readonly Reason: Refusal;
  readonly Cause: Exclude<GapCause, 'in flight'> | 'not yet known';
  /** A topic that we subscribe to; whatever else was signed is `unknown`. */
  readonly Topic: string;
  /** Name of one of our GraphQL operations. */
  readonly Operation: string;
}

export type KeyOutcome = 'written' | 'unchanged' | 'deleted';
export type RunOutcome = 'succeeded' | 'held';
/** One record parked, or a whole slice that ended early: for a while, until somebody acts, or by a bug. */
export type ErrorOutcome = 'rejected' | 'transient' | 'attention' | 'bug';
export type CallOutcome = 'answered' | 'throttled' | 'transient' | 'attention' | 'rejected' | 'bug';
export type DeliveryOutcome = 'accepted' | 'ignored' | 'inactive';
export type Refusal =
  | 'too large'
  | 'no body'
  | 'unsigned'
  | 'no topic'
  | 'wrong signature'
  | 'unknown store'
  | 'invalid JSON'
  | 'not a body of its topic'
  | 'a body of another shop'
  | 'not durable';

export interface Metric {
  readonly kind: 'counter' | 'timer' | 'gauge';
  readonly unit: string;
  readonly means: string;
  readonly by: readonly (keyof Dimensions)[];
}

const PER_ENTITY = {
  ProcessedCount: {
    kind: 'counter',
    unit: '{key}',
    means: 'keys that were read and committed',
    by: ['StoreId', 'Outcome'],
  },
  Duration: {
    kind: 'timer',
    unit: 'ms',
    means: 'a batch of a refresh from its first request to its commit; a sweep or census from start to end',
    by: ['StoreId', 'Kind', 'Outcome'],
  },
  ErrorCount: {
    kind: 'counter',
    unit: '{error}',
    means: 'records that were parked, and slices that ended before their time',
    by: ['StoreId', 'Kind', 'Outcome'],
  },
  Lag: {
    kind: 'timer',
    unit: 'ms',
    means: 'from the trigger that Shopify names to the commit of the row',
    by: ['StoreId'],
  },
  /** No counter: what looked unannounced may turn out to have been on its way, or late. */
  Gaps: {
    kind: 'gauge',
    unit: '{gap}',
    means:
      'changes of the latest day that a sweep or census had to find, each minute; nothing where there are none',
    by: ['StoreId', 'Cause'],
  },
} as const satisfies Readonly<Record<string, Metric>>;

const OVERALL = {
  'ShopifyApi.RateLimitRemaining': {
    kind: 'gauge',
    unit: '{point}',
    means: 'points left in the bucket of the store, as its latest answer told',
    by: ['StoreId'],
  },
  'ShopifyApi.CallDuration': {
    kind: 'timer',
    unit: 'ms',
    means: 'one request with its answer, without the wait for points',
    by: ['StoreId', 'Operation', 'Outcome'],
  },
  'Webhook.Received': {
    kind: 'counter',
    unit: '{delivery}',
    means: 'deliveries whose signature is right and that were answered 200',
    by: ['StoreId', 'Topic', 'Outcome'],
  },
  'Webhook.Refused': {
    kind: 'counter',
    unit: '{request}',
    means: 'requests that were answered anything else',
    by: ['StoreId', 'Reason'],
  },
  'Webhook.Lag': {
    kind: 'timer',
    unit: 'ms',
    means: 'from the trigger that Shopify names to the arrival',
    by: ['StoreId', 'Topic'],
  },
  'Stale.Waiting': {
    kind: 'gauge',
    unit: '{key}',
    means: 'keys that are marked and not held by a census, each minute',
    by: ['StoreId', 'Entity'],
  },
  'Store.LastSyncAgeMinutes': {
    kind: 'gauge',
    unit: 'min',
    means: 'since the start of the latest sweep or census that came to its end, each minute',
    by: ['StoreId', 'Entity'],
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type SyncMetric = keyof typeof PER_ENTITY;
type OverallName = keyof typeof OVERALL;
type SyncName<M extends SyncMetric> = `Sync.${Capitalize<EntityName>}.${M}`;
export type MetricName = OverallName | SyncName<SyncMetric>;

type MetricOf<N extends MetricName> = N extends OverallName
  ? (typeof OVERALL)[N]
  : N extends `Sync.${string}.${infer M extends SyncMetric}`
    ? (typeof PER_ENTITY)[M]
    : never;
/** The dimensions that a measurement of this name has to give, all of them. */
export type DimensionsOf<N extends MetricName> = Pick<Dimensions, MetricOf<N>['by'][number]>;

/** `orders`, `Lag` → `Sync.Orders.Lag` */
export const syncMetric = <M extends SyncMetric>(entity: EntityName, metric: M): SyncName<M> =>
  `Sync.${capitalized(entity)}.${metric}`;

const capitalized = (entity: EntityName): Capitalize<EntityName> =>
  (entity.charAt(0).toUpperCase() + entity.slice(1)) as Capitalize<EntityName>;

const perEntity = ENTITY_NAMES.flatMap((entity) =>
  Object.entries(PER_ENTITY).map(([metric, what]) => [syncMetric(entity, metric as SyncMetric), what]),
);
export const METRICS = { ...OVERALL, ...Object.fromEntries(perEntity) } as Readonly<
  Record<MetricName, Metric>
>;

/** Shopify's trigger time stands in a header that nobody signed: a year-old or future one would spoil every average. */
const LAG_MAX_MS = 7 * 24 * 3_600_000;
export const isPlausibleLag = (ms: number): boolean => ms >= -60_000 && ms <= LAG_MAX_MS;
