import { assemble } from '../app/assemble.ts';
import { doErrand } from '../app/errands.ts';
import { attend } from '../app/upkeep.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { compare, type Difference } from '../local/compare.ts';
import { openQueues } from '../local/host/queues.ts';
import { answerPrivacy } from '../privacy/carry-out.ts';
import { answer } from '../reconcile/bell.ts';
import { tick } from '../reconcile/tick.ts';
import { doWork, work } from '../reconcile/work.ts';
import { type Change, change, type What } from '../simulator/changes.ts';
import { expectedRows } from '../simulator/expected.ts';
import type { Customer } from '../simulator/model.ts';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import type { Shop, ShopOptions } from '../simulator/shop.ts';
import { createSimulator, type SimulatorOptions } from '../simulator/simulator.ts';
import { Courier } from '../simulator/webhooks/courier.ts';
import { customerBody } from '../simulator/webhooks/payloads/customer.ts';
import { readConfig } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import { doorbell } from '../src/doorbell.ts';
import { ENTITY_NAMES, type EntityName } from '../src/entities/registry.ts';
import { errand } from '../src/errand.ts';
import { type Log, silent } from '../src/log.ts';
import { privacyMessage } from '../src/privacy-request.ts';
import { QUEUE_NAMES } from '../src/queues.ts';
import type { Service } from '../src/service.ts';
import { type Telemetry, untold } from '../src/telemetry.ts';
import type { Vault } from '../src/vault.ts';
import { markSignal } from '../webhooks/marking.ts';
import { receive } from '../webhooks/receive.ts';
import { signal } from '../webhooks/signal.ts';
import { neverRings } from './alarms.ts';

/**
 * A whole Driftless in this process: real SQLite, real queues, the simulated Shopify, and a clock that only moves
 * when somebody waits. Nothing sleeps; hours pass in milliseconds.
 */
export interface WorldOptions {
  readonly seed?: number;
  readonly shop?: Partial<ShopOptions>;
  readonly size?: { readonly customers: number; readonly products: number; readonly orders: number };
  readonly env?: Readonly<Record<string, string>>;
  readonly costModel?: NonNullable<SimulatorOptions['costModel']>;
  /** False: no webhooks at all. */
  readonly webhooks?: boolean;
  readonly log?: Log;
  readonly telemetry?: Telemetry;
  /** Where the store's credentials are, instead of the environment. */
  readonly vault?: Vault;
  /** Wraps the database, to break it. */
  readonly database?: (real: Database, world: World) => Database;
}

export const START = Date.parse('2026-11-23T09:00:00Z');
export const WEBHOOK_URL = 'https://driftless.test/api/webhooks/shopify';

export class World {
  /** Shopify's time, and the monotonic clock of the machine. */
  now = START;
  /** How far the clock of the machine is ahead of Shopify's. */
  machineAheadMs = 0;
  readonly simulator;
  readonly shop: Shop;
  readonly courier: Courier;
  readonly queues;
  readonly random: Random;
  database!: Database;
  service!: Service;
  readonly #options: WorldOptions;
  /** Happens once, after Shopify has answered and before we have the answer. */
  duringNextRequest: (() => void | Promise<void>) | null = null;
  /** Changes what is sent to Shopify, to make it answer wrongly. */
  rewrite: (body: string) => string = (body) => body;
  /** Changes the `Date` header of Shopify's answers to queries; null takes it away. */
  dateHeader: (real: string) => string | null = (real) => real;
  log: Log;
  #nonces = 0;

  private constructor(options: WorldOptions) {
    const clock = () => this.now;
    const seed = options.seed ?? 1;
    this.#options = options;
    this.log = options.log ?? silent;
    this.random = new Random(`world/${seed}`);
    this.simulator = createSimulator({
      clock,
      seed,
      sleep: async (ms) => this.wait(ms),
      ...(options.costModel ? { costModel: options.costModel } : {}),
    });
    const domain = 'demo.myshopify.com';
    this.shop = this.simulator.addShop({ domain, plan: 'plus', mixedIdLengths: true, ...options.shop });
    this.courier = new Courier({
      shop: this.shop,
      seed,
      clock,
      send: async (_, headers, body) => (await receive(this.service, new Headers(headers), body)).status,
    });
    this.shop.courier = this.courier;
    this.queues = openQueues(':memory:', { clock: this.machineClock, monotonic: clock });
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    if (options.size) populate(world.shop, { seed: options.seed ?? 1, ...options.size });
    const real = await openSqlite(':memory:', {
      clock: world.machineClock,
      monotonic: () => world.now,
      nonce: world.nonce,
    });
    world.database = options.database?.(real, world) ?? real;
    world.service = world.process();
    return world;
  }

  readonly machineClock = (): number => this.now + this.machineAheadMs;

  #dated(response: Response): Response {
    const date = this.dateHeader(response.headers.get('date') ?? '');
    if (date === null) response.headers.delete('date');
    else response.headers.set('date', date);
    return response;
  }

  readonly nonce = (): string => `n${++this.#nonces}`;

  /** Another process on the same database and queues. */
  process(env: Readonly<Record<string, string>> = {}, log?: Log): Service {
    const { installation, profile } = this.shop;
    const { vault } = this.#options;
    const credentials = {
      SHOPIFY_CLIENT_ID: installation.clientId,
      SHOPIFY_CLIENT_SECRET: installation.clientSecret,
    };
    const config = readConfig({
      SHOPIFY_SHOP: profile.domain,
      ...(vault ? { KEY_VAULT_URL: 'https://vault.test' } : credentials),
      SHOPIFY_ORIGIN: 'http://shopify.test/{shop}',
      PRIVACY_KEY: 'a-key-of-the-world-as-long-as-it-has-to-be',
      ...(this.#options.webhooks === false ? {} : { WEBHOOK_URL }),
      ...this.#options.env,
      ...env,
    });
    return assemble(config, {
      database: this.database,
      queues: this.queues,
      log: log ?? ((name, properties) => this.log(name, properties)),
      telemetry: this.#options.telemetry ?? untold,
      ...(vault ? { vault } : {}),
      clock: this.machineClock,
      monotonic: () => this.now,
      sleep: async (ms) => this.wait(ms),
      alarm: neverRings,
      random: () => this.random.next(),
      nonce: this.nonce,
      fetch: async (input, init) => {
        const body = typeof init?.body === 'string' ? { body: this.rewrite(init.body) } : {};
        const request = new Request(input, { ...init, ...body, signal: null });
        const answer = await this.simulator.fetch(request);
        const response = request.url.endsWith('graphql.json') ? this.#dated(answer) : answer;
        const during = this.duringNextRequest;
        this.duringNextRequest = null;
        await during?.();
        return response;
      },
    });
  }

  /** Time passes; nothing else happens. */
  wait(ms: number): void {
    this.now += Math.ceil(ms);
  }

  /** Connects the store as the first tick does. */
  async connect(): Promise<void> {
    for (const store of this.service.configuredStores) await attend(this.service, store);
  }

  /** Sends the webhooks that are due and works off every message that is visible, until there is none. */
  async work(): Promise<void> {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      await this.courier.pump();
      if (!(await this.step())) return;
    }
    throw new Error('the queues do not come to rest');
  }

  /** One message of each queue; false when none was visible. */
  async step(service: Service = this.service): Promise<boolean> {
    let any = false;
    for (const queue of QUEUE_NAMES)
      for (const message of this.queues.receive(queue, 32, 600_000)) {
        any = true;
        const json: unknown = JSON.parse(message.text);
        if (queue === 'signals') await markSignal(service, signal.parse(json));
        if (queue === 'refresh') await answer(service, doorbell.parse(json));
        if (queue === 'sweeps') await doWork(service, work.parse(json));
        if (queue === 'errands') await doErrand(service, errand.parse(json));
        if (queue === 'privacy') await answerPrivacy(service, privacyMessage.parse(json));
        this.queues.complete(message);
      }
    return any;
  }

  /** Lets this much time pass in steps, with a tick each minute, working off what falls due. */
  async live(ms: number, stepMs = 5_000): Promise<void> {
    const until = this.now + ms;
    while (this.now < until) {
      await this.work();
      this.wait(Math.min(stepMs, until - this.now));
      if (Math.floor(this.now / 60_000) !== Math.floor((this.now - stepMs) / 60_000))
        await tick(this.service);
    }
    await this.work();
  }

  /** The store is mirrored and every settle read is done. */
  async mirrored(): Promise<void> {
    await this.connect();
    await this.live(2 * 60_000);
  }

  async reconcile(
    kind: 'sweep' | 'census' | 'content',
    entities: readonly EntityName[] = ENTITY_NAMES,
  ): Promise<void> {
    const storeId = await this.storeId();
    for (const entity of entities) await this.queues.send('sweeps', { storeId, entity, kind });
    await this.work();
  }

  async storeId(): Promise<number> {
    return (await this.database.stores())[0]!.id;
  }

  change(what?: What, gid?: string): Change {
    return change(this.shop, this.random, { ...(what ? { what } : {}), ...(gid ? { gid } : {}) });
  }

  /** Changes a customer as an edit in the admin does, announced with its version. */
  edit(gid: string, change: Partial<Customer>): void {
    const customer = { ...this.shop.customers.current(gid)!, ...change, updatedAt: this.now };
    this.shop.customers.put(customer);
    this.courier.announce('customers/update', customerBody(this.shop, customer));
  }

  /** Everything in which the mirror differs from the shop as it is now. */
  async differences(entities: readonly EntityName[] = ENTITY_NAMES): Promise<readonly Difference[]> {
    const storeId = await this.storeId();
    const all = await Promise.all(
      entities.map((entity) => compare(this.database, storeId, entity, expectedRows(this.shop, entity))),
    );
    return all.flatMap(({ differences }) => differences);
  }

  /** Every row, mark and event there is, to be compared with a later one. */
  async snapshot(): Promise<unknown> {
    const storeId = await this.storeId();
    const status = await this.database.status(storeId);
    const rows = [];
    for (const entity of ENTITY_NAMES)
      rows.push(await this.database.mirrorRows(storeId, entity, null, 100_000));
    const states = [];
    for (const entity of ENTITY_NAMES)
      states.push(
        await this.database.mirrorOf(
          storeId,
          entity,
          rows.flat().map(({ key }) => key),
        ),
      );
    return { rows, states, marks: status.marksWaiting, gaps: status.gapsFound };
  }

  get requests(): number {
    return this.simulator.stats(this.shop.profile.domain).requests;
  }

  #closed = false;
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.queues.close();
    await this.database.close();
  }
}
