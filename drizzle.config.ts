import { defineConfig } from 'drizzle-kit';

/**
 * Where drizzle-kit finds the schema and puts the migrations, for the database that DRIZZLE_DIALECT names: `sqlite`
 * (unless it says otherwise) or `mssql`. `npm run db:generate` runs it for both. It has no credentials: migrations
 * are applied by the service when it opens its database, under a lock that drizzle-kit does not take.
 */
const CONFIGS = {
  sqlite: defineConfig({
    dialect: 'sqlite',
    schema: './db/tables.sqlite.cts',
    out: './db/migrations/sqlite',
  }),
  mssql: defineConfig({
    dialect: 'mssql',
    schema: './db/tables.mssql.cts',
    out: './db/migrations/mssql',
  }),
};

const dialect = process.env['DRIZZLE_DIALECT'] ?? 'sqlite';
if (dialect !== 'sqlite' && dialect !== 'mssql')
  throw new Error(`DRIZZLE_DIALECT is '${dialect}': set it to sqlite or mssql, or leave it out for sqlite.`);

export default CONFIGS[dialect];
