import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble } from '../app/assemble.ts';
import { registerAll } from '../app/register.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import { type Config, type Environment, readConfig } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import type { Service } from '../src/service.ts';
import { type LocalHost, startHost } from './host/host.ts';
import { openQueues } from './host/queues.ts';

/**
 * Driftless on this machine: the functions that run in Azure, on the local host, with the embedded database.
 * The queues have a SQLite file of their own beside it, whatever the database.
 */
export interface Driftless {
  readonly service: Service;
  readonly host: LocalHost;
  /** Messages that are visible or being worked on. */
  idle(): boolean;
  /** Stops clean: what runs is finished, what is left is durable. */
  stop(): Promise<void>;
}

export interface DriftlessOptions {
  readonly env: Environment;
  /** Directory of the database and the queues. */
  readonly dataDir: string;
  readonly timers: boolean;
  readonly log: Log;
  /** Deliver webhooks to this host itself, as a simulated Shopify on this machine can. */
  readonly webhooksToHost: boolean;
}

export async function startDriftless(options: DriftlessOptions): Promise<Driftless> {
  const { dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const env: Environment = { DATABASE_URL: `sqlite:${join(dataDir, 'driftless.db')}`, ...options.env };
  const config = readConfig(env);
  const file = config.databaseUrl.slice('sqlite:'.length);
  mkdirSync(dirname(file), { recursive: true });
  const database = await openSqlite(file, { clock: Date.now, nonce: randomUUID });
  const queues = openQueues(join(dataDir, 'queues.db'));
  const ready = Promise.withResolvers<Service>();
  const host = await startHost({
    register: () => registerAll(() => ready.promise, env),
    hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
    queues,
    port: config.port,
    settings: {},
    timers: options.timers,
    log: ({ level, message, functionName }) =>
      (level === 'error' || level === 'critical') && log('error', message, { function: functionName ?? '' }),
  });
  const service = assemble(withWebhooks(config, options, host), {
    database,
    queues,
    log,
    clock: Date.now,
    sleep: (ms) => sleep(ms),
    random: Math.random,
    nonce: randomUUID,
    fetch,
  });
  ready.resolve(service);
  return {
    service,
    host,
    idle: () => host.idle(),
    stop: async () => {
      await host.stop();
      queues.close();
      await database.close();
    },
  };
}

const withWebhooks = (config: Config, options: DriftlessOptions, host: LocalHost): Config =>
  options.webhooksToHost ? { ...config, webhookUrl: `${host.url}/api/webhooks/shopify` } : config;

/** `.env` of the working directory over nothing: variables that are set already win. */
export function loadEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}
