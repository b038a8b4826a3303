import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { registerAll } from '../app/register.ts';
import type { App, Registered } from '../local/host/app.ts';
import type { TypedData } from '../local/host/contract.ts';
import { collect } from '../local/host/core.ts';
import { type HostSettings, readHostJson } from '../local/host/hostJson.ts';
import { runInvocation } from '../local/host/invocation.ts';
import { parseSchedule, type Schedule } from '../local/host/schedule.ts';
import type { World } from './world.ts';

/**
 * The registered functions, run as Azure runs them and as host.json says, but on the clock of a world: timers when they
 * are due, messages with their tries, poison queues. Hours pass in moments.
 */
export class FunctionApp {
  readonly #world: World;
  readonly #app: App;
  readonly #settings: HostSettings;
  readonly #timers: { readonly fn: Registered; readonly schedule: Schedule; nextAt: number }[];
  /** Names of the functions whose invocations failed. */
  readonly failed: string[] = [];

  private constructor(world: World, app: App, settings: HostSettings, timers: readonly string[] | null) {
    this.#world = world;
    this.#app = app;
    this.#settings = settings;
    this.#timers = app
      .withTrigger('timerTrigger')
      .filter(({ name }) => timers === null || timers.includes(name))
      .map((fn) => {
        const schedule = parseSchedule(String(fn.trigger['schedule']), fn.name);
        return { fn, schedule, nextAt: schedule.next(world.now) };
      });
  }

  /** With these timers, all of them for null. The service of the world is asked for at each invocation, as it is then. */
  static async of(world: World, timers: readonly string[] | null = null): Promise<FunctionApp> {
    const app = await collect(
      () => registerAll(async () => world.service, {}),
      () => {},
    );
    const hostJson = JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8'));
    return new FunctionApp(world, app, readHostJson(hostJson), timers);
  }

  /** Lets this much time pass in steps; whatever falls due meanwhile is done at the end of its step. */
  async live(ms: number, stepMs: number): Promise<void> {
    const until = this.#world.now + ms;
    while (this.#world.now < until) {
      this.#world.wait(Math.min(stepMs, until - this.#world.now));
      await this.#world.courier.pump();
      await this.#occur();
      while (await this.#receive()) await this.#world.courier.pump();
    }
  }

  async #occur(): Promise<void> {
    for (const timer of this.#timers) {
      if (timer.nextAt > this.#world.now) continue;
      await this.#invoke(timer.fn, { json: JSON.stringify({ isPastDue: false }) });
      timer.nextAt = timer.schedule.next(this.#world.now);
    }
  }

  /** One batch of each queue; false when none was visible. */
  async #receive(): Promise<boolean> {
    const { batchSize, maxDequeueCount, visibilityTimeoutMs } = this.#settings.queues;
    const { queues } = this.#world;
    let any = false;
    for (const fn of this.#app.withTrigger('queueTrigger')) {
      const messages = queues.receive(String(fn.trigger['queueName']), batchSize, 600_000);
      any ||= messages.length > 0;
      await Promise.all(
        messages.map(async (message) => {
          if (await this.#invoke(fn, { string: message.text })) queues.complete(message);
          else if (message.dequeueCount >= maxDequeueCount) queues.poison(message);
          else queues.abandon(message, visibilityTimeoutMs);
        }),
      );
    }
    return any;
  }

  async #invoke(fn: Registered, data: TypedData): Promise<boolean> {
    try {
      await runInvocation(this.#app, fn, {
        invocationId: randomUUID(),
        functionId: fn.name,
        inputData: [{ name: fn.trigger.bindingName, data }],
        triggerMetadata: {},
        traceContext: { traceParent: '', traceState: '' },
      });
      return true;
    } catch {
      this.failed.push(fn.name);
      return false;
    }
  }
}
