-- SQLite

delete from "StaleKeys" where "StaleKeys"."HeldByRun" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @runId bigint, @discard bit

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @storeId bigint, @entity nvarchar(50), @released int = 0, @step int = 1;
SELECT @storeId = [StoreId], @entity = [Entity] FROM [SyncRuns] WHERE [Id] = @runId;
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT @entity WHERE @entity IS NOT NULL;
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
WHILE @step > 0
BEGIN
  IF @discard = 1
  BEGIN
    DELETE TOP (1000) FROM [StaleKeys] WHERE [HeldByRun] = @runId;
    SET @step = @@ROWCOUNT;
  END
  ELSE
  BEGIN
    UPDATE TOP (1000) [StaleKeys] SET [DueAt] = @now, [HeldByRun] = NULL WHERE [HeldByRun] = @runId;
    SET @step = @@ROWCOUNT;
  END;
  SET @released = @released + @step;
END;
SELECT @released AS [Released];
COMMIT TRANSACTION;
