-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Id" = ?;

select count(*) from "Stores" where "Stores"."ShopifyShopId" = ?;

update "Stores" set "Name" = ?, "ShopifyShopId" = ?, "Currency" = ?, "IanaTimezone" = ?, "Plan" = ?, "Settings" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @shopId nvarchar(4000), @name nvarchar(4000),
-- @currency nvarchar(4000), @ianaTimezone nvarchar(4000), @plan nvarchar(4000), @told nvarchar(4000),
-- @change nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @admitted int;
EXEC @admitted = sp_getapplock @Resource = N'Driftless:stores', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
IF @admitted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Stores are locked by another transaction.', 1; END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
IF EXISTS (SELECT 1 FROM [Stores] WHERE [ShopifyShopId] = @shopId) SET @shopId = NULL;
UPDATE [Stores] SET [ShopifyShopId] = COALESCE([ShopifyShopId], @shopId), [Name] = @name, [Currency] = @currency,
  [IanaTimezone] = @ianaTimezone, [Plan] = @plan, [UpdatedAt] = @now
WHERE [Id] = @storeId;
IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; THROW 50012, N'There is no such store.', 1; END;
DECLARE @settings nvarchar(max);
SELECT @settings = [Settings] FROM [Stores] WHERE [Id] = @storeId;
IF CHARINDEX(N'|scopes|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.scopes', NULL);
IF CHARINDEX(N'|scopesReadAt|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.scopesReadAt', NULL);
IF CHARINDEX(N'|fields|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.fields', NULL);
IF CHARINDEX(N'|attention|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.attention', NULL);
IF CHARINDEX(N'|denied|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.denied', NULL);
IF CHARINDEX(N'|contentOwed|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.contentOwed', NULL);
IF CHARINDEX(N'|contentPaid|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.contentPaid', NULL);
IF CHARINDEX(N'|identity|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.identity', NULL);
IF CHARINDEX(N'|subscribedAt|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.subscribedAt', NULL);
IF CHARINDEX(N'|refusedTopics|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.refusedTopics', NULL);
IF CHARINDEX(N'|otherVersion|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.otherVersion', NULL);
IF CHARINDEX(N'|answersVersion|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.answersVersion', NULL);
IF CHARINDEX(N'|owed|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.owed', NULL);
IF CHARINDEX(N'|brakeHeld|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.brakeHeld', NULL);
IF CHARINDEX(N'|brakeReleased|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.brakeReleased', NULL);
UPDATE [Stores] SET [Settings] = CASE
  WHEN @change = N'{}' THEN @settings
  WHEN @settings = N'{}' THEN @change
  ELSE CONCAT(LEFT(@change, LEN(@change) - 1), N',', SUBSTRING(@settings, 2, LEN(@settings))) END
WHERE [Id] = @storeId;
COMMIT TRANSACTION;
