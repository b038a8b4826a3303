import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { openDatabase } from '../db/open.ts';
import { type Environment, readConfig } from '../src/config.ts';
import { Reject } from '../src/failures.ts';
import type { Log } from '../src/log.ts';
import type { Service } from '../src/service.ts';
import { alarm } from './alarm.ts';
import { assemble } from './assemble.ts';
import { withBreaker } from './breaker.ts';
import { storageAddress } from './storage-address.ts';
import { openStorageQueues } from './storage-queues.ts';

/**
 * One process in Azure. It stands with the first invocation, whatever is away: the database and the queues are reached
 * when somebody uses them. Only a configuration that makes no sense fails it, and every invocation says so anew.
 */
export function createProcess(environment: Environment, log: Log): () => Promise<Service> {
  let standing: Service | null = null;
  return async () => {
    standing ??= start(environment, log);
    return standing;
  };
}

function start(environment: Environment, log: Log): Service {
  // The embedded database would lie in a folder that Azure may replace at any moment.
  if (!environment['DATABASE_URL'])
    throw new Reject('The configuration names no database: set DATABASE_URL to that of a server');
  const config = readConfig(environment);
  const clock = Date.now;
  const nonce = randomUUID;
  return assemble(config, {
    database: withBreaker(() => openDatabase(config.database, { clock, nonce }), clock),
    queues: openStorageQueues(storageAddress(environment)),
    log,
    clock,
    sleep: async (ms) => await sleepFor(ms),
    alarm,
    random: Math.random,
    nonce,
    fetch,
  });
}
