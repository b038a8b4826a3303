-- SQLite

select "ShopifyOrderId" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?) and ("Orders"."UpdatedAt" between ? and ?) and (not exists (select "Id" from "StaleKeys" where (("StaleKeys"."StoreId" = "Orders"."StoreId") and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."IdLength" = "Orders"."IdLength") and ("StaleKeys"."Id" = "Orders"."ShopifyOrderId"))))) order by "Orders"."UpdatedAt" asc, "Orders"."IdLength" asc, "Orders"."ShopifyOrderId" asc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @from datetime2(3), @to datetime2(3),
-- @limit bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT TOP (@limit) t.[ShopifyOrderId] AS [Id]
FROM [Orders] AS t
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[UpdatedAt] >= @from AND t.[UpdatedAt] <= @to
  AND NOT EXISTS (
    SELECT 1 FROM [StaleKeys] AS m
    WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = t.[IdLength] AND m.[Id] = t.[ShopifyOrderId]
  )
ORDER BY t.[UpdatedAt], t.[IdLength], t.[ShopifyOrderId];
