import type { CrashPoint, Operation, Site } from './crash-points.ts';
import type { Exercised } from './exercised.ts';
import type { ApiFault, Spoiler } from './faults.ts';
import type { Instance } from './instance.ts';
import type { Trouble } from './plan.ts';

/**
 * Who goes on, who waits, who dies. One activity runs at a time, until it ends or comes to the place where the
 * present step holds it up; so the same steps always give the same story.
 */
interface Suspended {
  readonly instance: Instance;
  readonly goOn: () => void;
  readonly ended: Promise<void>;
}

export class Stage {
  /** The database was asked since the rules were last checked. */
  touched = false;
  #operations = 0;
  readonly #exercised: Exercised;
  #suspended: Suspended[] = [];
  #trouble: Trouble | null = null;
  #crossings = 0;
  #strikes = 0;
  #stopped = Promise.withResolvers<void>();
  /** What is under way now: the promise of its end. */
  #ended: Promise<void> = Promise.resolve();

  constructor(exercised: Exercised) {
    this.#exercised = exercised;
  }

  get suspendedCount(): number {
    return this.#suspended.length;
  }

  /** Runs until it ends, is held up, or its process dies. */
  async perform(trouble: Trouble | undefined, activity: () => Promise<void>): Promise<void> {
    this.#arm(trouble);
    // Begun only when it is known as what is under way: it may be held up before it first waits.
    await this.#follow(Promise.resolve().then(activity));
  }

  /** One that was held up goes on, until the same. */
  async resume(pick: number, trouble: Trouble | undefined): Promise<void> {
    const next = this.#suspended[pick % Math.max(1, this.#suspended.length)];
    if (next === undefined) return;
    this.#suspended = this.#suspended.filter((each) => each !== next);
    this.#arm(trouble);
    next.goOn();
    await this.#follow(next.ended);
  }

  #arm(trouble: Trouble | undefined): void {
    this.#trouble = trouble ?? null;
    this.#crossings = 0;
    this.#strikes = 0;
    this.#operations = 0;
    this.#stopped = Promise.withResolvers();
  }

  async #follow(ended: Promise<void>): Promise<void> {
    this.#ended = ended;
    const patience = new Patience();
    await Promise.race([ended, this.#stopped.promise, patience.over]);
    patience.end();
    this.#trouble = null;
  }

  async pass(instance: Instance, site: Site): Promise<void> {
    const trouble = this.#trouble;
    if (trouble === null || !('at' in trouble) || trouble.at !== site) return;
    if (this.#crossings++ < (trouble.after ?? 0)) return;
    this.#trouble = null;
    if (trouble.kind === 'crash') return this.kill(instance, trouble.at);
    this.#exercised.fault('paused');
    const gate = Promise.withResolvers<void>();
    this.#suspended.push({ instance, goOn: gate.resolve, ended: this.#ended });
    this.#stopped.resolve();
    await gate.promise;
  }

  /** `trouble` is of the present step; null where a step kills outright. */
  kill(instance: Instance, at: CrashPoint): void {
    this.#exercised.crash(at);
    this.end(instance);
    this.#stopped.resolve();
  }

  /** Whatever it was doing never goes on. */
  end(instance: Instance): void {
    instance.die();
    this.#suspended = this.#suspended.filter((each) => each.instance !== instance);
  }

  crashesAfter(point: CrashPoint): boolean {
    return this.#trouble?.kind === 'crash' && this.#trouble.at === point;
  }

  /** Called before every operation of the database. A loop that never waits would hold up the clock with everything. */
  count(): void {
    this.touched = true;
    if (++this.#operations > OPERATIONS_MAX)
      throw new Error(`a step asked the database more than ${OPERATIONS_MAX} times`);
  }

  databaseFails(operation: Operation, when: 'before' | 'after'): boolean {
    const trouble = this.#trouble;
    if (trouble?.kind !== 'database' || trouble.operation !== operation || trouble.when !== when)
      return false;
    this.#trouble = null;
    this.#exercised.fault(when === 'before' ? 'databaseBefore' : 'databaseAfter');
    return true;
  }

  queueIsAway(): boolean {
    if (this.#trouble?.kind !== 'queue') return false;
    this.#trouble = null;
    this.#exercised.fault('queueAway');
    return true;
  }

  /** What the present step wants answers to be spoiled by. */
  get spoiler(): Spoiler | null {
    return this.#trouble?.kind === 'spoil' ? this.#trouble.fault : null;
  }

  /** Spoils an answer if the present step wants it; where there is nothing to spoil the next one is tried. */
  spoil(spoiled: (fault: Spoiler, seed: number) => boolean): void {
    const trouble = this.#trouble;
    if (trouble?.kind !== 'spoil' || this.#crossings++ < (trouble.after ?? 0)) return;
    if (!spoiled(trouble.fault, trouble.seed + this.#strikes)) return;
    if (++this.#strikes >= trouble.times) this.#trouble = null;
    this.#exercised.fault(trouble.fault);
  }

  /** How often the present step has broken what it breaks. */
  get strikes(): number {
    return this.#strikes;
  }

  /** What is to go wrong with the next request to Shopify. */
  apiFault(): ApiFault | null {
    const trouble = this.#trouble;
    if (trouble?.kind !== 'api') return null;
    if (this.#crossings++ < (trouble.after ?? 0)) return null;
    if (++this.#strikes >= trouble.times) this.#trouble = null;
    this.#exercised.fault(trouble.fault);
    return trouble.fault;
  }
}

/** An activity that neither ends nor is held up waits for something that nobody will do. */
const STUCK_MS = 20_000;
const OPERATIONS_MAX = 5_000;

class Patience {
  readonly over: Promise<never>;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>();
    this.over = promise;
    const complaint = 'a step neither ended nor was held up: something waits for ever';
    this.#timer = setTimeout(() => reject(new Error(complaint)), STUCK_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
