/**
 * Brings webhooks to whoever subscribed, as reliably as Shopify does: not very. It keeps an agenda of what is
 * to be sent when; `pump` sends what is due by the shop's clock, so that with a virtual clock four hours of
 * retries pass in no time.
 *
 *   announce → (lost?) → agenda ⇄ pump → 2xx: done
 *                           ↑        └→ else: eight more tries, same body → the subscription is deleted
 */
import type { WebhookSubscription } from '../profile.ts';
import { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { Agenda } from './agenda.ts';
import { bodyOf, type Delivery, headersOf, nanosecondText, type Send, sendByFetch } from './delivery.ts';
import { type CourierFaults, noFaults } from './faults.ts';
import { RETRIES_MAX, retryDelayMs } from './retries.ts';
import { enumName } from './topics.ts';

export interface CourierOptions {
  readonly shop: Shop;
  readonly seed: number | string;
  readonly clock: () => number;
  readonly send?: Send;
}

/** Counts since the courier was made; `pending` is what is still to be sent. */
export interface CourierStats {
  announced: number;
  sent: number;
  delivered: number;
  failed: number;
  givenUp: number;
  subscriptionsDeleted: number;
  lost: number;
  doubled: number;
  late: number;
  reordered: number;
  forged: number;
}

interface Announcement {
  readonly topic: string;
  readonly payload: object;
  readonly subscription: WebhookSubscription;
  readonly eventId: string;
}

/** What the app is told without a subscription is sent as if it had one, which cannot be deleted. */
const standingIn = (id: string, topic: string, uri: string): WebhookSubscription => ({
  __typename: 'WebhookSubscription',
  ...{ id, topic, uri, name: null, includeFields: [], filter: null, createdAt: 0, updatedAt: 0 },
});

const PARALLEL_MAX = 32;

export class Courier {
  faults: CourierFaults = noFaults();
  readonly #options: CourierOptions;
  readonly #random: Random;
  readonly #send: Send;
  readonly #agenda = new Agenda<Delivery>();
  readonly #ready: (() => Promise<void>)[] = [];
  #sending = 0;
  /** When a subscription was last answered with 2xx. */
  readonly #answeredAt = new Map<string, number>();
  readonly #counts: CourierStats = {
    announced: 0,
    sent: 0,
    delivered: 0,
    failed: 0,
    givenUp: 0,
    subscriptionsDeleted: 0,
    lost: 0,
    doubled: 0,
    late: 0,
    reordered: 0,
    forged: 0,
  };

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#random = new Random(`${options.seed}/courier/${options.shop.profile.domain}`);
    this.#send = options.send ?? sendByFetch;
  }

  get stats(): CourierStats & { readonly pending: number } {
    return { ...this.#counts, pending: this.#agenda.size };
  }

  /** When `pump` has something to do next; null when nothing is left. */
  get nextDueAt(): number | null {
    return this.#agenda.nextDueAt;
  }

  /** Something happened. Deliveries of one event share its id; without one it is an event of its own. */
  announce(topic: string, payload: object, eventId: string = this.#random.uuid()): void {
    const name = enumName(topic);
    const now = this.#options.clock();
    // Filters are not evaluated: one is taken for one that names a field which is not there, and suppresses all.
    for (const subscription of this.#options.shop.subscriptions.values())
      if (subscription.topic === name && subscription.filter === null)
        this.#address({ topic, payload, subscription, eventId }, now);
  }

  notify(topic: string, payload: object, uri: string): void {
    const id = `app/${this.#random.uuid()}`;
    const now = this.#options.clock();
    this.#address(
      { topic, payload, subscription: standingIn(id, enumName(topic), uri), eventId: this.#random.uuid() },
      now,
    );
  }

  #address({ topic, payload, subscription, eventId }: Announcement, now: number): void {
    this.#counts.announced += 1;
    this.#dispatch({
      topic,
      subscription,
      body: bodyOf(payload, subscription),
      webhookId: this.#random.uuid(),
      eventId,
      triggeredAt: nanosecondText(now, this.#random.between(0, 999_999)),
      forged: false,
      attempts: 0,
      firstDueAt: now,
    });
  }

  /** Sends everything that is due by now and waits for the answers. Never throws. */
  async pump(): Promise<void> {
    const due = this.#agenda.takeDue(this.#options.clock());
    await Promise.all(due.map((delivery) => this.#inTurn(() => this.#deliver(delivery))));
  }

  #dispatch(delivery: Delivery): void {
    const { faults } = this;
    const random = this.#random;
    const now = delivery.firstDueAt;
    if (this.#strikes('forged'))
      this.#agenda.add(now, { ...delivery, webhookId: random.uuid(), forged: true });
    if (this.#strikes('lost')) return;
    const held = this.#strikes('reordered') ? random.between(1, Math.max(1, faults.reorderedMs)) : 0;
    const dueAt = now + held + (this.#strikes('late') ? faults.lateMs : 0);
    this.#agenda.add(dueAt, { ...delivery, firstDueAt: dueAt });
    if (!this.#strikes('doubled')) return;
    const again = dueAt + random.between(0, faults.reorderedMs);
    this.#agenda.add(again, { ...delivery, firstDueAt: again });
  }

  #strikes(fault: 'lost' | 'doubled' | 'late' | 'reordered' | 'forged'): boolean {
    const struck = this.#random.chance(this.faults[fault]);
    if (struck) this.#counts[fault] += 1;
    return struck;
  }

  /** At most `PARALLEL_MAX` at once, whatever number of pumps is under way. */
  async #inTurn(job: () => Promise<void>): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#ready.push(() => job().then(turn.resolve, turn.reject));
    this.#startReady();
    await turn.promise;
  }

  #startReady(): void {
    while (this.#sending < PARALLEL_MAX) {
      const job = this.#ready.shift();
      if (!job) return;
      this.#sending += 1;
      job().finally(() => {
        this.#sending -= 1;
        this.#startReady();
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const status = await this.#attempt(delivery);
    if (delivery.forged) return;
    const { id } = delivery.subscription;
    if (status >= 200 && status < 300) {
      this.#counts.delivered += 1;
      this.#answeredAt.set(id, this.#options.clock());
      return;
    }
    this.#counts.failed += 1;
    if (delivery.attempts < RETRIES_MAX) this.#retry(delivery);
    else this.#giveUp(delivery);
  }

  /** The status, or 0 when there was no answer. */
  async #attempt(delivery: Delivery): Promise<number> {
    this.#counts.sent += 1;
    if (this.faults.down) return 0;
    try {
      const { shop } = this.#options;
      return await this.#send(delivery.subscription.uri, headersOf(shop, delivery), delivery.body);
    } catch {
      // Whatever kept the answer away (refused, reset, too slow), to Shopify it is a failed delivery.
      return 0;
    }
  }

  #retry(delivery: Delivery): void {
    const attempts = delivery.attempts + 1;
    const webhookId = this.faults.newIdOnRetry ? this.#random.uuid() : delivery.webhookId;
    this.#agenda.add(this.#options.clock() + retryDelayMs(attempts), { ...delivery, attempts, webhookId });
  }

  /** Shopify deletes a subscription after eight consecutive failures: none was answered in the meantime. */
  #giveUp({ subscription, firstDueAt }: Delivery): void {
    this.#counts.givenUp += 1;
    if ((this.#answeredAt.get(subscription.id) ?? -Infinity) >= firstDueAt) return;
    this.#delete(subscription);
  }

  #delete({ id }: WebhookSubscription): void {
    if (this.#options.shop.subscriptions.delete(id)) this.#counts.subscriptionsDeleted += 1;
    this.#agenda.keep((delivery) => delivery.subscription.id !== id);
  }
}
