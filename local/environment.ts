import { existsSync } from 'node:fs';
import type { Environment } from '../src/config.ts';
import { Reject } from '../src/failures.ts';

/** `.env` of the working directory; variables that are set already win. Throws a `Reject` if it cannot be read. */
export function loadEnvironment(): Environment {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
  } catch (cause) {
    throw new Reject('.env cannot be read: it has to be a text file that this user may read', { cause });
  }
  return process.env;
}

const TELLING = /^(LOG_|APPLICATIONINSIGHTS_|OTEL_)/;

/** The settings of log and telemetry, which hold for a simulated store too. */
export const tellingOf = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => TELLING.test(name)));

/** Credentials without a store count: their owner would wonder at a simulated one, and is told what is missing. */
export const namesStore = (env: Environment): boolean =>
  Object.keys(env).some(
    (name) => env[name] && /^SHOPIFY(_\d+)?_(SHOP|ACCESS_TOKEN|CLIENT_ID|CLIENT_SECRET)$/.test(name),
  );
