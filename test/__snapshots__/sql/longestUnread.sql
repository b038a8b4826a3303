-- SQLite

select "ShopifyOrderId" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?)) order by "Orders"."ReadAt" asc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT TOP (@limit) t.[ShopifyOrderId] AS [Id]
FROM [Orders] AS t
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1
ORDER BY t.[ReadAt];
