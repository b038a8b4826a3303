-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Domain" = ?;

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."ShopifyShopId" = ? order by "Stores"."Domain" <> ?, "Stores"."IsActive" desc, "Stores"."Id" asc;

update "Stores" set "ShopifyShopId" = ?, "SecretName" = ? where "Stores"."Id" = ?;

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Id" = ?;

insert into "SyncStates" ("StoreId", "Entity", "Watermark", "LastSweepAt", "LastDeepSweepAt", "LastCensusAt", "CensusPosition", "LastContentAt", "CoverageFrom", "Epoch", "RefreshLeaseToken", "RefreshLeaseUntil", "SweepLeaseToken", "SweepLeaseUntil", "CensusLeaseToken", "CensusLeaseUntil") values (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null), (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null), (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null) on conflict do nothing;

update "Stores" set "IsActive" = ?, "InstalledAt" = ?, "UninstalledAt" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

update "SyncStates" set "Watermark" = ?, "LastSweepAt" = ?, "LastDeepSweepAt" = ?, "LastCensusAt" = ?, "CensusPosition" = ?, "LastContentAt" = ?, "CoverageFrom" = ? where "SyncStates"."StoreId" = ?;

update "SyncRuns" set "State" = ?, "FinishedAt" = ?, "Message" = ? where (("SyncRuns"."StoreId" = ?) and ("SyncRuns"."State" = ?));

update "Stores" set "RefusedAt" = ?, "LookedAt" = ?, "Looks" = ?, "Unheard" = ? where "Stores"."Id" = ?;

update "SyncStates" set "Epoch" = "SyncStates"."Epoch" + 1, "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ?, "SweepLeaseToken" = ?, "SweepLeaseUntil" = ?, "CensusLeaseToken" = ?, "CensusLeaseUntil" = ? where "SyncStates"."StoreId" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @domain nvarchar(4000), @secretName nvarchar(4000), @shopId nvarchar(4000),
-- @rivals nvarchar(max), @settings nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @admitted int;
EXEC @admitted = sp_getapplock @Resource = N'Driftless:stores', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
IF @admitted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Stores are locked by another transaction.', 1; END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @storeId bigint, @named bigint, @namedShop nvarchar(50), @former nvarchar(255), @unreached bigint, @stays bit = 0;
SELECT @named = [Id], @namedShop = [ShopifyShopId] FROM [Stores] WHERE [Domain] = @domain;
IF @namedShop <> @shopId
BEGIN
  SET @storeId = @named;
  SET @stays = 1;
END
ELSE
BEGIN
  SELECT TOP (1) @storeId = [Id], @former = [Domain] FROM [Stores] WHERE [ShopifyShopId] = @shopId
  ORDER BY CASE WHEN [Domain] = @domain THEN 0 ELSE 1 END, [IsActive] DESC, [Id];
  IF @former <> @domain AND EXISTS (SELECT 1 FROM OPENJSON(@rivals) WHERE [value] = @former) SET @stays = 1;
  IF @stays = 0 AND @named <> @storeId SET @unreached = @named;
  IF @storeId IS NULL SET @storeId = @named;
END;
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT N'customers' UNION ALL SELECT N'products' UNION ALL SELECT N'orders';
DECLARE @locked nvarchar(50), @resource nvarchar(255), @granted int;
SELECT @locked = MIN([Entity]) FROM @locking;
WHILE @locked IS NOT NULL
BEGIN
  SET @resource = CONCAT(N'Driftless:marks:', @storeId, N':', @locked);
  EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Marks are locked by another transaction.', 1; END;
  SELECT @locked = MIN([Entity]) FROM @locking WHERE [Entity] > @locked;
END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @active bit, @paused datetime2(3);
SELECT @active = [IsActive], @paused = [PausedAt] FROM [Stores] WHERE [Id] = @storeId;
IF @active IS NULL
BEGIN
  SET @storeId = @unreached;
  SET @unreached = NULL;
  SELECT @active = [IsActive], @paused = [PausedAt] FROM [Stores] WHERE [Id] = @storeId;
END;
IF @storeId IS NULL
BEGIN
  SET @stays = 0;
  INSERT INTO [Stores] ([Name], [Domain], [ShopifyShopId], [DataType],
    [SecretName], [IsActive], [Settings], [InitialSetupCompleted], [InstalledAt], [CreatedAt], [UpdatedAt])
  VALUES (@domain, @domain, @shopId, N'shopify', @secretName, 1, @settings, 0, @now, @now, @now);
  SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
END
ELSE IF @stays = 0
BEGIN
  IF @unreached IS NOT NULL
BEGIN
  UPDATE [PrivacyRequests] SET [StoreId] = @storeId WHERE [StoreId] = @unreached
    AND NOT EXISTS (SELECT 1 FROM [PrivacyRequests] AS k WHERE k.[StoreId] = @storeId
      AND k.[Topic] = [PrivacyRequests].[Topic] AND k.[Digest] = [PrivacyRequests].[Digest]);
  DELETE FROM [StaleKeys] WHERE [StoreId] = @unreached;
DELETE FROM [UnlinkedKeys] WHERE [StoreId] = @unreached;
DELETE FROM [Deliveries] WHERE [StoreId] = @unreached;
DELETE FROM [Rejects] WHERE [StoreId] = @unreached;
DELETE FROM [SyncStates] WHERE [StoreId] = @unreached;
DELETE FROM [SyncRuns] WHERE [StoreId] = @unreached;
DELETE FROM [Burials] WHERE [StoreId] = @unreached;
DELETE FROM [Gaps] WHERE [StoreId] = @unreached;
DELETE FROM [Certificates] WHERE [StoreId] = @unreached;
DELETE FROM [CertifiedRanges] WHERE [StoreId] = @unreached;
DELETE FROM [UnprovenKeys] WHERE [StoreId] = @unreached;
DELETE FROM [ChangeEvents] WHERE [StoreId] = @unreached;
DELETE FROM [RefundItems] WHERE [StoreId] = @unreached;
DELETE FROM [Refunds] WHERE [StoreId] = @unreached;
DELETE FROM [OrderItems] WHERE [StoreId] = @unreached;
DELETE FROM [Orders] WHERE [StoreId] = @unreached;
DELETE FROM [Customers] WHERE [StoreId] = @unreached;
DELETE FROM [ProductVariants] WHERE [StoreId] = @unreached;
DELETE FROM [Products] WHERE [StoreId] = @unreached;
DELETE FROM [Suppressions] WHERE [StoreId] = @unreached;
DELETE FROM [Stores] WHERE [Id] = @unreached;
END;
  UPDATE [Stores] SET [Domain] = @domain, [UpdatedAt] = @now, [FormerDomains] = CASE
    WHEN [FormerDomains] IS NULL OR [FormerDomains] = N'[]' THEN CONCAT(N'["', [Domain], N'"]')
    ELSE CONCAT(LEFT([FormerDomains], LEN([FormerDomains]) - 1), N',"', [Domain], N'"]') END
  WHERE [Id] = @storeId AND [Domain] <> @domain;
  UPDATE [Stores] SET [SecretName] = @secretName, [ShopifyShopId] = COALESCE([ShopifyShopId], @shopId)
  WHERE [Id] = @storeId AND ([SecretName] <> @secretName OR ([ShopifyShopId] IS NULL AND @shopId IS NOT NULL));
END;
INSERT INTO [SyncStates] ([StoreId], [Entity], [Epoch])
SELECT @storeId, e.[Entity], 0 FROM (VALUES (N'customers'), (N'products'), (N'orders')) AS e ([Entity])
WHERE NOT EXISTS (SELECT 1 FROM [SyncStates] AS s WHERE s.[StoreId] = @storeId AND s.[Entity] = e.[Entity]);
IF @stays = 0 AND (@active IS NULL OR (@active = 0 AND @paused IS NULL))
BEGIN
UPDATE [SyncStates] SET [Epoch] = [Epoch] + 1, [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL,
  [SweepLeaseToken] = NULL, [SweepLeaseUntil] = NULL, [CensusLeaseToken] = NULL, [CensusLeaseUntil] = NULL
WHERE [StoreId] = @storeId;
END;
IF @stays = 0 AND @active = 0 AND @paused IS NULL
BEGIN
UPDATE [Stores] SET [IsActive] = 1, [InstalledAt] = @now, [UninstalledAt] = NULL, [UpdatedAt] = @now
WHERE [Id] = @storeId;
UPDATE [SyncStates] SET [Watermark] = NULL, [LastSweepAt] = NULL, [LastDeepSweepAt] = NULL,
  [LastCensusAt] = NULL, [CensusPosition] = NULL, [LastContentAt] = NULL, [CoverageFrom] = NULL
WHERE [StoreId] = @storeId;
UPDATE [SyncRuns] SET [State] = N'failed', [FinishedAt] = @now, [Message] = N'The store was activated anew.'
WHERE [StoreId] = @storeId AND [State] = N'running';
UPDATE [Stores] SET [RefusedAt] = NULL, [LookedAt] = NULL, [Looks] = NULL, [Unheard] = NULL WHERE [Id] = @storeId;
END;
SELECT [Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings], [PausedAt], [UninstalledAt],
  [CreatedAt], [RefusedAt], [Looks], [Unheard], [FormerDomains] FROM [Stores] WHERE [Id] = @storeId;
COMMIT TRANSACTION;
