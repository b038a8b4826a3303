import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { Reject } from '../../src/failures.ts';
import { type Connection, transact } from './connection.ts';

/**
 * Brings the database to the present schema. drizzle's own `migrate` looks for what is pending before it takes the
 * lock, so that two processes that start together both create the tables and one of them dies; here the look and
 * the work are one transaction. The table in which drizzle records what has been applied is used as it is.
 */

const folder = fileURLToPath(new URL('../migrations/sqlite', import.meta.url));

export function migrate({ client, db }: Connection, file: string): void {
  const known = readMigrationFiles({ migrationsFolder: folder });
  const names = new Set(known.map(({ name }) => name));

  const applied = (): ReadonlySet<string> => {
    const recorded = db.all<{ name: string }>(sql`select name from sqlite_schema where name = '__drizzle_migrations'`);
    if (recorded.length === 0) return new Set();
    return new Set(
      db.all<{ name: string }>(sql`select name from __drizzle_migrations`).map(({ name }) => name),
    );
  };

  const newer = [...applied()].filter((name) => !names.has(name));
  if (newer.length > 0) {
    throw new Reject(
      `${file} was migrated by a newer version of Driftless (${newer.join(', ')}). Start that version, or another file.`,
    );
  }
  if (applied().size === known.length) return;
  // A table is rebuilt by dropping it, which must not take its children along. Only outside a transaction.
  client.exec('PRAGMA foreign_keys = OFF');
  try {
    transact(client, 'BEGIN IMMEDIATE', () => {
      db.run(sql`create table if not exists __drizzle_migrations
        (id integer primary key, hash text not null, created_at numeric, name text, applied_at text)`);
      const done = applied();
      for (const migration of known.filter(({ name }) => !done.has(name))) {
        for (const statement of migration.sql) client.exec(statement);
        db.run(sql`insert into __drizzle_migrations (hash, created_at, name, applied_at)
          values (${migration.hash}, ${migration.folderMillis}, ${migration.name}, datetime('now'))`);
      }
      const broken = client.prepare('PRAGMA foreign_key_check').all().length;
      if (broken > 0) throw new Error(`A migration left ${broken} rows that point to nothing.`);
    });
  } finally {
    client.exec('PRAGMA foreign_keys = ON');
  }
}
