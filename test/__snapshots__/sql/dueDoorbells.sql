-- SQLite

select "Id" from "Stores" where "Stores"."IsActive" = ?;

select "DueAt" from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and (("StaleKeys"."DueAt" is not null))) order by "StaleKeys"."DueAt" limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT s.[StoreId], s.[Entity] FROM [SyncStates] AS s
INNER JOIN [Stores] AS t ON t.[Id] = s.[StoreId] AND t.[IsActive] = 1
CROSS APPLY (
  SELECT TOP (1) m.[DueAt] FROM [StaleKeys] AS m
  WHERE m.[StoreId] = s.[StoreId] AND m.[Entity] = s.[Entity] AND m.[DueAt] <= @now
  ORDER BY m.[DueAt]
) AS d;
