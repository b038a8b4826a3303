import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import sql from 'mssql';
import { Reject, Transient } from '../../src/failures.ts';
import { schema } from '../schema.mssql.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failures.ts';

/**
 * Brings the database to the present schema: the look at what is pending and the work are one transaction under an
 * application lock, so that of several that start together one works and the others find nothing to do. drizzle's own
 * `migrate` takes no lock. The table in which drizzle records what has been applied is used as it is.
 *
 * Whoever migrates may change tables; the service may not, and only looks (docs/users.sql).
 */

const folder = fileURLToPath(new URL('../migrations/mssql', import.meta.url));
const RECORDS = '[drizzle].[__drizzle_migrations]';
/** Longer than any migration is expected to take: the next in line finds it done. */
const LOCK_TIMEOUT_MS = 30 * 60_000;

type Migration = ReturnType<typeof readMigrationFiles>[number];

/** Names of the migrations that a database of this release has, in their order. */
export const knownMigrations = (): readonly Migration[] => readMigrationFiles({ migrationsFolder: folder });

/** Applies what is pending, all of it or nothing, and answers the names. */
export async function migrate({ pool }: Pick<Connection, 'pool'>): Promise<readonly string[]> {
  const transaction = pool.transaction();
  await transaction.begin();
  try {
    await lock(transaction);
    await transaction.request().batch(RECORDS_DDL);
    const pending = await pendingOf(transaction.request());
    for (const migration of pending) await apply(transaction, migration);
    if (pending.length > 0) await transaction.request().batch(KEEP_ROW_LOCKS);
    await transaction.commit();
    return pending.map(({ name }) => name);
  } catch (error) {
    // The server has already rolled back by itself after most errors of DDL.
    await transaction.rollback().catch(() => {});
    throw error;
  }
}

/** Refuses a database that lacks a migration of this release; one that has more is of a later release, and fits. */
export async function assertMigrated({ pool }: Connection, name: string): Promise<void> {
  const pending = await pendingOf(pool.request());
  if (pending.length === 0) return;
  const what =
    pending.length === knownMigrations().length
      ? `${name} has none of Driftless's tables, or its user may not read ${RECORDS}`
      : `${name} is older than this release of Driftless (it lacks ${pending.map((each) => each.name).join(', ')})`;
  throw new Reject(
    `${what}. Run \`npm run db:migrate\` with the same DATABASE_URL, as a user that may change tables.`,
  );
}

async function lock(transaction: sql.Transaction): Promise<void> {
  const request = transaction.request().input('timeoutMs', sql.Int, LOCK_TIMEOUT_MS);
  const { recordset } = await request.query<{ readonly granted: number }>(`DECLARE @granted int;
EXEC @granted = sp_getapplock @Resource = N'Driftless:migrate', @LockMode = N'Exclusive',
  @LockOwner = N'Transaction', @LockTimeout = @timeoutMs;
SELECT @granted AS granted;`);
  if ((recordset[0]?.granted ?? -1) < 0)
    throw new Transient(
      'Another migration has been at work for half an hour. Look what it waits for, then run it again.',
    );
}

/** As drizzle declares them, so that its own tools read them too. */
const RECORDS_DDL = `IF SCHEMA_ID(N'drizzle') IS NULL EXEC (N'CREATE SCHEMA [drizzle]');
IF OBJECT_ID(N'${RECORDS}') IS NULL CREATE TABLE ${RECORDS} (
  id bigint IDENTITY PRIMARY KEY, hash nvarchar(max) NOT NULL, created_at bigint, name nvarchar(max),
  applied_at datetime2 NOT NULL DEFAULT GETUTCDATE()
);`;

/**
 * A statement that locks 5,000 rows of a table (the links of a product that has been sold as often, a great commit) is
 * given the whole table instead unless it is told otherwise, and every other store waits for it (R7). In all tables,
 * also in those that a migration has just added; a table that has it is not touched again.
 */
const KEEP_ROW_LOCKS = Object.keys(schema.tables)
  .map(
    (
      table,
    ) => `IF EXISTS (SELECT 1 FROM sys.tables WHERE [object_id] = OBJECT_ID(N'[${table}]') AND [lock_escalation_desc] <> N'DISABLE')
  ALTER TABLE [${table}] SET (LOCK_ESCALATION = DISABLE);`,
  )
  .join('\n');

/** A database without the records, or whose user may not see them, has applied nothing. */
async function pendingOf(request: sql.Request): Promise<readonly Migration[]> {
  const { recordset } = await request.query<{ readonly name: string }>(
    `IF OBJECT_ID(N'${RECORDS}') IS NOT NULL SELECT name FROM ${RECORDS} ELSE SELECT N'' AS name WHERE 1 = 0;`,
  );
  const applied = new Set(recordset.map(({ name }) => name));
  return knownMigrations().filter(({ name }) => !applied.has(name));
}

async function apply(transaction: sql.Transaction, migration: Migration): Promise<void> {
  const { name, hash, folderMillis } = migration;
  for (const [i, statement] of migration.sql.entries()) {
    try {
      await transaction.request().batch(statement);
    } catch (thrown) {
      throw stoppedAt(thrown, `statement ${i + 1} of ${migration.sql.length} of the migration ${name}`);
    }
  }
  await transaction
    .request()
    .input('hash', sql.NVarChar(sql.MAX), hash)
    .input('createdAt', sql.BigInt, folderMillis)
    .input('name', sql.NVarChar(sql.MAX), name)
    .query(`INSERT INTO ${RECORDS} (hash, created_at, name) VALUES (@hash, @createdAt, @name);`);
}

/** The server's own words may quote data (R12); its number leads to its documentation. */
function stoppedAt(thrown: unknown, which: string): unknown {
  const { error } = failureOf(thrown, which);
  if (error instanceof Transient || error instanceof Reject || !(thrown instanceof sql.RequestError))
    return error;
  const advice = 'The tables are not as Driftless left them, or the server is older than SQL Server 2019.';
  return new Reject(`${which} failed with error ${thrown.number ?? thrown.code}. ${advice}`, {
    cause: error,
  });
}
