/**
 * Queues in a SQLite file, with the semantics of Azure Storage queues: a received message is not removed but
 * invisible for a while; whoever holds its pop receipt may complete it, keep it longer or give it back; who
 * dies just lets the time run out. Every claim is one atomic statement, so processes may share the file.
 *
 *     send ──▶ waiting ──receive──▶ leased ──complete──▶ gone
 *                ▲                   │  │
 *                └──abandon, expiry──┘  └──poison──▶ `<queue>-poison` ──(the tick)──▶ waiting
 *
 * Unlike Azure's, messages never expire here, and their text is stored as it is (no base64).
 */

import { randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { createFileClock, type FileClock, plainClock } from '../../db/sqlite/file-clock.ts';
import { Reject, Transient } from '../../src/failures.ts';
import type { Message, Poisoned, Queues } from '../../src/queues.ts';
import { openFile, transact } from './file.ts';

/** A message in somebody's hands, until `visibleAt`. */
export interface ReceivedMessage {
  readonly id: string;
  readonly queue: string;
  readonly popReceipt: string;
  readonly text: string;
  /** 1 at the first try. */
  readonly dequeueCount: number;
  readonly insertedAt: number;
  readonly visibleAt: number;
}

interface PendingSend {
  readonly queue: string;
  readonly text: string;
  readonly delayMs: number;
  readonly resolve: () => void;
  readonly reject: (failure: Transient) => void;
}

/** Azure's limit is 64 KiB after base64, which adds a third. What is too large there is too large here. */
const TEXT_BYTES_MAX = 48 * 1024;
const POISON_VISIBILITY_MS = 60_000;

const poisonOf = (queue: string) => `${queue}-poison`;

export interface QueuesOptions {
  /** Whole milliseconds; only compared with itself and with that of processes sharing the file. */
  readonly clock?: () => number;
  /** With it the clock of the file never goes back, whatever becomes of `clock`. */
  readonly monotonic?: () => number;
  readonly busyTimeoutMs?: number;
}

/** Throws when the file cannot be opened. `file` may be `:memory:`. */
export function openQueues(file: string, options: QueuesOptions = {}): SqliteQueues {
  const { clock = Date.now, monotonic, busyTimeoutMs = 5_000 } = options;
  const fileClock = monotonic ? createFileClock({ clock, monotonic, forward: 'at once' }) : plainClock(clock);
  return new SqliteQueues(openFile(file, busyTimeoutMs), fileClock);
}

export class SqliteQueues implements Queues {
  readonly database: DatabaseSync;
  readonly clock: () => number;
  readonly #fileClock: FileClock;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #wakers = new Map<string, Set<() => void>>();
  #pending: PendingSend[] = [];

  constructor(database: DatabaseSync, fileClock: FileClock) {
    this.database = database;
    this.#fileClock = fileClock;
    this.clock = fileClock.now;
    fileClock.hear(database);
    this.#statements = prepare(database);
  }

  /**
   * Resolves when the message is committed; rejects with a `Transient` when it could not be. Sends of the same
   * turn of the event loop share one transaction: under load a commit costs less per message, not more.
   */
  async send(queue: string, message: Message, options: { readonly delayMs?: number } = {}): Promise<void> {
    await this.sendText(queue, JSON.stringify(message), options.delayMs);
  }

  /** Like `send`, for text that is already serialised (a queue output binding). */
  sendText(queue: string, text: string, delayMs = 0): Promise<void> {
    if (Buffer.byteLength(text) > TEXT_BYTES_MAX)
      return Promise.reject(
        new Reject(
          `A message for "${queue}" is over 48 KiB, which Azure refuses. Send a reference, not the data.`,
        ),
      );
    return new Promise((resolve, reject) => {
      this.#pending.push({ queue, text, delayMs, resolve, reject });
      if (this.#pending.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const group = this.#pending;
    this.#pending = [];
    if (group.length === 0) return;
    try {
      transact(this.database, () => {
        this.#fileClock.meet(this.database);
        const now = this.clock();
        for (const { queue, text, delayMs } of group)
          this.#statements.insert.run(queue, text, Math.ceil(now + delayMs), now);
      });
    } catch (cause) {
      // Whatever the database's reason, the message is not durable, and the sender has to answer as much.
      const failure = new Transient('The queue file did not take the message; it has to be sent again.', {
        cause,
      });
      for (const { reject } of group) reject(failure);
      return;
    }
    for (const { resolve } of group) resolve();
    for (const queue of new Set(group.map((send) => send.queue))) this.#wake(queue);
  }

  /** Claims up to `max` visible messages for `visibilityMs`. */
  receive(queue: string, max: number, visibilityMs: number): ReceivedMessage[] {
    const now = this.clock();
    // An empty queue is looked at without taking the write lock, or idle processes would disturb each other.
    if ((this.nextVisibleAt(queue) ?? Number.POSITIVE_INFINITY) > now) return [];
    const popReceipt = randomUUID();
    const rows = transact(this.database, () =>
      this.#statements.claim.all(Math.ceil(now + visibilityMs), popReceipt, queue, now, max),
    );
    return rows.map((row) => received(queue, popReceipt, row)).sort((a, b) => Number(a.id) - Number(b.id));
  }

  /** Done. False = the lease was lost meanwhile and somebody else has, or had, the message. */
  complete(message: ReceivedMessage): boolean {
    return this.#statements.remove.run(Number(message.id), message.popReceipt).changes === 1;
  }

  /** Back to the queue, visible after `delayMs`. */
  abandon(message: ReceivedMessage, delayMs: number): boolean {
    const done = this.renew(message, delayMs);
    if (done) this.#wake(message.queue);
    return done;
  }

  /** Keeps the message invisible for `visibilityMs` from now. */
  renew(message: ReceivedMessage, visibilityMs: number): boolean {
    const until = Math.ceil(this.clock() + visibilityMs);
    return this.#statements.postpone.run(until, Number(message.id), message.popReceipt).changes === 1;
  }

  /** To `<queue>-poison`. */
  poison(message: ReceivedMessage): boolean {
    const { id, popReceipt, queue } = message;
    return this.#statements.move.run(poisonOf(queue), this.clock(), Number(id), popReceipt).changes === 1;
  }

  async poisoned(queue: string, limit: number): Promise<readonly Poisoned[]> {
    return this.receive(poisonOf(queue), limit, POISON_VISIBILITY_MS).map((message) => ({
      text: message.text,
      remove: async () => void this.complete(message),
      hide: async (ms) => void this.renew(message, ms),
    }));
  }

  /** All messages of the queue: waiting, delayed and leased. */
  length(queue: string): number {
    return Number(this.#statements.count.get(queue)?.['n'] ?? 0);
  }

  poisonLength(queue: string): number {
    return this.length(poisonOf(queue));
  }

  /** When the next message is, or was, to be seen; leased ones count with the end of their lease. */
  nextVisibleAt(queue: string): number | undefined {
    const row = this.#statements.next.get(queue);
    return row && Number(row['VisibleAt']);
  }

  /** True while a message is to be received, or a send is not committed yet. */
  busy(queue: string): boolean {
    return (
      this.#pending.length > 0 || (this.nextVisibleAt(queue) ?? Number.POSITIVE_INFINITY) <= this.clock()
    );
  }

  /** `wake` is called after every commit of this object that may concern `queue`. Returns the way to end it. */
  onMessage(queue: string, wake: () => void): () => void {
    const wakers = this.#wakers.get(queue) ?? new Set();
    this.#wakers.set(queue, wakers.add(wake));
    return () => wakers.delete(wake);
  }

  #wake(queue: string): void {
    for (const wake of this.#wakers.get(queue) ?? []) wake();
  }

  /** What was sent and not committed is committed first. A send after this is refused. */
  close(): void {
    this.#flush();
    if (this.database.isOpen) this.database.close();
  }
}

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare('INSERT INTO Messages (Queue, Text, VisibleAt, InsertedAt) VALUES (?, ?, ?, ?)'),
    claim: database.prepare(`
      UPDATE Messages SET VisibleAt = ?, PopReceipt = ?, DequeueCount = DequeueCount + 1
      WHERE Id IN (SELECT Id FROM Messages WHERE Queue = ? AND VisibleAt <= ? ORDER BY VisibleAt, Id LIMIT ?)
      RETURNING Id, Text, DequeueCount, InsertedAt, VisibleAt`),
    remove: database.prepare('DELETE FROM Messages WHERE Id = ? AND PopReceipt = ?'),
    postpone: database.prepare('UPDATE Messages SET VisibleAt = ? WHERE Id = ? AND PopReceipt = ?'),
    move: database.prepare(`
      UPDATE Messages SET Queue = ?, VisibleAt = ?, PopReceipt = NULL WHERE Id = ? AND PopReceipt = ?`),
    count: database.prepare('SELECT COUNT(*) AS n FROM Messages WHERE Queue = ?'),
    next: database.prepare('SELECT VisibleAt FROM Messages WHERE Queue = ? ORDER BY VisibleAt LIMIT 1'),
  };
}

function received(queue: string, popReceipt: string, row: Record<string, SQLOutputValue>): ReceivedMessage {
  return {
    id: String(row['Id']),
    queue,
    popReceipt,
    text: String(row['Text']),
    dequeueCount: Number(row['DequeueCount']),
    insertedAt: Number(row['InsertedAt']),
    visibleAt: Number(row['VisibleAt']),
  };
}
