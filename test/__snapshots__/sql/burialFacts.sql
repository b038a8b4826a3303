-- SQLite

select "Times" from "Burials" where (((("Burials"."StoreId" = ?) and ("Burials"."Entity" = ?))) and ("Burials"."BuriedAt" > ?));

select count(*) from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT (SELECT COUNT(*) FROM [Orders] AS t WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1) AS [Live], (
  SELECT COALESCE(SUM([Times]), 0) FROM [Burials]
  WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] > DATEADD(hour, -1, @now)
) AS [BuriedLastHour];
