-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Domain" = ?;

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where instr("Stores"."FormerDomains", ?) > 0 order by "Stores"."Id" asc;

insert into "Stores" ("Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt") values (null, ?, ?, ?, ?, null, null, null, null, ?, ?, ?, ?, null, ?, null, null, null, null, null, null, null, null, null, ?, ?);

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @domain nvarchar(4000), @secretName nvarchar(4000), @settings nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @admitted int;
EXEC @admitted = sp_getapplock @Resource = N'Driftless:stores', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
IF @admitted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Stores are locked by another transaction.', 1; END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @storeId bigint;
SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
IF @storeId IS NULL
  SELECT @storeId = MIN([Id]) FROM [Stores] WHERE CHARINDEX(CONCAT(N'"', @domain, N'"'), [FormerDomains]) > 0;
IF @storeId IS NULL
BEGIN
  INSERT INTO [Stores] ([Name], [Domain], [ShopifyShopId], [DataType],
    [SecretName], [IsActive], [Settings], [InitialSetupCompleted], [InstalledAt], [CreatedAt], [UpdatedAt])
  VALUES (@domain, @domain, NULL, N'shopify', @secretName, 0, @settings, 0, NULL, @now, @now);
  SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
END
ELSE
  UPDATE [Stores] SET [SecretName] = @secretName WHERE [Id] = @storeId;
SELECT [Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings], [PausedAt], [UninstalledAt],
  [CreatedAt], [RefusedAt], [Looks], [Unheard], [FormerDomains] FROM [Stores] WHERE [Id] = @storeId;
COMMIT TRANSACTION;
