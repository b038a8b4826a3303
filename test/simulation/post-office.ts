import type { Message, QueueName } from '../../src/queues.ts';

/**
 * The queues of a run, in memory: at least once, in no particular order. A received message is invisible for a while
 * and comes again unless it is completed; who picks says which of the visible ones comes first.
 */
export interface Letter {
  readonly queue: QueueName;
  readonly text: string;
  readonly receipt: number;
}

interface Stored {
  readonly queue: QueueName;
  readonly text: string;
  visibleAt: number;
  tries: number;
  receipt: number;
}

/** As in host.json, but for what a dead process held: shorter, so that it comes back within a run. */
const INVISIBLE_MS = 60_000;
const AGAIN_MS = 30_000;
const TRIES_MAX = 5;

export class PostOffice {
  /** Bugs end here. Nothing that was injected may. */
  readonly poisoned: Stored[] = [];
  #stored: Stored[] = [];
  #receipts = 0;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** A doorbell beside one that rings no later, and that nobody has taken, says nothing new: it would only cost time. */
  send(queue: QueueName, message: Message, delayMs = 0): void {
    const text = JSON.stringify(message);
    const visibleAt = this.#clock() + Math.ceil(delayMs);
    const same = (each: Stored) => each.tries === 0 && each.text === text && each.visibleAt <= visibleAt;
    if (queue === 'refresh' && this.#stored.some((each) => each.queue === queue && same(each))) return;
    this.#stored.push({ queue, text, visibleAt, tries: 0, receipt: 0 });
  }

  /** One of the visible messages, or null. `again` says that somebody had it before. */
  receive(queue: QueueName, pick: number): { readonly letter: Letter; readonly again: boolean } | null {
    const now = this.#clock();
    const visible = this.#stored.filter((each) => each.queue === queue && each.visibleAt <= now);
    const stored = visible[pick % Math.max(1, visible.length)];
    if (stored === undefined) return null;
    stored.visibleAt = now + INVISIBLE_MS;
    stored.tries++;
    stored.receipt = ++this.#receipts;
    return { letter: { queue, text: stored.text, receipt: stored.receipt }, again: stored.tries > 1 };
  }

  complete({ receipt }: Letter): void {
    this.#stored = this.#stored.filter((each) => each.receipt !== receipt);
  }

  fail({ receipt }: Letter): void {
    const stored = this.#stored.find((each) => each.receipt === receipt);
    if (stored === undefined) return;
    stored.visibleAt = this.#clock() + AGAIN_MS;
    if (stored.tries < TRIES_MAX) return;
    this.poisoned.push(stored);
    this.complete({ ...stored });
  }

  get length(): number {
    return this.#stored.length;
  }

  texts(queue: QueueName): readonly string[] {
    return this.#stored.filter((each) => each.queue === queue).map(({ text }) => text);
  }

  get nextVisibleAt(): number | null {
    return this.#stored.length === 0 ? null : Math.min(...this.#stored.map(({ visibleAt }) => visibleAt));
  }
}
