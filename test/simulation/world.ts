import { change } from '../../simulator/changes.ts';
import { newCustomer } from '../../simulator/population/customers.ts';
import { newProduct } from '../../simulator/population/products.ts';
import { Random } from '../../simulator/random.ts';
import type { Shop } from '../../simulator/shop.ts';
import { createSimulator, type Simulator } from '../../simulator/simulator.ts';
import { Courier } from '../../simulator/webhooks/courier.ts';
import { sign } from '../../simulator/webhooks/sign.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { receive } from '../../webhooks/receive.ts';
import { WANTED_TOPICS } from '../../webhooks/topics.ts';
import { START, WEBHOOK_URL } from '../world.ts';
import { Answers } from './answers.ts';
import { Chronicle } from './chronicle.ts';
import type { Exercised } from './exercised.ts';
import type { Ground } from './ground.ts';
import { Instance } from './instance.ts';
import type { Plan } from './plan.ts';
import { PostOffice } from './post-office.ts';
import { Rules } from './rules.ts';
import { Soundness } from './soundness.ts';
import { Stage } from './stage.ts';
import { Violations } from './violations.ts';

/** A tiny shop, two processes that keep one database true to it, and a clock that moves only when somebody waits. */
const DOMAIN = 'tiny.myshopify.com';
const DAY_MS = 86_400_000;
/** Ids are drawn up to here, so that the objects of a tiny world have ids of three and of ten digits. */
const IDS_BEFORE = 225;

export class TinyWorld {
  now = START;
  readonly plan: Plan;
  readonly ground: Ground;
  readonly exercised: Exercised;
  readonly violations = new Violations();
  readonly office: PostOffice;
  readonly stage: Stage;
  readonly rules: Rules;
  readonly soundness: Soundness;
  readonly simulator: Simulator;
  readonly shop: Shop;
  readonly courier: Courier;
  readonly answers: Answers;
  /** Something befell the store as a whole, and may last. */
  disturbed = false;
  config: Config;
  /** The next body that Shopify signed is replayed under another topic. */
  replaying = false;
  /** By how much the clock of each process was set, beside what they are apart. */
  readonly #setMs: [number, number] = [0, 0];
  readonly #instances: Instance[];
  readonly #random: Random;
  #replays = 0;

  constructor(plan: Plan, ground: Ground, exercised: Exercised) {
    this.plan = plan;
    this.ground = ground;
    this.exercised = exercised;
    this.office = new PostOffice(() => this.now);
    this.stage = new Stage(exercised);
    this.#random = new Random(`${plan.seed}/jitter`);
    const shopClock = () => this.now + plan.shopifyAheadMs;
    this.simulator = createSimulator({
      clock: shopClock,
      seed: plan.seed,
      sleep: async (ms) => this.wait(ms),
    });
    this.shop = this.simulator.addShop({ domain: DOMAIN, mixedIdLengths: true });
    this.courier = new Courier({
      shop: this.shop,
      seed: plan.seed,
      clock: shopClock,
      send: (_, headers, body) => this.#knock(headers, body),
    });
    const chronicle = new Chronicle(this.shop);
    this.rules = new Rules(ground, this.shop, this.office, this.violations);
    this.soundness = new Soundness(ground, this.shop, chronicle, this.violations);
    this.answers = new Answers({ ...this, chronicle, clock: shopClock });
    this.config = configOf(this.shop);
    this.now = START - (plan.agedDays ?? 1) * DAY_MS;
    populate(plan, this.shop);
    this.now = START;
    this.shop.courier = this.courier;
    subscribe(this.shop);
    ground.clear(this);
    this.#instances = [this.#start(0), this.#start(1)];
  }

  /** The process as it is now; one that died has a successor without memory. */
  instance(which: 0 | 1): Instance {
    const standing = this.#instances[which]!;
    if (!standing.dead) return standing;
    const successor = this.#start(which);
    this.#instances[which] = successor;
    return successor;
  }

  /** The clock of a process is set; its machine keeps it. */
  setClock(which: 0 | 1, ms: number): void {
    this.#setMs[which] += ms;
  }

  /** Both processes end as one does that is asked to, and start with another configuration. */
  startAnew(): void {
    this.config = configOf(this.shop);
    for (const instance of this.#instances) this.stage.end(instance);
  }

  #start(which: 0 | 1): Instance {
    const aheadMs = which === 0 ? 0 : this.plan.secondAheadMs;
    return new Instance({
      config: this.config,
      ground: this.ground,
      office: this.office,
      rules: this.rules,
      soundness: this.soundness,
      stage: this.stage,
      clock: () => this.now + aheadMs + this.#setMs[which],
      monotonic: () => this.now,
      wait: (ms) => this.wait(ms),
      random: () => this.#random.next(),
      ask: (url, init, pages) => this.answers.ask(url, init, pages),
    });
  }

  wait(ms: number): void {
    this.now += Math.ceil(ms);
  }

  /** To which process Shopify's deliveries go. */
  door: 0 | 1 = 0;

  async #knock(headers: Record<string, string>, body: Uint8Array): Promise<number> {
    const instance = this.instance(this.door);
    const genuine = sign(body, this.shop.installation.clientSecret) === headers['X-Shopify-Hmac-Sha256'];
    if (!genuine) this.rules.forged.add(headers['X-Shopify-Webhook-Id'] ?? '');
    const reply = await instance.unlessDead(receive(instance.service, new Headers(headers), body));
    if (reply === null) return 0;
    // Under another name the shop is known again once the configuration says so.
    const mayBeUnknown = genuine && this.answers.names > 1;
    if (genuine === (reply.status === 401) && !mayBeUnknown)
      this.violations.add('R8', `a delivery was answered ${reply.status}`);
    if (genuine && this.replaying) await this.#replay(instance, headers, body);
    return reply.status;
  }

  /** Topics are not signed: whoever saw a body may send it again as another. */
  async #replay(instance: Instance, headers: Record<string, string>, body: Uint8Array): Promise<void> {
    this.replaying = false;
    this.exercised.fault('replayed');
    const topic = this.#random.pick(WANTED_TOPICS).toLowerCase();
    const replayed = {
      ...headers,
      'X-Shopify-Topic': topic,
      'X-Shopify-Webhook-Id': `replayed-${++this.#replays}`,
    };
    await instance.unlessDead(receive(instance.service, new Headers(replayed), body));
  }

  get requests(): number {
    return this.simulator.stats(DOMAIN).requests;
  }
}

function configOf({ profile, installation }: Shop): Config {
  return readConfig({
    SHOPIFY_SHOP: profile.domain,
    SHOPIFY_CLIENT_ID: installation.clientId,
    SHOPIFY_CLIENT_SECRET: installation.clientSecret,
    SHOPIFY_ORIGIN: 'http://shopify.test/{shop}',
    WEBHOOK_URL,
    PRIVACY_KEY: 'a-key-of-the-simulation-that-is-long-enough',
  });
}

/** As it came to be the day before, told to nobody. The population of the demonstration has giants. */
function populate(plan: Plan, shop: Shop): void {
  const random = new Random(`${plan.seed}/population`);
  for (let drawn = 0; drawn < IDS_BEFORE; drawn++) shop.nextId();
  const { customers, products, orders } = plan.size;
  for (let n = 0; n < (plan.crowd ?? 0); n++)
    shop.customers.put(newCustomer(shop, random, shop.clock(), shop.clock()));
  for (let n = 0; n < customers; n++) change(shop, random, { what: 'customer-create' });
  for (let n = 0; n < products; n++) {
    const at = shop.clock();
    shop.products.put(newProduct(shop, random, { createdAt: at, updatedAt: at, large: false }));
  }
  for (let n = 0; n < orders; n++) change(shop, random, { what: 'order-create' });
}

/** Subscribing is its own matter (webhooks/subscriptions.ts): here it is done. */
function subscribe(shop: Shop): void {
  for (const topic of WANTED_TOPICS) {
    const id = `gid://shopify/WebhookSubscription/${shop.nextId()}`;
    shop.subscriptions.set(id, {
      __typename: 'WebhookSubscription',
      id,
      topic,
      uri: WEBHOOK_URL,
      name: null,
      includeFields: [],
      filter: null,
      createdAt: shop.clock(),
      updatedAt: shop.clock(),
    });
  }
}
