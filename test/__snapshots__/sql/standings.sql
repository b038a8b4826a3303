-- SQLite

select "SyncStates"."StoreId", "SyncStates"."Entity", coalesce("waiting"."n", 0), "SyncStates"."LastSweepAt", "SyncStates"."LastCensusAt" from "SyncStates" inner join "Stores" on (("Stores"."Id" = "SyncStates"."StoreId") and ("Stores"."IsActive" = ?)) left join (select "StoreId", "Entity", count(*) as "n" from "StaleKeys" where ("StaleKeys"."HeldByRun" is null) group by "StaleKeys"."StoreId", "StaleKeys"."Entity") "waiting" on (("waiting"."StoreId" = "SyncStates"."StoreId") and ("waiting"."Entity" = "SyncStates"."Entity"));

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT s.[StoreId], s.[Entity], s.[LastSweepAt], s.[LastCensusAt], COALESCE(m.[Waiting], 0) AS [Waiting]
FROM [SyncStates] AS s INNER JOIN [Stores] AS t ON t.[Id] = s.[StoreId] AND t.[IsActive] = 1
LEFT JOIN (SELECT [StoreId], [Entity], COUNT(*) AS [Waiting] FROM [StaleKeys] WHERE [HeldByRun] IS NULL GROUP BY [StoreId], [Entity]) AS m
  ON m.[StoreId] = s.[StoreId] AND m.[Entity] = s.[Entity];
