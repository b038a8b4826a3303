import { assemble } from '../../app/assemble.ts';
import type { Config } from '../../src/config.ts';
import type { Database } from '../../src/database.ts';
import { Fenced, Transient } from '../../src/failures.ts';
import type { Service } from '../../src/service.ts';
import { untold } from '../../src/telemetry.ts';
import { neverRings } from '../alarms.ts';
import { type Call, crashPointAt, type Operation, type Site } from './crash-points.ts';
import type { Ground } from './ground.ts';
import type { PostOffice } from './post-office.ts';
import type { Rules } from './rules.ts';
import { ShownPages } from './shown.ts';
import type { Soundness } from './soundness.ts';
import type { Stage } from './stage.ts';

/**
 * One process of Driftless: the real assembly, with every operation of the database, every message sent and every
 * request to Shopify passing a place where the stage may hold it up, break it or kill the process.
 */
export interface Surroundings {
  readonly config: Config;
  readonly ground: Ground;
  readonly office: PostOffice;
  readonly rules: Rules;
  readonly soundness: Soundness;
  readonly stage: Stage;
  /** The machine's, which may be set. */
  readonly clock: () => number;
  readonly monotonic: () => number;
  readonly wait: (ms: number) => void;
  readonly random: () => number;
  /** To the simulated Shopify, whatever goes wrong on the way. */
  readonly ask: (url: string, init: RequestInit, pages: ShownPages) => Promise<Response>;
}

export class Instance {
  readonly service: Service;
  readonly #world: Surroundings;
  readonly #pages = new ShownPages();
  readonly #death = Promise.withResolvers<null>();
  #dead = false;

  constructor(world: Surroundings) {
    this.#world = world;
    const { ground, clock, monotonic, wait, random } = world;
    this.service = assemble(world.config, {
      database: interposed(world, this.#pages, (site) => this.at(site)),
      queues: {
        send: (queue, message, options) => this.#send(queue, message, options?.delayMs ?? 0),
        poisoned: async () => [],
      },
      log: () => {},
      telemetry: untold,
      clock,
      monotonic,
      sleep: async (ms) => wait(ms),
      alarm: neverRings,
      random,
      nonce: ground.nonce,
      fetch: (input, init) => this.#fetch(String(input), { ...init, signal: null }),
    });
  }

  /** A place in the work: goes on at once, later, or never. */
  async at(site: Site): Promise<void> {
    if (this.#dead) await NEVER;
    await this.#world.stage.pass(this, site);
    if (this.#dead) await NEVER;
  }

  /** All memory is lost, and whatever was under way never goes on. */
  die(): void {
    this.#dead = true;
    this.#death.resolve(null);
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Null when the process dies first. */
  async unlessDead<T>(work: Promise<T>): Promise<T | null> {
    return await Promise.race([work, this.#death.promise]);
  }

  async #send(...[queue, message, delayMs]: Parameters<PostOffice['send']>): Promise<void> {
    if (this.#world.stage.queueIsAway()) throw new Transient('the queue is away');
    this.#world.office.send(queue, message, delayMs);
    if (queue === 'signals' && message['attempt'] === 0)
      await this.at('signal enqueued, delivery not answered');
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const isQuery = url.endsWith('graphql.json');
    if (isQuery) await this.at('Shopify not asked yet');
    const response = await this.#world.ask(url, init, this.#pages);
    if (isQuery) await this.at('Shopify has answered');
    return response;
  }
}

const NEVER = new Promise<never>(() => {});

/** The real database, with the rules checked around its commits and the stage asked before and after each call. */
function interposed(world: Surroundings, pages: ShownPages, at: (site: Site) => Promise<void>): Database {
  const { ground, stage } = world;
  const pass = async (call: Call) => {
    const point = crashPointAt(call);
    if (point !== null) await at(point);
  };
  return new Proxy(ground.database, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const call = { operation: name as Operation, args } as Call;
        stage.count();
        await pass({ ...call, when: 'before' });
        if (stage.databaseFails(call.operation, 'before')) throw new Transient('the database is away');
        const result: unknown = await carriedOut(world, pages, call, () => value.apply(target, args));
        if (stage.databaseFails(call.operation, 'after')) throw new Transient('the database did not answer');
        await pass({ ...call, when: 'after', result } as Call);
        return result;
      };
    },
  });
}

async function carriedOut(
  { rules, soundness }: Surroundings,
  pages: ShownPages,
  call: Call,
  carryOut: () => Promise<unknown>,
): Promise<unknown> {
  try {
    if (call.operation === 'commitRefresh') return await rules.refreshed(...call.args, carryOut);
    if (call.operation === 'commitDetection') {
      await rules.detected(...call.args, carryOut);
      return soundness.compared(...call.args, pages);
    }
    const result = await carryOut();
    if (call.operation === 'acquireLease' && call.args[2] === 'census') pages.begin(call.args[1]);
    // At once: what is read a moment later might mend what it should not have said.
    if (call.operation === 'completeCertificate') await soundness.check();
    return result;
  } catch (error) {
    if (error instanceof Fenced) rules.fenced++;
    throw error;
  }
}
