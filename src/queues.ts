/**
 * The queues as the domain sees them: somewhere durable to put a small message, now or after a while. Who
 * receives it is a door's business. Delivery is at least once and in no particular order; every receiver
 * reads its state from the database, so a doubled or late message costs time and nothing else.
 */

/**
 * `signals`: deliveries to be marked. `refresh`: doorbells. `sweeps`: sweeps and censuses to run. `errands`: what else
 * has to be done for a store. `privacy`: compliance requests to be recorded and carried out.
 */
export const QUEUE_NAMES = ['signals', 'refresh', 'sweeps', 'errands', 'privacy'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/**
 * What a message may hold. Ids travel as strings inside an object, never as a bare number: the Functions host
 * passes queue text through `JSON.parse`.
 */
export type Message = { readonly [key: string]: unknown };

export interface Queues {
  /** Resolves once the message is durable; rejects with a `Transient` when it could not be made so. */
  send(queue: QueueName, message: Message, options?: { readonly delayMs?: number }): Promise<void>;
  /** Messages that failed too often, at most `limit`, hidden from others for a minute: poison.ts says what becomes of them. */
  poisoned(queue: QueueName, limit: number): Promise<readonly Poisoned[]>;
}

export interface Poisoned {
  readonly text: string;
  remove(): Promise<void>;
  /** Hides it for so long. */
  hide(ms: number): Promise<void>;
}
