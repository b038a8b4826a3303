import { whats } from '../../simulator/changes.ts';
import type { Random } from '../../simulator/random.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import type { QueueName } from '../../src/queues.ts';
import { besideACensus } from './beside-a-census.ts';
import type { Site } from './crash-points.ts';
import {
  API_FAULTS,
  type ApiFault,
  DELIVERY_FAULTS,
  type DeliveryFault,
  EVENTS,
  type Event,
  type Planned,
} from './faults.ts';
import { happening } from './happening.ts';
import {
  ASKING,
  AT_THE_DOOR,
  IN_A_TICK,
  IN_CENSUSES,
  IN_LISTS,
  IN_MESSAGES,
  IN_READS,
  IN_SWEEPS,
  isCrashPoint,
  OPERATIONS,
} from './places.ts';
import type { Lag, Step, Trouble } from './plan.ts';

/** Writes the steps of a plan: phrases of steps that go together, with what goes wrong in them. */

/** Milliseconds: within a second, a replica's lag, SETTLE, a lease, the overlap, a stalled run. */
const SPANS = [0, 200, 700, 1_500, 5_000, 12_000, 31_000, 31_500, 62_000, 130_000, 640_000, 1_000_000];
/** Less than SETTLE, as design §3 expects of every replica; and less than OVERLAP, of the index. */
const REPLICA_LAGS = [0, 0, 400, 2_000, 6_000, 15_000, 25_000];
const INDEX_LAGS = [5_000, 60_000, 300_000, 500_000];

export class Writer {
  readonly steps: Step[] = [];
  changes = 0;
  readonly #random: Random;
  readonly #faults: ReadonlySet<Planned>;
  readonly #indexLagMs: number;

  constructor(random: Random, faults: ReadonlySet<Planned>) {
    this.#random = random;
    this.#faults = faults;
    this.#indexLagMs = random.pick(INDEX_LAGS);
  }

  phrase(): void {
    const random = this.#random;
    const events = EVENTS.filter((event) => this.#faults.has(event));
    if (events.length > 0 && random.chance(0.1)) this.#happen(random.pick(events));
    else if (random.chance(0.03)) this.#besideACensus();
    else this.#usual(random.next());
  }

  #usual(draw: number): void {
    const random = this.#random;
    if (draw < 0.33) this.#change();
    else if (draw < 0.43) this.#prompt();
    else if (draw < 0.51) this.#pass(SPANS);
    else if (draw < 0.6) this.#deliver();
    else if (draw < 0.82) this.#work(random.pick(['signals', 'refresh', 'refresh', 'sweeps'] as const));
    else if (draw < 0.93) this.#detect();
    else if (draw < 0.97) this.#tick();
    else if (draw < 0.985) this.#omit();
    else this.#erase();
  }

  #pass(spans: readonly number[]): void {
    this.steps.push({ do: 'pass', ms: this.#random.pick(spans) });
  }

  /** Half of the time two at once: what happens within one second is where mirrors go wrong. */
  #change(): void {
    const random = this.#random;
    const count = random.chance(0.5) ? 1 : random.between(2, 3);
    for (let n = 0; n < count; n++) {
      this.#changeOnce();
      if (random.chance(0.3)) this.#pass(SPANS.slice(0, 5));
    }
  }

  /** By chance as in life, or any kind as often as any other: deletions are rare in life. */
  #changeOnce(): void {
    const random = this.#random;
    this.changes++;
    const kinds = DELIVERY_FAULTS.filter((kind) => this.#faults.has(kind));
    const fault: { deliveries?: DeliveryFault } =
      kinds.length > 0 && random.chance(0.35) ? { deliveries: random.pick(kinds) } : {};
    const what = random.chance(0.35) ? { what: random.pick(whats) } : {};
    this.steps.push({ do: 'change', seed: random.word(), ...what, ...fault });
  }

  /** Changed, announced and read at once, and perhaps changed again within the second or a replica's lag. */
  #prompt(): void {
    const random = this.#random;
    const by = this.#instance();
    this.#changeOnce();
    if (random.chance(0.3)) this.#pass(SPANS.slice(1, 5));
    this.steps.push({ do: 'deliver', by }, { do: 'work', by, queue: 'signals', pick: 0, count: 8 });
    this.steps.push({ do: 'work', by, queue: 'refresh', pick: 0, count: 3, ...this.#lag() });
    if (random.chance(0.6)) this.#changeOnce();
  }

  #deliver(): void {
    this.steps.push({ do: 'deliver', by: this.#instance(), ...this.#trouble(AT_THE_DOOR, null) });
    this.#work('signals');
  }

  #detect(): void {
    const detector = this.#random.pick(['sweep', 'sweep', 'census', 'content'] as const);
    this.steps.push({ do: 'detect', detector, entity: this.#random.pick(ENTITY_NAMES) });
    if (this.#random.chance(0.8)) this.#work('sweeps', detector === 'sweep' ? IN_SWEEPS : IN_CENSUSES);
  }

  #tick(): void {
    this.steps.push({ do: 'tick', by: this.#instance(), ...this.#trouble(IN_A_TICK, 'tick') });
  }

  /** Asked, and worked on at once or later; by the other one, if this one is held up. */
  #erase(): void {
    this.steps.push({ do: 'erase', seed: this.#random.word() }, { do: 'deliver', by: this.#instance() });
    if (this.#random.chance(0.8)) this.#work('privacy');
  }

  #omit(): void {
    if (this.#faults.has('omitted')) this.steps.push({ do: 'omit', seed: this.#random.word() });
  }

  /** What befalls the store or a process, and is taken back later, or not before the end. */
  #happen(event: Event): void {
    const random = this.#random;
    const [from, back] = happening(event, random);
    this.steps.push(...from);
    if (back.length === 0 || random.chance(0.25)) return;
    for (let n = random.between(1, 4); n > 0; n--) this.#meantime();
    this.steps.push(...back);
  }

  #meantime(): void {
    const draw = this.#random.next();
    if (draw < 0.4) this.#change();
    else if (draw < 0.7) this.#prompt();
    else if (draw < 0.9) this.#detect();
    else this.#pass(SPANS);
  }

  #besideACensus(): void {
    this.changes += 2;
    this.steps.push(...besideACensus(this.#random, () => this.#lag()));
    this.#work('refresh');
    if (this.#random.chance(0.5)) this.#tick();
  }

  /** A few messages; where a process is held up, the others do something before it goes on. */
  #work(queue: QueueName, sites: readonly Site[] = IN_MESSAGES[queue]): void {
    const random = this.#random;
    const by = this.#instance();
    const count = queue === 'signals' ? random.between(1, 8) : random.between(1, 2);
    const troubled = this.#trouble(sites, queue);
    this.steps.push({
      do: 'work',
      by,
      queue,
      pick: random.between(0, 9),
      count,
      ...this.#lag(),
      ...troubled,
    });
    if (troubled.trouble?.kind === 'pause') this.#meanwhile(queue, by === 0 ? 1 : 0);
    if (troubled.trouble?.kind === 'crash' && random.chance(0.5))
      this.steps.push({ do: 'pass', ms: random.pick([31_000, 61_000, 620_000, 905_000]) }, this.#plainTick());
  }

  /** Overtaken in every way: changed, announced, and read by the other under a lease of its own; or a part of it. */
  #meanwhile(queue: QueueName, other: 0 | 1): void {
    const random = this.#random;
    const all = random.chance(0.4);
    const perhaps = (probability: number) => all || random.chance(probability);
    if (perhaps(0.6)) this.#change();
    if (perhaps(0.5)) this.#pass(all ? [61_000, 130_000, 605_000] : [900, 5_000, 31_000, 61_000, 605_000]);
    if (perhaps(0.5)) this.steps.push({ do: 'deliver', by: other });
    if (perhaps(0.5)) this.steps.push({ do: 'work', by: other, queue: 'signals', pick: 0, count: 8 });
    if (perhaps(0.3)) this.steps.push(this.#plainTick());
    if (perhaps(0.7)) this.steps.push({ do: 'work', by: other, queue, pick: 0, count: 3, ...this.#lag() });
    this.steps.push({ do: 'resume', pick: random.between(0, 3), ...this.#lag() });
  }

  #plainTick(): Step {
    return { do: 'tick', by: this.#instance() };
  }

  #instance(): 0 | 1 {
    return this.#random.chance(0.5) ? 0 : 1;
  }

  #lag(): { lag?: Lag } {
    const random = this.#random;
    const replica = this.#faults.has('replicaLag');
    const index = this.#faults.has('indexLag');
    if (!(replica || index)) return {};
    const replicaMs = replica
      ? Array.from({ length: random.between(1, 3) }, () => random.pick(REPLICA_LAGS))
      : [0];
    return { lag: { replicaMs, indexMs: index && random.chance(0.7) ? this.#indexLagMs : 0 } };
  }

  /** At most one in a step, of a kind that is on in this run. */
  #trouble(sites: readonly Site[], of: QueueName | 'tick' | null): { trouble?: Trouble } {
    const random = this.#random;
    if (!random.chance(0.45)) return {};
    const possible: Trouble[] = [];
    const points = sites.filter(isCrashPoint);
    const after = random.chance(0.2) ? { after: random.between(1, 3) } : {};
    if (this.#faults.has('crash')) possible.push({ kind: 'crash', at: random.pick(points), ...after });
    const asksShopify = of === 'refresh' || of === 'sweeps';
    if (this.#faults.has('paused') && (asksShopify || of === 'signals' || of === 'privacy'))
      possible.push({
        kind: 'pause',
        at: random.pick(asksShopify && random.chance(0.5) ? ASKING : sites),
        ...after,
      });
    const operation = random.pick(of === null ? OPERATIONS.signals : OPERATIONS[of]);
    for (const when of ['before', 'after'] as const)
      if (this.#faults.has(when === 'before' ? 'databaseBefore' : 'databaseAfter'))
        possible.push({ kind: 'database', operation, when });
    if (this.#faults.has('queueAway')) possible.push({ kind: 'queue' });
    const calls: readonly ApiFault[] = API_FAULTS.filter((fault) => this.#faults.has(fault));
    const spoilers = (of === 'sweeps' ? IN_LISTS : of === 'refresh' ? IN_READS : []).filter((fault) =>
      this.#faults.has(fault),
    );
    if (spoilers.length > 0) {
      const fault = random.pick(spoilers);
      const times =
        fault === 'stuckCursor' ? random.pick([1, 2, 40]) : fault === 'jumpedDate' ? 1 : random.between(1, 2);
      possible.push({ kind: 'spoil', fault, seed: random.word(), times, ...after });
    }
    if (asksShopify && calls.length > 0)
      possible.push({ kind: 'api', fault: random.pick(calls), times: random.between(1, 4), ...after });
    return possible.length > 0 ? { trouble: random.pick(possible) } : {};
  }
}
