import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { Reject } from '../../src/failures.ts';
import { type Connection, transact } from './connection.ts';
import { translated } from './failures.ts';

/**
 * Brings the database to the present schema. drizzle's own `migrate` looks for what is pending before it
 * takes the lock, so that of two processes that start together both create the tables and one dies; here the
 * look and the work are one transaction. The table in which drizzle records what has been applied is used as
 * it is.
 */

const folder = fileURLToPath(new URL('../migrations/sqlite', import.meta.url));

type Migrations = readonly Migration[];
type Migration = ReturnType<typeof readMigrationFiles>[number];

const knownMigrations = (): Migrations => readMigrationFiles({ migrationsFolder: folder });

/** Applies what is pending and answers the names. Looks before it locks: an ordinary start waits for nobody. */
export function migrate(connection: Connection, file: string): readonly string[] {
  const known = knownMigrations();
  return pendingOf(connection, known).length === 0 ? [] : apply(connection, file, known);
}

/** Refuses a file that lacks a migration of this release; one that has more is of a later release, and fits. */
export function assertMigrated(connection: Connection, file: string): void {
  const pending = pendingOf(connection, knownMigrations()).map(({ name }) => name);
  if (pending.length === 0) return;
  throw new Reject(
    `${file} is older than this release of Driftless (it lacks ${pending.join(', ')}). Run \`npm run db:migrate\`.`,
  );
}

const appliedTo = ({ db }: Connection): ReadonlySet<string> => {
  const table = db.all(sql`select name from sqlite_schema where name = '__drizzle_migrations'`);
  if (table.length === 0) return new Set();
  const applied = db.all<{ readonly name: string }>(sql`select name from __drizzle_migrations`);
  return new Set(applied.map(({ name }) => name));
};

const pendingOf = (connection: Connection, known: Migrations): Migrations => {
  const applied = appliedTo(connection);
  return known.filter(({ name }) => !applied.has(name));
};

function apply(connection: Connection, file: string, known: Migrations): readonly string[] {
  const { client, db, clock } = connection;
  // A table is rebuilt by dropping it, which must not take its children along. Only outside a transaction.
  client.exec('PRAGMA foreign_keys = OFF');
  try {
    return transact(client, 'BEGIN IMMEDIATE', () => {
      db.run(sql`create table if not exists __drizzle_migrations
        (id integer primary key, hash text not null, created_at numeric, name text, applied_at text)`);
      const appliedAt = new Date(clock()).toISOString();
      const pending = pendingOf(connection, known);
      for (const migration of pending) {
        applyStatements(client, file, migration);
        db.run(sql`insert into __drizzle_migrations (hash, created_at, name, applied_at)
          values (${migration.hash}, ${migration.folderMillis}, ${migration.name}, ${appliedAt})`);
      }
      const broken = client.prepare('PRAGMA foreign_key_check').all().length;
      if (broken > 0) throw new Error(`A migration left ${broken} rows that point to nothing.`);
      return pending.map(({ name }) => name);
    });
  } finally {
    client.exec('PRAGMA foreign_keys = ON');
  }
}

function applyStatements(client: DatabaseSync, file: string, { name, sql: statements }: Migration): void {
  for (const [i, statement] of statements.entries()) {
    try {
      client.exec(statement);
    } catch (cause) {
      const known = translated(cause, file);
      if (known !== cause || !(cause instanceof Error)) throw known;
      const which = `statement ${i + 1} of ${statements.length} of the migration ${name}`;
      const advice = `The tables are not as Driftless left them: restore ${file} from a backup, or move it away.`;
      throw new Reject(`${which} failed: ${cause.message}. ${advice}`, { cause });
    }
  }
}
