import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { alarm } from '../app/alarm.ts';
import { assemble } from '../app/assemble.ts';
import { withDatabaseUrl } from '../app/database-url.ts';
import { registerAll } from '../app/register.ts';
import { type Observed, observe } from '../app/telemetry/observe.ts';
import { openDatabase } from '../db/open.ts';
import { type Config, type Environment, readConfig } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { LogSink } from '../src/log/line.ts';
import { schedulesOf } from '../src/schedules.ts';
import type { Service } from '../src/service.ts';
import { makeDirectory } from './directory.ts';
import { MESSAGE_LEASE_MS, withHeartbeat } from './heartbeat.ts';
import { type LocalHost, startHost } from './host/host.ts';
import { openQueues, type SqliteQueues } from './host/queues.ts';
import { parseSchedule } from './host/schedule.ts';
import { localPrivacyKey } from './privacyKey.ts';

/**
 * Driftless on this machine: the functions that run in Azure, on the local host, with the embedded database unless
 * DATABASE_URL names another. The queues have a SQLite file of their own, whatever the database.
 */
export interface Driftless {
  readonly service: Service;
  readonly host: LocalHost;
  /** No message is visible or being worked on. */
  idle(): boolean;
  /** Stops within moments: what is asked of Shopify is given up, what was begun is still marked or queued. */
  stop(): Promise<void>;
}

export interface DriftlessOptions {
  readonly env: Environment;
  /** Directory of the database and the queues. */
  readonly dataDir: string;
  readonly timers: boolean;
  /** Where lines are shown, in the format that the configuration asks for. */
  readonly log: (format: Config['logFormat']) => LogSink;
  /** Deliver webhooks to this host itself, as a simulated Shopify on this machine can. */
  readonly webhooksToHost: boolean;
  /** When it aborts, nothing waits any longer: neither for Shopify nor for time to pass. `stop` has still to be called. */
  readonly signal: AbortSignal;
}

/** Throws a `Reject` or `Transient` that says what to do when the configuration, a file or the port is unusable. */
export async function startDriftless(options: DriftlessOptions): Promise<Driftless> {
  makeDirectory(options.dataDir);
  const env = withDefaults(options);
  const config = readConfig(await withDatabaseUrl(env));
  assertSchedules(env);
  await using opened = new AsyncDisposableStack();
  const database = withHeartbeat(await openHere(config, options.dataDir), monotonic);
  opened.defer(() => database.close());
  const queues = refusing(() => openQueues(join(options.dataDir, 'queues.db'), { monotonic }));
  opened.defer(() => queues.close());

  const stopping = new AbortController();
  // What is cut short is no news: it is still marked, or queued.
  const over = AbortSignal.any([stopping.signal, options.signal]);
  const show = options.log(config.logFormat);
  const observed = observe({
    config: config.telemetry,
    language: config.logLanguage ?? 'en',
    clock: Date.now,
    monotonic,
    console: (...line) => {
      if (!over.aborted) show(...line);
    },
    both: true,
  });
  opened.defer(() => observed.stop());
  const { log, telemetry } = observed;
  const ready = Promise.withResolvers<Service>();
  const host = await hostOf({ ...options, env }, log, config, queues, ready.promise);
  opened.defer(() => host.stop());
  opened.defer(() => stopping.abort());
  const webhookUrl = options.webhooksToHost ? `${host.url}/api/webhooks/shopify` : config.webhookUrl;
  const service = assemble(
    { ...config, webhookUrl },
    {
      ...outsideUntil(over),
      database,
      queues,
      log,
      telemetry,
      alarm,
      random: Math.random,
      nonce: randomUUID,
    },
  );
  ready.resolve(service);
  const running = opened.move();
  return { service, host, idle: () => host.idle(), stop: () => running.disposeAsync() };
}

const monotonic = () => performance.now();

/** What needs no setting on this machine; an empty variable counts as absent. */
function withDefaults({ env, dataDir }: DriftlessOptions): Environment {
  const database = `sqlite:${join(dataDir, 'driftless.db')}`;
  const exports = join(dataDir, 'exports');
  const privacyKey = env['PRIVACY_KEY'] || localPrivacyKey(dataDir);
  return {
    DATABASE_URL: database,
    ...env,
    EXPORT_DIR: env['EXPORT_DIR'] || exports,
    PRIVACY_KEY: privacyKey,
  };
}

/** Every schedule that Azure would not understand at once, by the name of its setting. */
function assertSchedules(env: Environment): void {
  const problems = Object.entries(schedulesOf(env)).flatMap(([name, text]) => {
    try {
      parseSchedule(text, name);
      return [];
    } catch (error) {
      return [`  - ${name} is "${text}": ${error instanceof Error ? error.message : error}`];
    }
  });
  if (problems.length > 0) throw new Reject(`Schedules cannot be read:\n${problems.join('\n')}`);
}

async function openHere({ database }: Config, dataDir: string): Promise<Database> {
  makeDirectory(dataDir);
  if (database.kind === 'sqlite') makeDirectory(dirname(database.file));
  return await openDatabase(database, { clock: Date.now, monotonic, nonce: randomUUID });
}

async function hostOf(
  { env, timers }: DriftlessOptions,
  log: Observed['log'],
  config: Config,
  queues: SqliteQueues,
  service: Promise<Service>,
): Promise<LocalHost> {
  const starting = startHost({
    register: () => registerAll(() => service, env),
    hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
    queues,
    port: config.port,
    settings: {},
    timers,
    leaseMs: MESSAGE_LEASE_MS,
    log: ({ level, message, functionName }) => {
      if (level === 'error' || level === 'critical')
        log('functionFailed', { Function: functionName ?? '', Cause: message });
    },
  });
  return await starting.catch((error: unknown) => {
    throw refused(error);
  });
}

/** Time and network of this machine, which end when the service stops: nobody waits for an answer he will not use. */
function outsideUntil(signal: AbortSignal): Pick<Service, 'clock' | 'monotonic'> & {
  readonly sleep: (ms: number) => Promise<void>;
  readonly fetch: typeof fetch;
} {
  return {
    clock: Date.now,
    monotonic,
    sleep: async (ms) => {
      try {
        await sleepFor(ms, undefined, { signal });
      } catch (cause) {
        throw new Transient('Driftless is stopping', { cause });
      }
    },
    fetch: (input, init) =>
      fetch(input, { ...init, signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]) }),
  };
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refused(error);
  }
}

/** The host says what to do about ports and files, in errors of no class: with a cause they are the world's, not bugs. */
function refused(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause === undefined || error instanceof Transient) return error;
  const { cause } = error;
  const isPort = cause instanceof Error && 'syscall' in cause && cause.syscall === 'listen';
  return new Reject(isPort ? `${error.message} PORT sets it.` : error.message, { cause: error });
}
