-- SQLite

select "SyncRuns"."Id", "SyncRuns"."StoreId", "SyncRuns"."Entity", "SyncRuns"."Kind", "SyncRuns"."State", "SyncRuns"."StartedAt", "SyncRuns"."MovedAt", "SyncRuns"."FinishedAt", "SyncRuns"."Seen", "SyncRuns"."Unchanged", "SyncRuns"."Written", "SyncRuns"."Deleted", "SyncRuns"."Failed", "SyncRuns"."Deferred", "SyncRuns"."Unknowable", "SyncRuns"."Points", "SyncRuns"."Repaired", "SyncRuns"."Message", (select count(*) from "StaleKeys" where "StaleKeys"."HeldByRun" = "SyncRuns"."Id") from "SyncRuns" inner join "Stores" on (("Stores"."Id" = "SyncRuns"."StoreId") and ("Stores"."IsActive" = ?)) where (("SyncRuns"."State" = ?) and ("SyncRuns"."MovedAt" <= ?)) order by "SyncRuns"."Id";

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @olderThanMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT r.[Id], r.[StoreId], r.[Entity], r.[Kind], r.[State], r.[StartedAt], r.[Message],
  r.[Seen], r.[Unchanged], r.[Written], r.[Deleted], r.[Failed], r.[Deferred], r.[Unknowable], r.[Points],
  (SELECT COUNT(*) FROM [StaleKeys] AS m WHERE m.[HeldByRun] = r.[Id]) AS [Held]
FROM [SyncRuns] AS r
INNER JOIN [Stores] AS s ON s.[Id] = r.[StoreId] AND s.[IsActive] = 1
WHERE r.[State] = N'running' AND r.[MovedAt] <= DATEADD(millisecond, -(@olderThanMs % 1000), DATEADD(second, -(@olderThanMs / 1000), @now))
ORDER BY r.[Id];
