import { z } from 'zod';
import { whats } from '../../simulator/changes.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { QUEUE_NAMES } from '../../src/queues.ts';
import { CRASH_POINTS, SITES } from './crash-points.ts';
import { API_FAULTS, DELIVERY_FAULTS, SPOILERS } from './faults.ts';

/**
 * A run as data: a small world and a list of steps. Whatever is left to chance inside a step has a seed of its own,
 * so that taking one step out leaves the others what they were, and a failure can be shrunk and pasted.
 */
const instance = z.union([z.literal(0), z.literal(1)]);

/** What goes wrong in one step, once. `after` crossings of the place go well before. */
export const trouble = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('crash'), at: z.enum(CRASH_POINTS), after: z.int().optional() }),
  z.object({ kind: z.literal('pause'), at: z.enum(SITES), after: z.int().optional() }),
  z.object({ kind: z.literal('api'), fault: z.enum(API_FAULTS), times: z.int(), after: z.int().optional() }),
  z.object({
    kind: z.literal('spoil'),
    fault: z.enum(SPOILERS),
    seed: z.int(),
    times: z.int(),
    after: z.int().optional(),
  }),
  z.object({ kind: z.literal('database'), operation: z.string(), when: z.enum(['before', 'after']) }),
  z.object({ kind: z.literal('queue') }),
]);
export type Trouble = z.output<typeof trouble>;

/** How far each request of the step is behind; the last one holds for the rest. */
const lag = z.object({ replicaMs: z.array(z.int()), indexMs: z.int() });
export type Lag = z.output<typeof lag>;

export const SCOPES = [
  'read_customers',
  'read_customer_merge',
  'read_orders',
  'read_all_orders',
  'read_products',
] as const;

export const step = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('change'),
    seed: z.int(),
    what: z.enum(whats).optional(),
    deliveries: z.enum(DELIVERY_FAULTS).optional(),
  }),
  z.object({ do: z.literal('pass'), ms: z.int() }),
  /** Shopify sends what is due to one of the instances. */
  z.object({ do: z.literal('deliver'), by: instance, trouble: trouble.optional() }),
  /** One of the visible messages of a queue is taken and worked off, `count` times. */
  z.object({
    do: z.literal('work'),
    by: instance,
    queue: z.enum(QUEUE_NAMES),
    pick: z.int(),
    count: z.int().optional(),
    lag: lag.optional(),
    trouble: trouble.optional(),
  }),
  /** An instance that was held up goes on. */
  z.object({ do: z.literal('resume'), pick: z.int(), lag: lag.optional(), trouble: trouble.optional() }),
  z.object({
    do: z.literal('detect'),
    detector: z.enum(['sweep', 'census', 'content']),
    entity: z.enum(ENTITY_NAMES),
  }),
  z.object({ do: z.literal('tick'), by: instance, trouble: trouble.optional() }),
  z.object({ do: z.literal('omit'), seed: z.int() }),
  /** Shopify asks for the erasure of a customer, and goes on telling of them. */
  z.object({ do: z.literal('erase'), seed: z.int() }),
  /** The clock of one process is set. */
  z.object({ do: z.literal('clock'), of: instance, ms: z.int() }),
  /** The store's tokens work no longer, or again; `told` says so by a delivery. */
  z.object({ do: z.literal('access'), granted: z.boolean(), told: z.boolean().optional() }),
  z.object({ do: z.literal('scope'), scope: z.enum(SCOPES), granted: z.boolean() }),
  /** By an operator. */
  z.object({ do: z.literal('store'), is: z.enum(['paused', 'resumed']) }),
  z.object({ do: z.literal('release') }),
  /** The shop gets another domain; with `corrected` the configuration is told, and the processes start anew. */
  z.object({ do: z.literal('rename'), corrected: z.boolean() }),
  /** What happens hourly for each store: it is connected, its scopes are asked, its subscriptions mended. */
  z.object({ do: z.literal('upkeep'), by: instance }),
  /** A share of the customers without orders is deleted, and no delivery tells of it. */
  z.object({ do: z.literal('vanish'), share: z.number(), seed: z.int() }),
]);
export type Step = z.output<typeof step>;

export const plan = z.object({
  seed: z.int(),
  size: z.object({ customers: z.int(), products: z.int(), orders: z.int() }),
  /** Customers beside these who never buy: enough for the brake to hold their burial. */
  crowd: z.int().optional(),
  /** How old everything is that was there before; a day. */
  agedDays: z.int().optional(),
  /** The first mirror is done before the first step; else the steps fall into it. */
  mirrored: z.boolean(),
  /** Shopify's clock minus ours, and the second instance's minus the first's. */
  shopifyAheadMs: z.int(),
  secondAheadMs: z.int(),
  /** Elements on a page of heads and of children, where Shopify would give 100 or more; null for its own. */
  pageSize: z.int().nullable(),
  steps: z.array(step),
});
export type Plan = z.output<typeof plan>;
