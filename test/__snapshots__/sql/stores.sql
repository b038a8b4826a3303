-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" order by "Stores"."Id";

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings], [PausedAt], [UninstalledAt],
  [CreatedAt], [RefusedAt], [Looks], [Unheard], [FormerDomains] FROM [Stores] ORDER BY [Id];
