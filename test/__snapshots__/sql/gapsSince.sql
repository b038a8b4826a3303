-- SQLite

select "StoreId", "Entity", "Cause", count(*) from "Gaps" where "Gaps"."FoundAt" > ? group by "Gaps"."StoreId", "Gaps"."Entity", "Gaps"."Cause";

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @sinceMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [StoreId], [Entity], [Cause], COUNT(*) AS [Gaps] FROM [Gaps]
WHERE [FoundAt] > DATEADD(millisecond, -(@sinceMs % 1000), DATEADD(second, -(@sinceMs / 1000), @now))
GROUP BY [StoreId], [Entity], [Cause];
