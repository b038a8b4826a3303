/**
 * The simulated Shopify in this process. It does not die with the hosts, and it keeps the one list that the trial
 * is about: which deliveries were answered with 2xx, as Shopify saw it.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS } from '../../local/demo.ts';
import { change, changesOf } from '../../simulator/changes.ts';
import { expectedRows } from '../../simulator/expected.ts';
import type { Kind } from '../../simulator/model.ts';
import { type PopulationSize, populate } from '../../simulator/population.ts';
import { Random } from '../../simulator/random.ts';
import { type RunningServer, startServer } from '../../simulator/server.ts';
import type { Shop } from '../../simulator/shop.ts';
import { createSimulator, type Simulator } from '../../simulator/simulator.ts';
import { Courier } from '../../simulator/webhooks/courier.ts';
import { type Send, sendByFetch } from '../../simulator/webhooks/delivery.ts';
import { noFaults } from '../../simulator/webhooks/faults.ts';

/** A delivery that was answered with 2xx. `topic` as the header spells it: `orders/updated`. */
export interface Answered {
  readonly webhookId: string;
  readonly topic: string;
  readonly body: Uint8Array;
  readonly url: string;
}

/**
 * `answered`: a delivery was answered with 2xx, this instant. `asked`: an API request, by the name of its operation,
 * was executed, and its answer is not sent yet. `settled`: a delivery came to its end, whatever it was.
 */
export interface Events {
  answered: [];
  asked: [operation: string];
  settled: [];
}

const SLOW_MS = 250;
export const LAGS = { replicaLagMs: 100, indexLagMs: 300 };

export class Shopify {
  readonly events = new EventEmitter<Events>();
  readonly answered: Answered[] = [];
  readonly #shop: Shop;
  readonly #courier: Courier;
  readonly #seed: number;
  readonly #resting = new AbortController();
  #server: RunningServer | undefined;
  #living: Promise<void> = Promise.resolve();
  #underway = 0;
  /** How often deliveries ended how: by status, or without one. */
  readonly #ends = new Map<string, number>();

  private constructor(simulator: Simulator, domain: string, size: PopulationSize, seed: number) {
    this.#seed = seed;
    this.#shop = simulator.addShop({
      domain,
      mixedIdLengths: true,
      consistency: LAGS,
      // However fast the machine is, the first mirror takes long enough to be killed in it.
      faults: { slow: 1, slowMs: SLOW_MS },
    });
    populate(this.#shop, size);
    this.#courier = new Courier({ shop: this.#shop, seed, clock: Date.now, send: this.#send });
    this.#courier.faults = { ...noFaults(), ...FAULTS };
    this.#shop.courier = this.#courier;
  }

  static async open(domain: string, size: Omit<PopulationSize, 'seed'>, seed: number): Promise<Shopify> {
    const simulator = createSimulator({ seed, costModel: 'pessimistic' });
    const shopify = new Shopify(simulator, domain, { ...size, seed }, seed);
    shopify.#server = await startServer(shopify.#overheard(simulator));
    return shopify;
  }

  /** What an app has to know of it. */
  get env(): Readonly<Record<string, string>> {
    const { clientId, clientSecret } = this.#shop.installation;
    return {
      SHOPIFY_SHOP: this.#shop.profile.domain,
      SHOPIFY_CLIENT_ID: clientId,
      SHOPIFY_CLIENT_SECRET: clientSecret,
      SHOPIFY_ORIGIN: `${this.#server?.url}/{shop}`,
    };
  }

  /** From now on it answers as fast as it can. */
  hurry(): void {
    this.#shop.plan = 'enterprise';
    this.#shop.faults = { ...this.#shop.faults, slow: 0 };
  }

  /** Begins to change by itself, so often at most, and not while `crowded` says that enough is on its way. */
  live(perSecond: number, crowded: () => Promise<boolean>): void {
    const random = new Random(`${this.#seed}/changes`);
    const living = async () => {
      while (!this.#resting.signal.aborted) {
        if (!(await crowded())) change(this.#shop, random);
        await sleep(1_000 / perSecond);
      }
    };
    this.#living = living();
  }

  /** No change any more, and no delivery: what was not answered is not tried again. Resolves when none is under way. */
  async rest(): Promise<void> {
    this.#resting.abort();
    await this.#living;
    // What was announced a moment ago still goes out.
    await sleep(this.#courier.faults.reorderedMs + 100);
    this.#courier.faults = { ...this.#courier.faults, down: true };
    while (this.#underway > 0) await once(this.events, 'settled');
  }

  truth(kind: Kind) {
    return expectedRows(this.#shop, kind);
  }

  /** Whether the object, a GID's end, still exists. */
  has(kind: Kind, gid: string): boolean {
    return this.#shop.collection(kind).current(gid) !== null;
  }

  get figures() {
    const { lost, doubled } = this.#courier.stats;
    const changes = changesOf(this.#shop).length;
    return { changes, lost, doubled, ...Object.fromEntries(this.#ends) };
  }

  async close(): Promise<void> {
    this.#resting.abort();
    await this.#living;
    await this.#server?.close();
  }

  readonly #send: Send = async (url, headers, body) => {
    this.#underway++;
    let end = 'no answer';
    try {
      const status = await sendByFetch(url, headers, body);
      end = String(status);
      if (status >= 200 && status < 300) {
        this.answered.push({
          webhookId: headers['X-Shopify-Webhook-Id']!,
          topic: headers['X-Shopify-Topic']!,
          body,
          url,
        });
        this.events.emit('answered');
      }
      return status;
    } finally {
      this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
      this.#underway--;
      this.events.emit('settled');
    }
  };

  /** The same simulator, whose every answer to the API is an event. */
  #overheard(simulator: Simulator): Simulator {
    return {
      shops: simulator.shops,
      clock: simulator.clock,
      seed: simulator.seed,
      addShop: (options) => simulator.addShop(options),
      stats: (domain) => simulator.stats(domain),
      fetch: async (request) => {
        const copy = request.clone();
        const response = await simulator.fetch(request);
        this.events.emit('asked', operationOf(await copy.text()));
        return response;
      },
    };
  }
}

/** Empty where a body names none, as a request for a token does. */
const operationOf = (body: string): string => /"operationName":"(\w+)"/.exec(body)?.[1] ?? '';
