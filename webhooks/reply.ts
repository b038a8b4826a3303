import type { DeliveryOutcome, Refusal } from '../src/metrics.ts';
import { PRIVACY_TOPICS } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import { LIFE_CYCLE_TOPICS } from './life-cycle.ts';
import type { KnownStore } from './sender.ts';
import { WANTED_TOPICS } from './topics.ts';
import type { Delivery } from './verify.ts';

/** What the door answers to a delivery. Each answer is counted. */
export interface Reply {
  readonly status: 200 | 400 | 401 | 404 | 411 | 413 | 503;
  /** For our own log and the sender; never anything of the body. */
  readonly reason: string;
}

type Deps = Pick<Service, 'telemetry'>;

/** Refused requests are counted and not traced: anybody may knock, and spans are paid for one by one. */
export function refuse(
  { telemetry }: Deps,
  why: Refusal,
  reply: Reply,
  store: KnownStore | null = null,
): Reply {
  telemetry.measure('Webhook.Refused', 1, { StoreId: store?.id ?? null, Reason: why });
  return reply;
}

/** The answer to an authentic delivery: whether anything came of it is in the count. */
export function answer(
  { telemetry }: Deps,
  store: KnownStore,
  delivery: Delivery,
  outcome: DeliveryOutcome,
  reason: string = outcome,
): Reply {
  const by = { StoreId: store.id, Topic: topicOf(delivery) };
  telemetry.measure('Webhook.Received', 1, { ...by, Outcome: outcome });
  return { status: 200, reason };
}

const WANTED: ReadonlySet<string> = new Set([...WANTED_TOPICS, ...LIFE_CYCLE_TOPICS, ...PRIVACY_TOPICS]);

/** The topic is not signed, so that anybody who has one body may send it under any. */
export const topicOf = ({ topic }: Delivery): string => (WANTED.has(topic) ? topic : 'unknown');
