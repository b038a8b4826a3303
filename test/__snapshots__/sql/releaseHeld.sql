-- SQLite

update "StaleKeys" set "DueAt" = ?, "HeldByRun" = ? where "StaleKeys"."HeldByRun" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @runId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @storeId bigint, @entity nvarchar(50), @released int = 0, @step int = 1;
DECLARE @resource nvarchar(255), @granted int;
SELECT @storeId = [StoreId], @entity = [Entity] FROM [SyncRuns] WHERE [Id] = @runId;
WHILE @entity IS NOT NULL AND @step > 0
BEGIN
  BEGIN TRANSACTION;
  SET @resource = CONCAT(N'Driftless:marks:', @storeId, N':', @entity);
  EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Marks are locked by another transaction.', 1; END;
  SET @now = COALESCE(@clock, SYSUTCDATETIME());
  UPDATE TOP (1000) [StaleKeys] SET [DueAt] = @now, [HeldByRun] = NULL WHERE [HeldByRun] = @runId;
  SET @step = @@ROWCOUNT;
  COMMIT TRANSACTION;
  SET @released = @released + @step;
END;
SELECT @released AS [Released];
