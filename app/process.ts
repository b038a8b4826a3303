import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { openDatabase } from '../db/open.ts';
import { type Environment, readConfig, readDatabaseAddress } from '../src/config.ts';
import type { LogSink } from '../src/log/line.ts';
import type { Service } from '../src/service.ts';
import { alarm } from './alarm.ts';
import { assemble } from './assemble.ts';
import { withBreaker } from './breaker.ts';
import { isInVault, withDatabaseUrl } from './database-url.ts';
import { storageAddress, storageProblems } from './storage-address.ts';
import { openStorageQueues } from './storage-queues.ts';
import { observe } from './telemetry/observe.ts';

/**
 * One process in Azure. It stands with the first invocation, whatever is away: the database and the queues are reached
 * when somebody uses them. Only a configuration that makes no sense fails it, and every invocation says so anew.
 */
export function createProcess(environment: Environment, console: LogSink): () => Promise<Service> {
  let standing: Service | null = null;
  return async () => {
    standing ??= start(environment, console);
    return standing;
  };
}

function start(environment: Environment, console: LogSink): Service {
  const config = readConfig(
    isInVault(environment) ? { ...environment, DATABASE_URL: undefined } : environment,
    [...databaseProblems(environment), ...storageProblems(environment)],
  );
  const clock = Date.now;
  const monotonic = () => performance.now();
  const nonce = randomUUID;
  // Read anew at each opening: while the vault is away, or the address in it is wrong, everything else stands.
  const open = async () =>
    await openDatabase(readDatabaseAddress(await withDatabaseUrl(environment)), { clock, monotonic, nonce });
  // What the host takes from the console ends in Application Insights as well: there it would stand twice.
  const { log, telemetry } = observe({
    config: config.telemetry,
    language: config.logLanguage ?? 'ja',
    clock,
    monotonic,
    console,
    both: false,
  });
  return assemble(config, {
    database: withBreaker(open, monotonic),
    queues: openStorageQueues(storageAddress(environment)),
    log,
    telemetry,
    clock,
    monotonic,
    sleep: async (ms) => await sleepFor(ms),
    alarm,
    random: Math.random,
    nonce,
    fetch,
  });
}

function databaseProblems(environment: Environment): readonly string[] {
  // The embedded database would lie in a folder that Azure may replace at any moment.
  if (!environment['DATABASE_URL']) return ['DATABASE_URL is missing: set it to the address of a server'];
  if (isInVault(environment) && !environment['KEY_VAULT_URL'])
    return ['KEY_VAULT_URL is missing, and DATABASE_URL is in it: set the address of the vault'];
  return [];
}
