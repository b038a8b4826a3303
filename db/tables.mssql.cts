/** Every table and view of SQL Server and Azure SQL, for drizzle-kit: see tables.sqlite.cts. */
const { tables, views } = require('./schema.mssql.ts').schema;
module.exports = { ...tables, ...views };
