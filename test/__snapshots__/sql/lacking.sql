-- SQLite

select j."key", j."value", count(*) from "Orders", json_each("Orders"."Lacks") as j where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?) and (("Orders"."Lacks" is not null)) and ("Orders"."ReadAt" >= ?)) group by j."key", j."value" order by j."key", j."value";

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @readSince datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT j.[key] AS [Column], j.[value] AS [Reason], COUNT(*) AS [Rows]
FROM [Orders] AS t CROSS APPLY OPENJSON(t.[Lacks]) AS j
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[Lacks] IS NOT NULL AND t.[ReadAt] >= @readSince
GROUP BY j.[key], j.[value];
