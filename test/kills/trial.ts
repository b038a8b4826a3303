/**
 * The trial: real hosts on one data directory, a shop that changes all the while, SIGKILL at drawn moments, a new
 * host at once. In the end the shop rests, what is left is worked off, and what a 2xx promised is held against
 * what the files say; then sweep, census and content census have to make the mirror equal to the shop.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '../../db/sqlite/open.ts';
import { compare } from '../../local/compare.ts';
import { SHORTENED } from '../../local/demo.ts';
import type { Random } from '../../simulator/random.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { type Effects, effectsOf } from './effects.ts';
import { Files } from './files.ts';
import { History } from './history.ts';
import { Host, type Settings } from './host.ts';
import { comes, type Moment } from './moment.ts';
import { LAGS, type Shopify } from './shopify.ts';

export interface TrialOptions {
  readonly shopify: Shopify;
  readonly dataDir: string;
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

const LOOK_MS = 100;
/** A mark that is kept to be settled falls due so long after SETTLE at the latest. */
const SOON_MS = 2_000;
const DRAIN_LIMIT_MS = 120_000;
const MIRROR_LIMIT_MS = 120_000;

export class Trial {
  readonly #options: TrialOptions;
  readonly #files: Files;
  readonly #history: History;
  readonly #hosts: Host[];
  readonly #pids: number[] = [];
  readonly #errors: string[] = [];
  readonly #deaths: Deaths = { mirror: 0, refresh: 0, sweep: 0, census: 0 };
  #leases: ReadonlySet<string> = new Set();
  #kills = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#files = new Files(options.dataDir);
    this.#history = new History(this.#files);
    this.#hosts = options.ports.map((port) => this.#start({ port }));
  }

  async run(): Promise<Outcome> {
    const { shopify, inMirror, later, calmMs } = this.#options;
    await this.#dieAt(inMirror);
    shopify.hurry();
    await this.#until('the first mirror', MIRROR_LIMIT_MS, () => this.#files.mirrored());
    await this.#dieAt(later);
    for (const host of this.#hosts) await host.listens();
    await sleep(calmMs);
    await shopify.rest();
    await this.#drained();
    const effects = effectsOf(shopify.answered, this.#files, shopify);
    const webhooks = await this.#differences();
    const sweep = await this.#reconciled('sweep');
    const census = await this.#reconciled('census');
    const content = await this.#reconciled('content');
    this.#history.look();
    for (const host of this.#hosts) await host.stop();
    this.#errors.push(...this.#hosts.flatMap(linesOf));
    return {
      kills: this.#kills,
      starts: this.#pids.length,
      deaths: this.#deaths,
      effects,
      wentBack: this.#history.broken,
      rowsCompared: this.#history.compared,
      poisoned: this.#files.poisoned(),
      damage: this.#files.damage(),
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
    const { dataDir, shopify, settleMs } = this.#options;
    const host = new Host({
      dataDir,
      port,
      env: {
        ...shopify.env,
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
      await comes(moment, host, shopify, this.#files);
      await host.kill();
      this.#kills++;
      this.#errors.push(...linesOf(host));
      this.#noteDeath();
      if (leasesEnd) this.#files.outage();
      this.#hosts[index] = this.#start(host.settings);
      last = index;
    }
  }

  #noteDeath(): void {
    const held = this.#files.leases();
    const fresh = [...held].filter(([token]) => !this.#leases.has(token));
    this.#leases = new Set(held.keys());
    for (const kind of new Set(fresh.map(([, kind]) => kind))) this.#deaths[kind]++;
    if (!this.#files.mirrored()) this.#deaths.mirror++;
    this.#history.look();
  }

  /** Runs one detector over everything, until what it found is refreshed. */
  async #reconciled(kind: 'sweep' | 'census' | 'content') {
    await sleep(LAGS.indexLagMs);
    const since = Date.now();
    await this.#hosts[0]!.reconcile(kind);
    const all = ENTITY_NAMES.length;
    await this.#until(`the ${kind}`, DRAIN_LIMIT_MS, () => this.#files.succeeded(kind, since) === all);
    await this.#drained();
    return await this.#differences();
  }

  /**
   * All signals are marked, all detectors done, all marks refreshed but those of keys that Shopify does not know:
   * they are looked at again at growing distances, for minutes.
   */
  async #drained(): Promise<void> {
    const files = this.#files;
    await this.#until('draining', DRAIN_LIMIT_MS, () => {
      const now = Date.now();
      const busy = files.signals() + files.detectors(now) + files.unlinked();
      return busy === 0 && files.marksDue(now + this.#options.settleMs + SOON_MS) === 0;
    });
  }

  async #until(what: string, limitMs: number, done: () => boolean): Promise<void> {
    const endsAt = performance.now() + limitMs;
    while (!done()) {
      if (performance.now() > endsAt)
        throw new Error(
          `${what} took longer than ${limitMs / 1_000} s.\n${this.#hosts.map(({ said }) => said).join('\n')}`,
        );
      await sleep(LOOK_MS);
    }
  }

  async #differences(): Promise<{ readonly objects: number; readonly where: readonly string[] }> {
    const database = await openSqlite(this.#files.database, { clock: Date.now, nonce: randomUUID });
    try {
      const [store] = await database.stores();
      const found = ENTITY_NAMES.map((name) =>
        compare(database, store!.id, name, this.#options.shopify.truth(name)),
      );
      const all = await Promise.all(found);
      return {
        objects: all.reduce((sum, { objects }) => sum + objects, 0),
        where: all.flatMap(({ differences }) => differences.map(({ where }) => where)),
      };
    } finally {
      await database.close();
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
