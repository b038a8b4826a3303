-- SQLite

select "Id", "StartedAt" from "SyncRuns" where (("SyncRuns"."StoreId" = ?) and ("SyncRuns"."Entity" = ?) and ("SyncRuns"."Kind" = ?) and ("SyncRuns"."StartedAt" >= ?)) order by "SyncRuns"."Id";

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @since datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [Id], [StartedAt] FROM [SyncRuns]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [Kind] = N'refresh' AND [StartedAt] > DATEADD(hour, -1, @since)
ORDER BY [Id];
