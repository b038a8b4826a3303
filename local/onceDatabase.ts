import { randomUUID } from 'node:crypto';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { readDatabaseAddress } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import { Reject } from '../src/failures.ts';

/**
 * The database of an unattended run. Embedded, it stands in the run's own directory and goes with it. If DATABASE_URL
 * names a server, that database is used and keeps what the run wrote, to be looked at. Each run's store has a name of
 * its own there: the same simulated store twice would be one that goes back in time. A database with real stores is
 * refused.
 */
export interface OnceDatabase {
  /** What the service is to be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** What the simulated shop is to be called; null for its usual name. */
  readonly domain: string | null;
}

const PREFIX = 'driftless-once-';

export async function onceDatabase(url: string | undefined): Promise<OnceDatabase> {
  if (!url?.startsWith('mssql:')) return { env: {}, domain: null };
  const address = readDatabaseAddress({ DATABASE_URL: url });
  const options = { clock: Date.now, monotonic: () => performance.now(), nonce: randomUUID };
  await migrateDatabase(address, options);
  const database = await openDatabase(address, options);
  try {
    await retireEarlierRuns(database);
  } finally {
    await database.close();
  }
  const domain = `${PREFIX}${randomUUID().slice(0, 8)}.myshopify.com`;
  return { env: { DATABASE_URL: url }, domain };
}

/** Of a run that was killed the store is still active, and nobody answers for it. */
async function retireEarlierRuns(database: Database): Promise<void> {
  const active = (await database.stores()).filter((store) => store.active);
  const real = active.filter(({ domain }) => !domain.startsWith(PREFIX));
  if (real.length > 0)
    throw new Reject(
      `the database of DATABASE_URL mirrors ${real.map(({ domain }) => domain).join(', ')}: name another, a simulated store does not belong beside real ones`,
    );
  for (const { id } of active) await database.pauseStore(id);
}
