-- The three database users of Driftless, each with what it needs and nothing else:
--
--   migrator   changes tables: `npm run db:migrate`, at deployment only.
--   service    works on rows, all day. It cannot make, change or drop a table, nor give a right to anybody.
--   reader     the Web API and analysts: reads what docs/read-contract.md lists, and writes nothing.
--
-- Run it in the database itself, as its owner: before the first `npm run db:migrate`, so that the migrator may work, and
-- after each, so that the reader sees what was added. It may be run as often as one likes. Rights belong to roles; at
-- the end the users are made, in whichever way they log in.

IF DATABASE_PRINCIPAL_ID(N'driftless_migrator') IS NULL EXEC (N'CREATE ROLE [driftless_migrator]');
IF DATABASE_PRINCIPAL_ID(N'driftless_service') IS NULL EXEC (N'CREATE ROLE [driftless_service]');
IF DATABASE_PRINCIPAL_ID(N'driftless_reader') IS NULL EXEC (N'CREATE ROLE [driftless_reader]');
-- Where what was applied is recorded.
IF SCHEMA_ID(N'drizzle') IS NULL EXEC (N'CREATE SCHEMA [drizzle]');

-- migrator: tables, indexes and views, the record of what was applied, and the rows that a migration moves.
GRANT CREATE TABLE, CREATE VIEW TO [driftless_migrator];
GRANT ALTER, REFERENCES, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [driftless_migrator];
GRANT ALTER, REFERENCES, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[drizzle] TO [driftless_migrator];

-- service: rows, and a look at what was applied. Its application locks need no right: sp_getapplock is everybody's.
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [driftless_service];
GRANT SELECT ON SCHEMA::[drizzle] TO [driftless_service];

-- reader: the read contract, table by table. The view looks into the machinery's tables on the reader's behalf.
IF OBJECT_ID(N'dbo.Freshness') IS NOT NULL GRANT SELECT ON [dbo].[Freshness] TO [driftless_reader];
IF OBJECT_ID(N'dbo.Stores') IS NOT NULL GRANT SELECT ON [dbo].[Stores] (
  [Id], [Name], [Domain], [ShopifyShopId], [DataType], [TenantId], [Currency], [IanaTimezone], [Plan], [IsActive],
  [InitialSetupCompleted], [LastSyncDate], [InstalledAt], [UninstalledAt], [CreatedAt], [UpdatedAt]
) TO [driftless_reader];
IF OBJECT_ID(N'dbo.Customers') IS NOT NULL GRANT SELECT ON [dbo].[Customers] TO [driftless_reader];
IF OBJECT_ID(N'dbo.Products') IS NOT NULL GRANT SELECT ON [dbo].[Products] TO [driftless_reader];
IF OBJECT_ID(N'dbo.ProductVariants') IS NOT NULL GRANT SELECT ON [dbo].[ProductVariants] TO [driftless_reader];
IF OBJECT_ID(N'dbo.Orders') IS NOT NULL GRANT SELECT ON [dbo].[Orders] TO [driftless_reader];
IF OBJECT_ID(N'dbo.OrderItems') IS NOT NULL GRANT SELECT ON [dbo].[OrderItems] TO [driftless_reader];
IF OBJECT_ID(N'dbo.Refunds') IS NOT NULL GRANT SELECT ON [dbo].[Refunds] TO [driftless_reader];
IF OBJECT_ID(N'dbo.RefundItems') IS NOT NULL GRANT SELECT ON [dbo].[RefundItems] TO [driftless_reader];
IF OBJECT_ID(N'dbo.Certificates') IS NOT NULL GRANT SELECT ON [dbo].[Certificates] TO [driftless_reader];
IF OBJECT_ID(N'dbo.CertifiedRanges') IS NOT NULL GRANT SELECT ON [dbo].[CertifiedRanges] TO [driftless_reader];
IF OBJECT_ID(N'dbo.UnprovenKeys') IS NOT NULL GRANT SELECT ON [dbo].[UnprovenKeys] TO [driftless_reader];

-- The users. Take one of the three ways for each, with names of your own, and repeat it for the other two roles.
--
--   Azure SQL, without a password: the managed identity of the Function App, by its name.
--     CREATE USER [driftless-functions] FROM EXTERNAL PROVIDER;
--   A group of Microsoft Entra ID needs to be told where tables are, else its migrator makes a schema of its own:
--     CREATE USER [driftless-deployers] FROM EXTERNAL PROVIDER WITH DEFAULT_SCHEMA = [dbo];
--   Azure SQL or a contained database, with a password:
--     CREATE USER [driftless_service_user] WITH PASSWORD = N'…';
--   SQL Server, with a login of the server (in master: CREATE LOGIN [driftless_service_user] WITH PASSWORD = N'…'):
--     CREATE USER [driftless_service_user] FOR LOGIN [driftless_service_user];
--
--   ALTER ROLE [driftless_service] ADD MEMBER [driftless-functions];
