/** Every table of SQL Server and Azure SQL, for drizzle-kit: see tables.sqlite.cts. */
module.exports = require('./schema.mssql.ts').schema.tables;
