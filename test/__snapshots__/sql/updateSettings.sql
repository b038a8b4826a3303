-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Id" = ?;

update "Stores" set "Settings" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @change nvarchar(max), @setsAttention bit,
-- @attention nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
UPDATE [Stores] SET [UpdatedAt] = @now WHERE [Id] = @storeId;
IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; THROW 50012, N'There is no such store.', 1; END;
DECLARE @settings nvarchar(max);
SELECT @settings = [Settings] FROM [Stores] WHERE [Id] = @storeId;
IF JSON_QUERY(@change, '$.scopes') IS NOT NULL
  SET @settings = JSON_MODIFY(@settings, '$.scopes', JSON_QUERY(@change, '$.scopes'));
IF JSON_QUERY(@change, '$.withheld') IS NOT NULL
  SET @settings = JSON_MODIFY(@settings, '$.withheld', JSON_QUERY(@change, '$.withheld'));
IF JSON_QUERY(@change, '$.brakeHeld') IS NOT NULL
  SET @settings = JSON_MODIFY(@settings, '$.brakeHeld', JSON_QUERY(@change, '$.brakeHeld'));
IF JSON_QUERY(@change, '$.brakeReleased') IS NOT NULL
  SET @settings = JSON_MODIFY(@settings, '$.brakeReleased', JSON_QUERY(@change, '$.brakeReleased'));
IF @setsAttention = 1 SET @settings = JSON_MODIFY(@settings, '$.attention', @attention);
UPDATE [Stores] SET [Settings] = @settings WHERE [Id] = @storeId;
COMMIT TRANSACTION;
