-- SQLite

select "Id", "StoreId", "Entity", "Kind", "State", "StartedAt", "MovedAt", "FinishedAt", "Seen", "Unchanged", "Written", "Deleted", "Failed", "Deferred", "Unknowable", "Points", "Repaired", "Message", (select count(*) from "StaleKeys" where "StaleKeys"."HeldByRun" = "SyncRuns"."Id") from "SyncRuns" where "SyncRuns"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @runId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT r.[Id], r.[StoreId], r.[Entity], r.[Kind], r.[State], r.[StartedAt], r.[Message],
  r.[Seen], r.[Unchanged], r.[Written], r.[Deleted], r.[Failed], r.[Deferred], r.[Unknowable], r.[Points],
  (SELECT COUNT(*) FROM [StaleKeys] AS m WHERE m.[HeldByRun] = r.[Id]) AS [Held]
FROM [SyncRuns] AS r WHERE r.[Id] = @runId;
