import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { withDatabaseUrl } from '../app/database-url.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { readDatabaseAddress } from '../src/config.ts';
import type { DatabaseAddress } from '../src/database-address.ts';
import { Reject, Transient } from '../src/failures.ts';
import { makeDirectory } from './directory.ts';
import { loadEnvironment } from './environment.ts';

/**
 * `npm run db:migrate`: brings the database that DATABASE_URL names to the schema of this release, and says what it
 * did. Ends with 1 if anything failed: then nothing was changed at all.
 */
const nameOf = (address: DatabaseAddress): string =>
  address.kind === 'sqlite' ? address.file : `${address.database} on ${address.host}:${address.port}`;

async function main(): Promise<void> {
  const address = readDatabaseAddress(await withDatabaseUrl(loadEnvironment()));
  if (address.kind === 'sqlite') makeDirectory(dirname(address.file));
  const applied = await migrateDatabase(address, {
    clock: Date.now,
    monotonic: () => performance.now(),
    nonce: randomUUID,
  });
  for (const name of applied) console.log(`applied ${name}`);
  console.log(
    applied.length === 0
      ? `${nameOf(address)} has the schema of this release already: nothing was done.`
      : `${nameOf(address)} has the schema of this release now.`,
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Reject || error instanceof Transient)) throw error;
  console.error(`The database was not migrated: ${error.message}`);
  process.exitCode = 1;
}
