/**
 * The trial: real hosts on one data directory, a shop that changes all the while, SIGKILL at drawn moments, a new
 * host at once. In the end the shop rests, what is left is worked off, and what a 2xx promised is held against
 * what the database says; then sweep, census and content census have to make the mirror equal to the shop.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare } from '../../local/compare.ts';
import { SHORTENED } from '../../local/demo.ts';
import type { Random } from '../../simulator/random.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { type Effects, effectsOf } from './effects.ts';
import { History } from './history.ts';
import { Host, type Settings } from './host.ts';
import { comes, type Moment } from './moment.ts';
import { Outside } from './outside.ts';
import { LAGS, type Shopify } from './shopify.ts';
import { SqliteFile } from './sqlite-file.ts';
import { SLOWER, type TrialDatabase } from './trial-database.ts';

export interface TrialOptions {
  readonly shopify: Shopify;
  readonly dataDir: string;
  readonly database: TrialDatabase;
  /** One for each host. */
  readonly ports: readonly number[];
  /** Kills before the first mirror stands, and after. */
  readonly inMirror: readonly Moment[];
  readonly later: readonly Moment[];
  /** How long it goes on after the last kill. */
  readonly calmMs: number;
  /** Decides who is killed, where there is more than one. */
  readonly random: Random;
  readonly settleMs: number;
  /** The leases of the dead are made to run out at once, instead of waiting for it. With one host only. */
  readonly leasesEnd: boolean;
}

/** What the dead were at when they died; one death may fall into several. */
export interface Deaths {
  mirror: number;
  refresh: number;
  sweep: number;
  census: number;
}

export interface Outcome {
  readonly kills: number;
  readonly starts: number;
  readonly deaths: Deaths;
  readonly effects: Effects;
  /** R2, from death to death. */
  readonly wentBack: readonly string[];
  readonly rowsCompared: number;
  readonly poisoned: readonly string[];
  readonly damage: readonly string[];
  readonly alive: readonly number[];
  /** What the hosts logged as errors, in all their lives. */
  readonly errors: readonly string[];
  readonly objects: number;
  /** Before any detector helped, and after each. */
  readonly differences: Readonly<Record<'webhooks' | 'sweep' | 'census' | 'content', readonly string[]>>;
}

const CHANGES_PER_SECOND = 30 / SLOWER;
/** A shop that changes faster than its signals can be marked is followed for ever, and nothing else is ever read. */
const SIGNALS_MAX = 8;
const LOOK_MS = 100;
/** A mark that is kept to be settled falls due so long after SETTLE at the latest. */
const SOON_MS = 2_000;
const DRAIN_LIMIT_MS = 120_000 * SLOWER;
const MIRROR_LIMIT_MS = 120_000 * SLOWER;

export class Trial {
  readonly #options: TrialOptions;
  readonly #outside: Outside;
  readonly #history: History;
  readonly #hosts: Host[];
  readonly #pids: number[] = [];
  readonly #errors: string[] = [];
  readonly #deaths: Deaths = { mirror: 0, refresh: 0, sweep: 0, census: 0 };
  #leases: ReadonlySet<string> = new Set();
  #kills = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
    const { database, dataDir } = options;
    const queues = new SqliteFile(join(dataDir, 'queues.db'));
    this.#outside = new Outside(database.looked, queues, database.domain);
    this.#history = new History(this.#outside);
    this.#hosts = options.ports.map((port) => this.#start({ port }));
  }

  async run(): Promise<Outcome> {
    const { shopify, inMirror, later, calmMs } = this.#options;
    shopify.live(CHANGES_PER_SECOND, async () => (await this.#outside.signals()) > SIGNALS_MAX);
    await this.#dieAt(inMirror);
    shopify.hurry();
    await this.#until('the first mirror', MIRROR_LIMIT_MS, () => this.#outside.mirrored());
    await this.#dieAt(later);
    for (const host of this.#hosts) await host.listens();
    await sleep(calmMs);
    await shopify.rest();
    await this.#drained();
    const effects = await effectsOf(shopify.answered, this.#outside, shopify);
    const webhooks = await this.#differences();
    const sweep = await this.#reconciled('sweep');
    const census = await this.#reconciled('census');
    const content = await this.#reconciled('content');
    await this.#history.look();
    for (const host of this.#hosts) await host.stop();
    this.#errors.push(...this.#hosts.flatMap(linesOf));
    return {
      kills: this.#kills,
      starts: this.#pids.length,
      deaths: this.#deaths,
      effects,
      wentBack: this.#history.broken,
      rowsCompared: this.#history.compared,
      poisoned: await this.#outside.poisoned(),
      damage: await this.#outside.damage(),
      alive: this.#pids.filter(isAlive),
      errors: this.#errors,
      objects: content.objects,
      differences: {
        webhooks: webhooks.where,
        sweep: sweep.where,
        census: census.where,
        content: content.where,
      },
    };
  }

  /** Whatever came of it: no process stays. */
  async end(): Promise<void> {
    for (const host of this.#hosts) await host.end();
  }

  #start({ port }: Pick<Settings, 'port'>): Host {
    const { dataDir, database, shopify, settleMs } = this.#options;
    const host = new Host({
      dataDir,
      port,
      env: {
        ...shopify.env,
        ...database.env,
        SETTLE_MS: String(settleMs),
        OVERLAP_MS: SHORTENED.OVERLAP_MS,
        TICK_CRON: '* * * * * *',
      },
    });
    this.#pids.push(host.pid);
    return host;
  }

  async #dieAt(moments: readonly Moment[]): Promise<void> {
    const { shopify, random, leasesEnd } = this.#options;
    let last = 0;
    for (const moment of moments) {
      const index = moment.at === 'start' ? last : random.between(0, this.#hosts.length - 1);
      const host = this.#hosts[index]!;
      await comes(moment, host, shopify, this.#outside);
      await host.kill();
      this.#kills++;
      this.#errors.push(...linesOf(host));
      await this.#noteDeath();
      if (leasesEnd) await this.#outside.outage();
      this.#hosts[index] = this.#start(host.settings);
      last = index;
    }
  }

  async #noteDeath(): Promise<void> {
    const held = await this.#outside.leases();
    const fresh = [...held].filter(([token]) => !this.#leases.has(token));
    this.#leases = new Set(held.keys());
    for (const kind of new Set(fresh.map(([, kind]) => kind))) this.#deaths[kind]++;
    if (!(await this.#outside.mirrored())) this.#deaths.mirror++;
    await this.#history.look();
  }

  /** Runs one detector over everything, until what it found is refreshed. */
  async #reconciled(kind: 'sweep' | 'census' | 'content') {
    await sleep(LAGS.indexLagMs);
    const since = await this.#outside.now();
    await this.#hosts[0]!.reconcile(kind);
    const all = ENTITY_NAMES.length;
    const outside = this.#outside;
    await this.#until(
      `the ${kind}`,
      DRAIN_LIMIT_MS,
      async () => (await outside.succeeded(kind, since)) === all,
    );
    await this.#drained();
    return await this.#differences();
  }

  /**
   * All signals are marked, all detectors done, all marks refreshed but those of keys that Shopify does not know:
   * they are looked at again at growing distances, for minutes. Looked at in the order in which one becomes the next.
   */
  async #drained(): Promise<void> {
    const outside = this.#outside;
    const soonMs = this.#options.settleMs + SOON_MS;
    await this.#until('draining', DRAIN_LIMIT_MS, async () => {
      if ((await outside.signals()) + (await outside.detectors()) > 0) return false;
      return (await outside.marksDue(soonMs)) + (await outside.unlinked()) === 0;
    });
  }

  async #until(what: string, limitMs: number, done: () => Promise<boolean>): Promise<void> {
    const endsAt = performance.now() + limitMs;
    while (!(await done())) {
      if (performance.now() > endsAt)
        throw new Error(
          `${what} took longer than ${limitMs / 1_000} s.\n${this.#hosts.map(({ said }) => said).join('\n')}`,
        );
      await sleep(LOOK_MS);
    }
  }

  async #differences(): Promise<{ readonly objects: number; readonly where: readonly string[] }> {
    const { shopify, database } = this.#options;
    const port = await database.open();
    try {
      const stores = await port.stores();
      const store = stores.find(({ domain }) => domain === database.domain);
      const found = ENTITY_NAMES.map((name) => compare(port, store!.id, name, shopify.truth(name)));
      const all = await Promise.all(found);
      return {
        objects: all.reduce((sum, { objects }) => sum + objects, 0),
        where: all.flatMap(({ differences }) => differences.map(({ where }) => where)),
      };
    } finally {
      await port.close();
    }
  }
}

const linesOf = ({ said }: Host): readonly string[] => said.split('\n').filter((line) => line !== '');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
