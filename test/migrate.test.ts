import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateDatabase } from '../db/migrate.ts';
import { openMssql } from '../db/mssql/open.ts';
import { schema as mssql } from '../db/schema.mssql.ts';
import { schema as sqlite } from '../db/schema.sqlite.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { MssqlAddress } from '../src/database-address.ts';
import { Reject } from '../src/failures.ts';
import { databaseBattery } from './database-battery.ts';
import { childOf, recordOf, type TestDatabase, worldOf } from './database-fixture.ts';
import { type EmptyDatabase, emptyDatabase, testServer } from './database-server.ts';

/**
 * Migrations, and releases beside schemas that are not quite their own: an older one is refused with what to do, a
 * later one is worked on, because two releases run side by side while one takes over from the other.
 */

const door = fileURLToPath(new URL('../local/migrate.ts', import.meta.url));
let nonces = 0;
const options = { clock: () => Date.parse('2026-11-01T12:00:00Z'), nonce: () => `nonce-${nonces++}` };
/** As a door gives them. */
const given = { ...options, monotonic: () => 0 };

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `npm run db:migrate` */
function migrateByHand(url: string): Promise<Said> {
  const child = spawn(process.execPath, [door], { env: { ...process.env, DATABASE_URL: url } });
  return new Promise((resolve) => {
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** What the next release might add to every table, and its record: a column that this one does not know. */
const LATER = '29990101000000_later';
const recordOfLater = (table: string) => `insert into ${table} (hash, name) values ('x', '${LATER}')`;

describe('SQLite', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'driftless-migrate-'));
    file = join(folder, 'mirror.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const change = (...statements: readonly string[]) => {
    const client = new DatabaseSync(file);
    for (const statement of statements) client.exec(statement);
    client.close();
  };
  const tables = () => {
    const client = new DatabaseSync(file);
    const names = client.prepare("select name from sqlite_schema where type = 'table'").all();
    client.close();
    return names.map(({ name }) => name);
  };

  it('is migrated by three processes at once: one does it, the others find it done', async () => {
    await expectOneToMigrate(`sqlite:${file}`);
  });

  it('is not changed at all if one migration fails, and the failure says which', async () => {
    change('create table Freshness (a)');
    await expectFailure(`sqlite:${file}`);
    expect(tables()).toEqual(['Freshness']);
  });

  it('is refused while it lacks a migration, unless the service may apply it', async () => {
    const applied = await migrateDatabase({ kind: 'sqlite', file }, given);
    change(`delete from __drizzle_migrations where name = '${applied.at(-1)}'`);
    await expectRefusal(() => openSqlite(file, { ...options, migrate: false }), applied.at(-1)!);
  });
});

/** The whole battery on a schema of the next release, made once and copied for each test. */
const ahead = join(mkdtempSync(join(tmpdir(), 'driftless-ahead-')), 'ahead.db');
beforeAll(async () => {
  await migrateDatabase({ kind: 'sqlite', file: ahead }, given);
  const client = new DatabaseSync(ahead);
  client.exec(`begin; create table Collections (a); ${recordOfLater('__drizzle_migrations')};`);
  for (const table of Object.keys(sqlite.tables)) client.exec(`alter table ${table} add column Later text`);
  client.exec('commit');
  client.close();
});
afterAll(() => rmSync(dirname(ahead), { recursive: true }));

let copies = 0;
databaseBattery('SQLite, migrated by a later release', async (): Promise<TestDatabase> => {
  const file = `${ahead}-${copies++}`;
  copyFileSync(ahead, file);
  const client = new DatabaseSync(file);
  let now = options.clock();
  return {
    connect: () => openSqlite(file, { ...options, clock: () => now, migrate: false }),
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    select: async (query) => client.prepare(query).all(),
    drop: async () => client.close(),
  };
});

const server = testServer();
if (server === null)
  it.skip('SQL Server is not migrated: set TEST_DATABASE_URL to a server of tests', () => {});
else describe('SQL Server', () => onServer(server));

function onServer(server: MssqlAddress): void {
  let empty: EmptyDatabase;
  beforeAll(async () => {
    empty = await emptyDatabase(server);
  });
  afterAll(() => empty.drop());

  const change = async (...statements: readonly string[]) => {
    for (const statement of statements) await empty.pool.request().batch(statement);
  };

  it('is not changed at all if one migration fails, and the failure says which', async () => {
    await change('create table Freshness (a int)');
    await expectFailure(empty.url);
    const { recordset } = await empty.pool.query('select name from sys.tables');
    expect(recordset.map(({ name }) => String(name).toLowerCase())).toEqual(['freshness']);
    await change('drop table Freshness');
  });

  it('is refused while it has no tables, and nothing is made of it', async () => {
    const error = await openMssql(empty.address, options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({
      message: expect.stringMatching(/none of Driftless's tables.*npm run db:migrate/),
    });
  });

  it('is migrated by three processes at once: one does it, the others find it done', async () => {
    await expectOneToMigrate(empty.url);
  });

  it('locks rows, however many: never a whole table (R7)', async ({ skip }) => {
    const { recordset } = await empty.pool.query(
      `select serverproperty('Babelfish') as babelfish, name, lock_escalation_desc as escalates from sys.tables`,
    );
    skip(recordset[0].babelfish === 1, 'Babelfish has row locks only');
    const ours = recordset.filter(({ name }) => name in mssql.tables);
    expect(ours).toHaveLength(Object.keys(mssql.tables).length);
    expect(ours.filter(({ escalates }) => escalates !== 'DISABLE')).toEqual([]);
  });

  it('is refused while it lacks a migration', async () => {
    const { recordset } = await empty.pool.query('select name from drizzle.__drizzle_migrations order by id');
    const latest = recordset.at(-1).name;
    await change(`delete from drizzle.__drizzle_migrations where name = '${latest}'`);
    await expectRefusal(() => openMssql(empty.address, options), latest);
    await change(`insert into drizzle.__drizzle_migrations (hash, name) values ('x', '${latest}')`);
  });

  it('is worked on although a later release has migrated it', async () => {
    const later = Object.keys(mssql.tables).map(
      (table) => `alter table ${table} add Later nvarchar(10) null`,
    );
    await change(...later, recordOfLater('drizzle.__drizzle_migrations'));
    const world = await worldOf(async () => ({
      connect: () => openMssql(empty.address, options),
      now: options.clock,
      advance: () => {},
      select: async () => [],
      drop: async () => {},
    }));
    const children = { OrderItems: [childOf('orders', 'OrderItems', '51', { Quantity: 2 })] };
    await world.write('orders', recordOf('orders', '5', { Email: 'a@example.com' }, { children }));
    await world.write('orders', recordOf('orders', '5', { Email: 'b@example.com' }, { children }));
    expect((await world.rows('orders')).get('5')).toMatchObject({ row: { Email: 'b@example.com' } });
    expect(await world.database.status(world.storeId)).toMatchObject({ rows: { Orders: 1, OrderItems: 1 } });
    await world.close();
  });
}

async function expectOneToMigrate(url: string): Promise<void> {
  const said = await Promise.all([1, 2, 3].map(() => migrateByHand(url)));
  expect(said.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  const worked = said.filter(({ out }) => /^applied \d+_/.test(out));
  expect(worked).toHaveLength(1);
  for (const { out } of said)
    expect(out).toMatch(
      worked.some((each) => each.out === out) ? /has the schema of this release now/ : /nothing was done/,
    );
}

async function expectFailure(url: string): Promise<void> {
  const { code, out, err } = await migrateByHand(url);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^The database was not migrated: .*statement \d+ of \d+ of the migration \d+_/);
}

async function expectRefusal(open: () => Promise<unknown>, lacking: string): Promise<void> {
  const error = await open().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Reject);
  const says = new RegExp(`older than this release.*${lacking}.*Run .npm run db:migrate.`);
  expect(error).toMatchObject({ message: expect.stringMatching(says) });
}
