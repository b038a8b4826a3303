-- SQLite

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Domain" = ?;

update "Stores" set "SecretName" = ? where "Stores"."Id" = ?;

insert into "SyncStates" ("StoreId", "Entity", "Watermark", "LastSweepAt", "LastDeepSweepAt", "LastCensusAt", "CensusPosition", "LastContentAt", "CoverageFrom", "Epoch", "RefreshLeaseToken", "RefreshLeaseUntil", "SweepLeaseToken", "SweepLeaseUntil", "CensusLeaseToken", "CensusLeaseUntil") values (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null), (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null), (?, ?, null, null, null, null, null, null, null, ?, null, null, null, null, null, null) on conflict do nothing;

update "Stores" set "IsActive" = ?, "InstalledAt" = ?, "UninstalledAt" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

update "SyncStates" set "Watermark" = ?, "LastSweepAt" = ?, "LastDeepSweepAt" = ?, "LastCensusAt" = ?, "CensusPosition" = ?, "LastContentAt" = ?, "CoverageFrom" = ? where "SyncStates"."StoreId" = ?;

update "SyncRuns" set "State" = ?, "FinishedAt" = ?, "Message" = ? where (("SyncRuns"."StoreId" = ?) and ("SyncRuns"."State" = ?));

update "SyncStates" set "Epoch" = "SyncStates"."Epoch" + 1, "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ?, "SweepLeaseToken" = ?, "SweepLeaseUntil" = ?, "CensusLeaseToken" = ?, "CensusLeaseUntil" = ? where "SyncStates"."StoreId" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @domain nvarchar(4000), @secretName nvarchar(4000), @settings nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @storeId bigint, @active bit;
SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
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
SELECT @active = [IsActive] FROM [Stores] WHERE [Id] = @storeId;
IF @active IS NULL SET @storeId = NULL;
IF @storeId IS NULL
BEGIN
  INSERT INTO [Stores] ([Name], [Domain], [DataType], [SecretName], [IsActive], [Settings], [InitialSetupCompleted],
    [InstalledAt], [CreatedAt], [UpdatedAt])
  VALUES (@domain, @domain, N'shopify', @secretName, 1, @settings, 0, @now, @now, @now);
  SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
END
ELSE
  UPDATE [Stores] SET [SecretName] = @secretName WHERE [Id] = @storeId AND [SecretName] <> @secretName;
INSERT INTO [SyncStates] ([StoreId], [Entity], [Epoch])
SELECT @storeId, e.[Entity], 0 FROM (VALUES (N'customers'), (N'products'), (N'orders')) AS e ([Entity])
WHERE NOT EXISTS (SELECT 1 FROM [SyncStates] AS s WHERE s.[StoreId] = @storeId AND s.[Entity] = e.[Entity]);
IF @active IS NULL OR @active = 0
BEGIN
UPDATE [SyncStates] SET [Epoch] = [Epoch] + 1, [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL,
  [SweepLeaseToken] = NULL, [SweepLeaseUntil] = NULL, [CensusLeaseToken] = NULL, [CensusLeaseUntil] = NULL
WHERE [StoreId] = @storeId;
END;
IF @active = 0
BEGIN
UPDATE [Stores] SET [IsActive] = 1, [InstalledAt] = @now, [UninstalledAt] = NULL, [UpdatedAt] = @now
WHERE [Id] = @storeId;
UPDATE [SyncStates] SET [Watermark] = NULL, [LastSweepAt] = NULL, [LastDeepSweepAt] = NULL,
  [LastCensusAt] = NULL, [CensusPosition] = NULL, [LastContentAt] = NULL, [CoverageFrom] = NULL
WHERE [StoreId] = @storeId;
UPDATE [SyncRuns] SET [State] = N'failed', [FinishedAt] = @now, [Message] = N'The store was activated anew.'
WHERE [StoreId] = @storeId AND [State] = N'running';
END;
SELECT [Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings] FROM [Stores] WHERE [Id] = @storeId;
COMMIT TRANSACTION;
