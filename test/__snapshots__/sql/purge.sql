-- SQLite

delete from "Deliveries" where "Deliveries"."ReceivedAt" < ?;

delete from "Gaps" where "Gaps"."FoundAt" < ?;

delete from "ChangeEvents" where "ChangeEvents"."CreatedAt" < ?;

delete from "SyncRuns" where (("SyncRuns"."MovedAt" < ?) and ("SyncRuns"."State" <> ?) and (not exists (select 1 from "StaleKeys" where "StaleKeys"."HeldByRun" = "SyncRuns"."Id")));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @olderThanMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @before datetime2(3) = DATEADD(millisecond, -(@olderThanMs % 1000), DATEADD(second, -(@olderThanMs / 1000), @now)), @deleted int;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [Deliveries] WHERE [ReceivedAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [Gaps] WHERE [FoundAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [ChangeEvents] WHERE [CreatedAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [SyncRuns] WHERE [MovedAt] < @before AND [State] <> N'running'
    AND NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[HeldByRun] = [SyncRuns].[Id]);
  SET @deleted = @@ROWCOUNT;
END;
