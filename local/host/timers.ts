/**
 * Timers as Azure's timer extension runs them: one run of a function at a time; what was missed while no host
 * ran is made up by one run, at the start, marked `isPastDue`; a run that outlasts its interval is followed at
 * once by one more, and the occurrences between are skipped.
 *
 * Due times are looked up every `pollMs` instead of slept towards, so that a laptop that was asleep, a clock
 * that was set and a clock in a test are all the same case.
 */

import type { Registered } from './app.ts';
import type { TypedData } from './contract.ts';
import type { Invoker } from './invoker.ts';
import { describe, type Log } from './log.ts';
import { withRetries } from './retries.ts';
import type { Schedule } from './schedule.ts';
import type { TimerRecord, TimerRecords } from './timerRecords.ts';

export interface TimersOptions {
  readonly functions: readonly { readonly fn: Registered; readonly schedule: Schedule }[];
  readonly records: TimerRecords;
  readonly invoker: Invoker;
  readonly clock: () => number;
  readonly pollMs: number;
  readonly log: Log;
}

interface Timer {
  readonly fn: Registered;
  readonly schedule: Schedule;
  /** Not asked about before this time. */
  dueAt: number;
  /** The occurrence that is due was missed while no host ran. */
  missed: boolean;
  /** The run under way. It never rejects. */
  run: Promise<unknown> | undefined;
}

/** How long an occurrence of a dead process stays claimed. */
const LEASE_MS = 20_000;
const AFTER_TROUBLE_MS = 1_000;

export class Timers {
  readonly #options: TimersOptions;
  readonly #timers: ReadonlyMap<string, Timer>;
  readonly #stopping = new AbortController();
  #poll: NodeJS.Timeout | undefined;

  constructor(options: TimersOptions) {
    this.#options = options;
    const timers = options.functions.map(
      ({ fn, schedule }): Timer => ({
        fn,
        schedule,
        dueAt: Number.POSITIVE_INFINITY,
        missed: false,
        run: undefined,
      }),
    );
    this.#timers = new Map(timers.map((timer) => [timer.fn.name, timer]));
  }

  get busy(): boolean {
    return [...this.#timers.values()].some((timer) => timer.run);
  }

  /** Runs what is past due and begins to watch the clock. */
  start(): void {
    for (const timer of this.#timers.values()) {
      timer.missed = this.#enter(timer);
      if (timer.missed) this.#occur(timer);
      else if (timer.fn.trigger['runOnStartup'] === true) void this.runNow(timer.fn.name).catch(() => {});
    }
    this.#poll = setInterval(() => this.#look(), this.#options.pollMs);
  }

  /** No further run or retry begins. `settled` tells when the running ones have ended. */
  stop(): void {
    clearInterval(this.#poll);
    this.#stopping.abort();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#timers.values()].map((timer) => timer.run));
  }

  /** One run now, after the one that may be under way; the schedule does not notice. Rejects as the function does. */
  async runNow(name: string): Promise<void> {
    const timer = this.#timers.get(name);
    if (!timer)
      throw new Error(`There is no timer "${name}". There are: ${[...this.#timers.keys()].join(', ')}.`);
    while (timer.run) await timer.run;
    if (this.#stopping.signal.aborted) throw new Error(`Timer "${name}" cannot run: the host has stopped.`);
    await this.#alone(timer, () => this.#invoke(timer, this.#options.records.read(name), false));
  }

  /** Finds or makes the timer's record. True when an occurrence was missed. */
  #enter(timer: Timer): boolean {
    const { records, clock } = this.#options;
    const { fn, schedule } = timer;
    const now = clock();
    const record = records.read(fn.name);
    const monitored = schedule.everyMinuteOrLess && fn.trigger['useMonitor'] !== false;
    timer.dueAt = record?.nextAt ?? 0;
    if (record?.schedule === schedule.text && (monitored || record.nextAt > now)) return record.nextAt <= now;
    timer.dueAt = schedule.next(now);
    records.reset(fn.name, schedule.text, timer.dueAt, now);
    return false;
  }

  #look(): void {
    const now = this.#options.clock();
    for (const timer of this.#timers.values()) if (!timer.run && timer.dueAt <= now) this.#occur(timer);
  }

  #occur(timer: Timer): void {
    const { clock, log } = this.#options;
    void this.#alone(timer, () => this.#runOccurrence(timer)).catch((thrown: unknown) => {
      timer.dueAt = clock() + AFTER_TROUBLE_MS;
      const message = `its record could not be read or written, trying again: ${describe(thrown)}`;
      log({ level: 'error', category: 'host', message, functionName: timer.fn.name });
    });
  }

  async #alone<T>(timer: Timer, work: () => Promise<T>): Promise<T> {
    const run = work();
    timer.run = run.catch(() => {});
    try {
      return await run;
    } finally {
      timer.run = undefined;
    }
  }

  async #runOccurrence(timer: Timer): Promise<void> {
    const { records, clock } = this.#options;
    const { name } = timer.fn;
    const startedAt = clock();
    const token = records.claim(name, startedAt, LEASE_MS);
    const record = records.read(name);
    if (token === undefined) {
      // Another host on this file runs it, or ran it: look again when that is over.
      timer.dueAt = Math.max(record?.nextAt ?? 0, record?.leaseUntil ?? 0, startedAt + 1);
      return;
    }
    const renewals = setInterval(() => this.#renew(name, token), LEASE_MS / 3).unref();
    const cut = await this.#invoke(timer, record, timer.missed).then(
      () => false,
      () => this.#stopping.signal.aborted,
    );
    clearInterval(renewals);
    // A run that the stop cut short stays due: the next host makes it up.
    if (cut) {
      records.release(name, token);
      return;
    }
    timer.missed = false;
    timer.dueAt = timer.schedule.next(startedAt);
    records.finish(name, token, { startedAt, nextAt: timer.dueAt, now: clock() });
  }

  #renew(name: string, token: string): void {
    try {
      this.#options.records.renew(name, token, this.#options.clock() + LEASE_MS);
    } catch (thrown) {
      const message = `its lease could not be renewed: ${describe(thrown)}`;
      this.#options.log({ level: 'warning', category: 'host', message, functionName: name });
    }
  }

  async #invoke({ fn, schedule }: Timer, record: TimerRecord | undefined, isPastDue: boolean): Promise<void> {
    const { clock, invoker } = this.#options;
    const data = timerInput(record, schedule.next(clock()), isPastDue);
    await withRetries(fn.retry, this.#stopping.signal, (retry) => invoker.invoke(fn, { data, retry }));
  }
}

function timerInput(record: TimerRecord | undefined, nextMs: number, isPastDue: boolean): TypedData {
  const iso = (timeMs: number | undefined) =>
    timeMs === undefined ? '0001-01-01T00:00:00Z' : new Date(timeMs).toISOString();
  const input = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: {
      Last: iso(record?.lastAt),
      Next: iso(record?.nextAt ?? nextMs),
      LastUpdated: iso(record?.updatedAt),
    },
    IsPastDue: isPastDue,
  };
  return { json: JSON.stringify(input) };
}
