/**
 * Feeds one queue-triggered function, `batchSize + newBatchThreshold` invocations at once at most, as in Azure.
 * (Azure asks for more only when `newBatchThreshold` or fewer are left; here any room is filled at once, because
 * a look into a file costs nothing.) A message is leased while its function works and the lease is renewed; if
 * the process dies, the lease runs out and the message returns.
 */

import type { Registered } from './app.ts';
import type { TypedData } from './contract.ts';
import type { QueueSettings } from './hostJson.ts';
import type { Invoker } from './invoker.ts';
import { describe, type Log, type LogLevel } from './log.ts';
import type { ReceivedMessage, SqliteQueues } from './queues.ts';

export interface QueueListenerOptions {
  readonly fn: Registered;
  readonly queue: string;
  readonly queues: SqliteQueues;
  readonly invoker: Invoker;
  readonly settings: QueueSettings;
  readonly leaseMs: number;
  /** How often to look for messages of other processes; our own wake us. */
  readonly pollMs: number;
  readonly log: Log;
}

const AFTER_TROUBLE_MS = 1_000;

export class QueueListener {
  readonly #options: QueueListenerOptions;
  /** The messages in work, and when each is settled. */
  readonly #held = new Map<ReceivedMessage, Promise<void>>();
  #unsubscribe: (() => void) | undefined;
  #renewals: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #woken = false;
  #stopped = false;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
  }

  start(): void {
    const { queues, queue, leaseMs } = this.#options;
    this.#unsubscribe = queues.onMessage(queue, () => this.#wake());
    // A third of the lease: one renewal may fail and the next is still in time.
    this.#renewals = setInterval(() => this.#renew(), leaseMs / 3).unref();
    this.#wake();
  }

  get busy(): boolean {
    return this.#held.size > 0 || this.#options.queues.busy(this.#options.queue);
  }

  /** No further message is taken. `settled` tells when those in work are done; their leases are kept up until `letGo`. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#poll);
    this.#unsubscribe?.();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#held.values());
  }

  letGo(): void {
    clearInterval(this.#renewals);
  }

  /** After the current turn: whoever sent the message gets its answer first. */
  #wake(): void {
    if (this.#woken || this.#stopped) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      this.#fetch();
    });
  }

  #fetch(): void {
    if (this.#stopped || this.#room === 0) return;
    clearTimeout(this.#poll);
    let waitMs = AFTER_TROUBLE_MS;
    try {
      const { queue, queues, leaseMs } = this.#options;
      const batch = queues.receive(queue, this.#room, leaseMs);
      for (const message of batch) this.#held.set(message, this.#work(message));
      waitMs = this.#waitMs();
    } catch (thrown) {
      this.#log('error', `could not receive, trying again in ${AFTER_TROUBLE_MS} ms: ${describe(thrown)}`);
    }
    if (this.#room > 0) this.#poll = setTimeout(() => this.#fetch(), waitMs);
  }

  get #room(): number {
    const { batchSize, newBatchThreshold } = this.#options.settings;
    return batchSize + newBatchThreshold - this.#held.size;
  }

  #waitMs(): number {
    const { queue, queues, pollMs } = this.#options;
    const nextMs = (queues.nextVisibleAt(queue) ?? Number.POSITIVE_INFINITY) - queues.clock();
    return Math.min(Math.max(nextMs, 1), pollMs);
  }

  async #work(message: ReceivedMessage): Promise<void> {
    const succeeded = await this.#try(message);
    try {
      this.#settle(message, succeeded);
    } catch (thrown) {
      this.#log(
        'error',
        `could not settle message ${message.id}, it returns when its lease ends: ${describe(thrown)}`,
      );
    }
    this.#held.delete(message);
    this.#wake();
  }

  async #try(message: ReceivedMessage): Promise<boolean> {
    const { fn, invoker, settings } = this.#options;
    // More tries than allowed without a verdict: it killed the process each time. It is not tried again.
    if (message.dequeueCount > settings.maxDequeueCount) return false;
    try {
      await invoker.invoke(fn, { data: { string: message.text }, metadata: metadataOf(message) });
      return true;
    } catch {
      return false;
    }
  }

  #settle(message: ReceivedMessage, succeeded: boolean): void {
    const { queues, settings } = this.#options;
    const { id, queue, dequeueCount } = message;
    const spent = !succeeded && dequeueCount >= settings.maxDequeueCount;
    const verdict = succeeded
      ? queues.complete(message)
      : spent
        ? queues.poison(message)
        : queues.abandon(message, settings.visibilityTimeoutMs);
    if (!verdict) this.#log('warning', `message ${id} was taken over before it was done; it may run twice`);
    else if (spent)
      this.#log('error', `message ${id} was tried ${dequeueCount} times and is in ${queue}-poison now`);
  }

  #renew(): void {
    try {
      for (const message of this.#held.keys()) this.#options.queues.renew(message, this.#options.leaseMs);
    } catch (thrown) {
      this.#log('warning', `could not renew leases: ${describe(thrown)}`);
    }
  }

  #log(level: LogLevel, message: string): void {
    this.#options.log({ level, category: 'host', message, functionName: this.#options.fn.name });
  }
}

/** The names are the queue extension's. As JSON, so that the library does not take an id for a number. */
function metadataOf(message: ReceivedMessage): Record<string, TypedData> {
  const values = {
    Id: message.id,
    PopReceipt: message.popReceipt,
    DequeueCount: message.dequeueCount,
    InsertionTime: new Date(message.insertedAt).toISOString(),
    NextVisibleTime: new Date(message.visibleAt).toISOString(),
    ExpirationTime: '9999-12-31T23:59:59Z',
  };
  const metadata = Object.entries(values).map(
    ([name, value]) => [name, { json: JSON.stringify(value) }] as const,
  );
  return { QueueTrigger: { string: message.text }, ...Object.fromEntries(metadata) };
}
