-- SQLite

update "Stores" set "IsActive" = ?, "UninstalledAt" = ?, "RefusedAt" = coalesce("Stores"."RefusedAt", ?), "LookedAt" = ?, "Looks" = ?, "UpdatedAt" = ? where "Stores"."Id" = ?;

update "SyncStates" set "Epoch" = "SyncStates"."Epoch" + 1, "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ?, "SweepLeaseToken" = ?, "SweepLeaseUntil" = ?, "CensusLeaseToken" = ?, "CensusLeaseUntil" = ? where "SyncStates"."StoreId" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
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
UPDATE [SyncStates] SET [Epoch] = [Epoch] + 1, [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL,
  [SweepLeaseToken] = NULL, [SweepLeaseUntil] = NULL, [CensusLeaseToken] = NULL, [CensusLeaseUntil] = NULL
WHERE [StoreId] = @storeId;
UPDATE [Stores] SET [IsActive] = 0, [UninstalledAt] = @now, [RefusedAt] = COALESCE([RefusedAt], @now), [LookedAt] = @now,
  [Looks] = 0, [UpdatedAt] = @now WHERE [Id] = @storeId;
COMMIT TRANSACTION;
