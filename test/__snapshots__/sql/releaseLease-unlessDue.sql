-- SQLite

update "SyncStates" set "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ? where (((((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."RefreshLeaseToken" = ?))) and (not exists (select 1 from "StaleKeys" where "StaleKeys"."StoreId" = "SyncStates"."StoreId"
  and "StaleKeys"."Entity" = "SyncStates"."Entity" and "StaleKeys"."DueAt" <= ?)));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT @entity;
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
DECLARE @released int;
UPDATE [SyncStates] SET [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL WHERE [StoreId] = @storeId AND [Entity] = @entity AND [RefreshLeaseToken] = @token AND NOT EXISTS (SELECT 1 FROM [StaleKeys] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [DueAt] <= @now);
SET @released = @@ROWCOUNT;
SELECT @released AS [Changed];
COMMIT TRANSACTION;
