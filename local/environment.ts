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

/** Credentials without a store count: their owner would wonder at a simulated one, and is told what is missing. */
export const namesStore = (env: Environment): boolean =>
  Object.keys(env).some(
    (name) => env[name] && /^SHOPIFY(_\d+)?_(SHOP|ACCESS_TOKEN|CLIENT_ID|CLIENT_SECRET)$/.test(name),
  );
