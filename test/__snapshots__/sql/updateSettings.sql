-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Id" = ?;

update "Stores" set "Settings" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @told nvarchar(4000), @change nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
UPDATE [Stores] SET [UpdatedAt] = @now WHERE [Id] = @storeId;
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
