-- SQLite

select "DueAt" from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and (("StaleKeys"."DueAt" is not null))) order by "StaleKeys"."DueAt" limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT TOP (1) [DueAt], @now AS [Now] FROM [StaleKeys]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [DueAt] IS NOT NULL
ORDER BY [DueAt];
