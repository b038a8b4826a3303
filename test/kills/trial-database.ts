/**
 * The database of a trial: a SQLite file beside the queues, unless a server is named. That of DATABASE_URL is used as
 * an unattended run uses it: each trial has a store of its own there, and what it wrote stays, to be looked at. On that
 * of TEST_DATABASE_URL each trial has a database of its own, which is dropped.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../db/open.ts';
import { onceDatabase } from '../../local/onceDatabase.ts';
import { readDatabaseAddress } from '../../src/config.ts';
import type { Database } from '../../src/database.ts';
import type { DatabaseAddress } from '../../src/database-address.ts';
import { emptyDatabase, testServer } from '../database-server.ts';
import type { Looked } from './looked.ts';
import { Server } from './server.ts';
import { SqliteFile } from './sqlite-file.ts';

export interface TrialDatabase {
  /** What the hosts are to be started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly domain: string;
  readonly looked: Looked;
  /** Through the port, as one more process. */
  open(): Promise<Database>;
  close(): Promise<void>;
}

const DOMAIN = 'killed.myshopify.com';

/** Null for SQLite. */
const NAMED = process.env['DATABASE_URL']?.startsWith('mssql:')
  ? 'DATABASE_URL'
  : testServer() === null
    ? null
    : 'TEST_DATABASE_URL';

/**
 * How much longer than with a file everything may take. Babelfish, for one, learns every batch anew on each new
 * connection, and each new host has new ones: some of its first commits take seconds.
 */
export const SLOWER = NAMED === null ? 1 : 5;

/** How tests call it. */
export const DATABASE = NAMED === null ? 'SQLite' : `the server of ${NAMED}`;

export async function openTrialDatabase(dataDir: string): Promise<TrialDatabase> {
  if (NAMED === null) return inFile(join(dataDir, 'driftless.db'));
  await using opened = new AsyncDisposableStack();
  const database = NAMED === 'DATABASE_URL' ? null : await emptyDatabase(testServer()!);
  if (database !== null) opened.defer(() => database.drop());
  const { env, domain } = await onceDatabase(database?.url ?? process.env['DATABASE_URL']);
  const address = readDatabaseAddress(env);
  if (address.kind !== 'mssql' || domain === null) throw new Error(`${NAMED} names no server.`);
  const looked = await Server.open(address);
  opened.defer(() => looked.close());
  const open = opening(address);
  if (database === null) opened.defer(async () => await retire(await open(), domain));
  const held = opened.move();
  return { env, domain, looked, open, close: () => held.disposeAsync() };
}

const inFile = (file: string): TrialDatabase => ({
  env: {},
  domain: DOMAIN,
  looked: new SqliteFile(file),
  open: opening({ kind: 'sqlite', file }),
  close: async () => {},
});

const opening = (address: DatabaseAddress) => async () =>
  await openDatabase(address, { clock: Date.now, monotonic: () => performance.now(), nonce: randomUUID });

/** Nobody answers for its store any more. */
async function retire(database: Database, domain: string): Promise<void> {
  try {
    const store = (await database.stores()).find((each) => each.domain === domain);
    if (store !== undefined) await database.pauseStore(store.id);
  } finally {
    await database.close();
  }
}
