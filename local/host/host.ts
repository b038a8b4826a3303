/**
 * A Functions host in this process: it runs the registrations that run in Azure, without Azure. Requests come by
 * HTTP, messages and timers from a SQLite file. It serves `npm start`, the tests and the benchmarks.
 *
 * Why our own: Azure's host is a .NET program that npm only downloads, and emulated storage answers in tens of
 * milliseconds. What differs from Azure on purpose is said where it differs; triggers other than HTTP, queue
 * and timer are refused at the start rather than silently never fired.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App, Registered } from './app.ts';
import { collect } from './core.ts';
import { type HostJson, type QueueSettings, readHostJson, resolveSettings } from './hostJson.ts';
import { HttpDoor } from './http.ts';
import { Invoker } from './invoker.ts';
import { type Log, logTroubleToStderr } from './log.ts';
import { QueueListener } from './queueListener.ts';
import type { SqliteQueues } from './queues.ts';
import { routesOf } from './routes.ts';
import { parseSchedule } from './schedule.ts';
import { TimerRecords } from './timerRecords.ts';
import { Timers } from './timers.ts';

export interface HostOptions {
  /** Registers the functions (or imports the modules that do), called once the library has a host to talk to. */
  readonly register: () => void | Promise<void>;
  readonly hostJson: HostJson;
  /** Stays open when the host stops: it belongs to whoever opened it. */
  readonly queues: SqliteQueues;
  /** 0 = any free one. */
  readonly port: number;
  readonly hostname?: '127.0.0.1';
  /** For `%NAME%` in schedules and queue names. */
  readonly settings: Readonly<Record<string, string>>;
  /** False: timers run only when asked to. */
  readonly timers?: boolean;
  /** For functions that ask for a key, and the admin address. Random unless given. */
  readonly functionKey?: string;
  readonly log?: Log;
  readonly maxBodyBytes?: number;
  /** How long a message of a process that died stays away. */
  readonly leaseMs?: number;
  /** How often to look for due timers and for messages that are delayed or come from other processes. */
  readonly pollMs?: number;
  /** How long `stop` waits for what is running. */
  readonly stopTimeoutMs?: number;
}

export interface LocalHost {
  /** Without a slash at the end. */
  readonly url: string;
  readonly functionKey: string;
  readonly functions: ReadonlyMap<string, Registered>;
  /** Runs a timer function now and waits for it; rejects as it does. */
  runTimer(name: string): Promise<void>;
  /** Nothing runs and no message is to be received. Delayed messages do not count. */
  idle(): boolean;
  /** Takes nothing new, waits for what runs (bounded), closes. Later calls return the same promise. */
  stop(): Promise<void>;
}

const LEASE_MS = 60_000;
const POLL_MS = 200;
const BODY_BYTES_MAX = 6 * 1024 * 1024;

/** Throws, having started nothing, when a registration, a setting, host.json or the port is not as it has to be. */
export async function startHost(options: HostOptions): Promise<LocalHost> {
  const { hostname = '127.0.0.1', functionKey = randomBytes(16).toString('hex') } = options;
  const app = await collect(options.register, options.log ?? logTroubleToStderr);
  const parts = assemble(options, app, functionKey);
  const { http, timers, listeners, invoker } = parts;
  await app.runAppHooks('appStart');
  const port = await http.listen(options.port, hostname);

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopParts(parts, options.stopTimeoutMs ?? 10_000);
    return stopped;
  };
  try {
    for (const listener of listeners) listener.start();
    if (options.timers ?? true) timers.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://${hostname}:${port}`,
    functionKey,
    functions: app.functions,
    runTimer: (name) => timers.runNow(name),
    idle: () => !http.busy && !timers.busy && !listeners.some((listener) => listener.busy) && !invoker.busy,
    stop,
  };
}

/** What a host consists of, checked and not started yet. */
interface Parts {
  readonly app: App;
  readonly invoker: Invoker;
  readonly timers: Timers;
  readonly listeners: readonly QueueListener[];
  readonly http: HttpDoor;
}

function assemble(options: HostOptions, app: App, functionKey: string): Parts {
  const { queues, settings } = options;
  const {
    functionTimeoutMs,
    routePrefix,
    customHeaders,
    queues: queueSettings,
  } = readHostJson(options.hostJson);
  refuseForeignBindings(app);
  const invoker = new Invoker({ app, queues, settings, functionTimeoutMs });
  const timers = timersOf(options, app, invoker);
  const listeners = listenersOf(options, app, invoker, queueSettings);
  const http = new HttpDoor({
    routes: routesOf(app.withTrigger('httpTrigger'), routePrefix),
    functions: app.functions,
    invoker,
    runNow: (fn, input) => {
      const isTimer = fn.trigger.type.toLowerCase() === 'timertrigger';
      const run = isTimer ? timers.runNow(fn.name) : invoker.invoke(fn, { data: { string: input } });
      // A failure has been logged by the invoker; there is nobody else to tell.
      run.catch(() => {});
    },
    functionKey,
    maxBodyBytes: options.maxBodyBytes ?? BODY_BYTES_MAX,
    customHeaders,
    log: app.log,
  });
  return { app, invoker, timers, listeners, http };
}

/** What would never fire, or never be fed, has to be said before anybody waits for it. */
function refuseForeignBindings(app: App): void {
  for (const { name, bindings } of app.functions.values())
    for (const { type, direction } of Object.values(bindings)) {
      const known = direction === 'in' ? /^(http|queue|timer)Trigger$/i : /^(http|queue)$/i;
      if (!known.test(type))
        throw new Error(
          `Function "${name}" has a ${type} ${direction}put, which the local host does not have. Run it in Azure only.`,
        );
    }
}

function timersOf({ queues, settings, pollMs = POLL_MS }: HostOptions, app: App, invoker: Invoker): Timers {
  const functions = app.withTrigger('timerTrigger').map((fn) => {
    const text = resolveSettings(String(fn.trigger['schedule']), settings, `Timer "${fn.name}"`);
    return { fn, schedule: parseSchedule(text, fn.name) };
  });
  const records = new TimerRecords(queues.database);
  return new Timers({ functions, records, invoker, clock: queues.clock, pollMs, log: app.log });
}

function listenersOf(
  { queues, settings, leaseMs = LEASE_MS, pollMs = POLL_MS }: HostOptions,
  app: App,
  invoker: Invoker,
  queueSettings: QueueSettings,
): QueueListener[] {
  return app.withTrigger('queueTrigger').map((fn) => {
    const queue = resolveSettings(String(fn.trigger['queueName']), settings, `Function "${fn.name}"`);
    return new QueueListener({
      fn,
      queue,
      queues,
      invoker,
      settings: queueSettings,
      leaseMs,
      pollMs,
      log: app.log,
    });
  });
}

async function stopParts({ app, http, timers, listeners, invoker }: Parts, timeoutMs: number): Promise<void> {
  const all = [http, timers, ...listeners];
  for (const part of all) part.stop();
  const enough = new AbortController();
  const settled = Promise.all([...all, invoker].map((part) => part.settled())).finally(() => enough.abort());
  await Promise.race([settled, sleep(timeoutMs, undefined, { signal: enough.signal }).catch(() => {})]);
  // Messages that are still in work keep their leases and return when those end.
  for (const listener of listeners) listener.letGo();
  await http.close();
  await app.runAppHooks('appTerminate');
}
