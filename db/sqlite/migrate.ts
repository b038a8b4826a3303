import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { Reject } from '../../src/failures.ts';
import { type Connection, transact } from './connection.ts';

/**
 * Brings the database to the present schema. drizzle's own `migrate` looks for what is pending before it
 * takes the lock, so that of two processes that start together both create the tables and one dies; here the
 * look and the work are one transaction. The table in which drizzle records what has been applied is used as
 * it is.
 */

const folder = fileURLToPath(new URL('../migrations/sqlite', import.meta.url));

type Migrations = ReturnType<typeof readMigrationFiles>;

/** With `allowed` false, pending migrations are refused instead of applied. */
export function migrate(connection: Connection, file: string, allowed: boolean): void {
  const known = readMigrationFiles({ migrationsFolder: folder });
  refuseNewer(connection, file, known);
  if (pendingOf(connection, known).length === 0) return;
  if (!allowed)
    throw new Reject(`The schema of ${file} is not the present one. Open it with migrate: true once.`);
  apply(connection, known);
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

function refuseNewer(connection: Connection, file: string, known: Migrations): void {
  const names = new Set(known.map(({ name }) => name));
  const newer = [...appliedTo(connection)].filter((name) => !names.has(name));
  if (newer.length === 0) return;
  throw new Reject(
    `${file} was migrated by a newer version of Driftless (${newer.join(', ')}). Start that version, or use another file.`,
  );
}

function apply(connection: Connection, known: Migrations): void {
  const { client, db, clock } = connection;
  // A table is rebuilt by dropping it, which must not take its children along. Only outside a transaction.
  client.exec('PRAGMA foreign_keys = OFF');
  try {
    transact(client, 'BEGIN IMMEDIATE', () => {
      db.run(sql`create table if not exists __drizzle_migrations
        (id integer primary key, hash text not null, created_at numeric, name text, applied_at text)`);
      const appliedAt = new Date(clock()).toISOString();
      for (const migration of pendingOf(connection, known)) {
        for (const statement of migration.sql) client.exec(statement);
        db.run(sql`insert into __drizzle_migrations (hash, created_at, name, applied_at)
          values (${migration.hash}, ${migration.folderMillis}, ${migration.name}, ${appliedAt})`);
      }
      const broken = client.prepare('PRAGMA foreign_key_check').all().length;
      if (broken > 0) throw new Error(`A migration left ${broken} rows that point to nothing.`);
    });
  } finally {
    client.exec('PRAGMA foreign_keys = ON');
  }
}
