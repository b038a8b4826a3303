-- SQLite

select "Topic", "RefreshedAt" - "TriggeredAt" from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."RefreshedAt" >= ?) and (("Deliveries"."TriggeredAt" is not null))) order by "Deliveries"."RefreshedAt" desc limit ?;

select count(*) from "Customers" where "Customers"."StoreId" = ?;

select count(*) from "Customers" where (("Customers"."StoreId" = ?) and ("Customers"."IsActive" = ?));

select count(*) from "Products" where "Products"."StoreId" = ?;

select count(*) from "Products" where (("Products"."StoreId" = ?) and ("Products"."IsActive" = ?));

select count(*) from "ProductVariants" where "ProductVariants"."StoreId" = ?;

select count(*) from "ProductVariants" where (("ProductVariants"."StoreId" = ?) and ("ProductVariants"."ProductId" in (select "Products"."Id" from "Products" where (("Products"."StoreId" = ?) and ("Products"."IsActive" = ?)))));

select count(*) from "Orders" where "Orders"."StoreId" = ?;

select count(*) from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?));

select count(*) from "OrderItems" where "OrderItems"."StoreId" = ?;

select count(*) from "OrderItems" where (("OrderItems"."StoreId" = ?) and ("OrderItems"."OrderId" in (select "Orders"."Id" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?)))));

select count(*) from "Refunds" where "Refunds"."StoreId" = ?;

select count(*) from "Refunds" where (("Refunds"."StoreId" = ?) and ("Refunds"."OrderId" in (select "Orders"."Id" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?)))));

select count(*) from "RefundItems" where "RefundItems"."StoreId" = ?;

select count(*) from "RefundItems" where (("RefundItems"."StoreId" = ?) and ("RefundItems"."RefundId" in (select "Refunds"."Id" from "Refunds" where (("Refunds"."StoreId" = ?) and ("Refunds"."OrderId" in (select "Orders"."Id" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?))))))));

select count(*) from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and (("StaleKeys"."HeldByRun" is null)));

select count(*) from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and (("StaleKeys"."HeldByRun" is not null)));

select "Cause", "HealedAt" is not null, count(*) from "Gaps" where (("Gaps"."StoreId" = ?) and (((("Gaps"."Cause" is null)) or ("Gaps"."Cause" <> ?)))) group by "Gaps"."Cause", "Gaps"."HealedAt" is not null;

select j."key", j."value", count(*) from "Customers", json_each("Customers"."Lacks") as j where (("Customers"."StoreId" = ?) and ("Customers"."IsActive" = ?) and (("Customers"."Lacks" is not null)) and ("Customers"."ReadAt" >= ?)) group by j."key", j."value" order by j."key", j."value";

select j."key", j."value", count(*) from "Products", json_each("Products"."Lacks") as j where (("Products"."StoreId" = ?) and ("Products"."IsActive" = ?) and (("Products"."Lacks" is not null)) and ("Products"."ReadAt" >= ?)) group by j."key", j."value" order by j."key", j."value";

select j."key", j."value", count(*) from "Orders", json_each("Orders"."Lacks") as j where (("Orders"."StoreId" = ?) and ("Orders"."IsActive" = ?) and (("Orders"."Lacks" is not null)) and ("Orders"."ReadAt" >= ?)) group by j."key", j."value" order by j."key", j."value";

select count(*) from "Rejects" where "Rejects"."StoreId" = ?;

select coalesce(sum("Points"), 0) from "SyncRuns" where "SyncRuns"."StoreId" = ?;

select count(distinct "WebhookId") from "Deliveries" where "Deliveries"."StoreId" = ?;

select "Topic", count(distinct "WebhookId") from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."ReceivedAt" >= ?)) group by "Deliveries"."Topic";

select "Entity", "Reason", "Cause", count(*) from "Gaps" where (("Gaps"."StoreId" = ?) and ("Gaps"."FoundAt" >= ?) and (("Gaps"."Cause" is not null))) group by "Gaps"."Entity", "Gaps"."Reason", "Gaps"."Cause";

select "Entity", "CoverageFrom" from "SyncStates" where (("SyncStates"."StoreId" = ?) and (("SyncStates"."CoverageFrom" is not null)));

select count(*), min("DueAt") from "PrivacyRequests" where (("PrivacyRequests"."StoreId" = ?) and ("PrivacyRequests"."State" in (?, ?)));

select "Message" from "PrivacyRequests" where (("PrivacyRequests"."StoreId" = ?) and ((("PrivacyRequests"."State" in (?, ?)) or ((("PrivacyRequests"."State" = ?) and ("PrivacyRequests"."DueAt" > ?))))) and (("PrivacyRequests"."Message" is not null))) order by "PrivacyRequests"."DueAt" asc limit ?;

select count(*) from "PrivacyRequests" where (("PrivacyRequests"."StoreId" = ?) and ((("PrivacyRequests"."State" = ?) and ("PrivacyRequests"."DueAt" > ?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT
  (SELECT COUNT(*) FROM [Customers] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [Customers] WHERE [StoreId] = @storeId AND [IsActive] = 0) AS [Customers],
  (SELECT COUNT(*) FROM [Products] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [Products] WHERE [StoreId] = @storeId AND [IsActive] = 0) AS [Products],
  (SELECT COUNT(*) FROM [ProductVariants] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [ProductVariants] WHERE [StoreId] = @storeId AND [ProductId] IN (SELECT [Id] FROM [Products] WHERE [StoreId] = @storeId AND [IsActive] = 0)) AS [ProductVariants],
  (SELECT COUNT(*) FROM [Orders] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [Orders] WHERE [StoreId] = @storeId AND [IsActive] = 0) AS [Orders],
  (SELECT COUNT(*) FROM [OrderItems] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [OrderItems] WHERE [StoreId] = @storeId AND [OrderId] IN (SELECT [Id] FROM [Orders] WHERE [StoreId] = @storeId AND [IsActive] = 0)) AS [OrderItems],
  (SELECT COUNT(*) FROM [Refunds] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [Refunds] WHERE [StoreId] = @storeId AND [OrderId] IN (SELECT [Id] FROM [Orders] WHERE [StoreId] = @storeId AND [IsActive] = 0)) AS [Refunds],
  (SELECT COUNT(*) FROM [RefundItems] WHERE [StoreId] = @storeId) - (SELECT COUNT(*) FROM [RefundItems] WHERE [StoreId] = @storeId AND [RefundId] IN (SELECT [Id] FROM [Refunds] WHERE [StoreId] = @storeId AND [OrderId] IN (SELECT [Id] FROM [Orders] WHERE [StoreId] = @storeId AND [IsActive] = 0))) AS [RefundItems];
SELECT
  (SELECT COUNT(*) FROM [StaleKeys] WHERE [StoreId] = @storeId AND [HeldByRun] IS NULL) AS [Waiting],
  (SELECT COUNT(*) FROM [StaleKeys] WHERE [StoreId] = @storeId AND [HeldByRun] IS NOT NULL) AS [Held],
  (SELECT COUNT(*) FROM [Rejects] WHERE [StoreId] = @storeId) AS [Rejects],
  (SELECT COALESCE(SUM(CAST([Points] AS bigint)), 0) FROM [SyncRuns] WHERE [StoreId] = @storeId) AS [Points],
  (SELECT COUNT(DISTINCT [WebhookId]) FROM [Deliveries] WHERE [StoreId] = @storeId) AS [Deliveries];
SELECT g.[Cause], g.[Healed], COUNT(*) AS [Count] FROM (
  SELECT [Cause], CASE WHEN [HealedAt] IS NULL THEN 0 ELSE 1 END AS [Healed] FROM [Gaps]
  WHERE [StoreId] = @storeId AND ([Cause] IS NULL OR [Cause] <> N'in flight')
) AS g GROUP BY g.[Cause], g.[Healed];
SELECT [Entity], [CoverageFrom] FROM [SyncStates] WHERE [StoreId] = @storeId AND [CoverageFrom] IS NOT NULL;
SELECT TOP (10000) [Topic],
  DATEDIFF_BIG(millisecond, [TriggeredAt], [RefreshedAt]) AS [Lag]
FROM [Deliveries] WHERE [StoreId] = @storeId AND [RefreshedAt] IS NOT NULL AND [TriggeredAt] IS NOT NULL
ORDER BY [RefreshedAt] DESC;
SELECT
  (SELECT COUNT(*) FROM [PrivacyRequests] WHERE [StoreId] = @storeId AND [State] IN (N'waiting', N'erasing')) AS [Open],
  (SELECT MIN([DueAt]) FROM [PrivacyRequests] WHERE [StoreId] = @storeId AND [State] IN (N'waiting', N'erasing')) AS [NextDueAt],
  (SELECT COUNT(*) FROM [PrivacyRequests] WHERE [StoreId] = @storeId AND [State] = N'refused' AND [DueAt] > @now) AS [Refused],
  (SELECT TOP (1) [Message] FROM [PrivacyRequests]
    WHERE [StoreId] = @storeId AND ([State] IN (N'waiting', N'erasing') OR [State] = N'refused' AND [DueAt] > @now) AND [Message] IS NOT NULL ORDER BY [DueAt]) AS [Message];
SELECT j.[key] AS [Column], j.[value] AS [Reason], COUNT(*) AS [Rows]
FROM [Customers] AS t CROSS APPLY OPENJSON(t.[Lacks]) AS j
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[Lacks] IS NOT NULL
GROUP BY j.[key], j.[value]
UNION ALL
SELECT j.[key] AS [Column], j.[value] AS [Reason], COUNT(*) AS [Rows]
FROM [Products] AS t CROSS APPLY OPENJSON(t.[Lacks]) AS j
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[Lacks] IS NOT NULL
GROUP BY j.[key], j.[value]
UNION ALL
SELECT j.[key] AS [Column], j.[value] AS [Reason], COUNT(*) AS [Rows]
FROM [Orders] AS t CROSS APPLY OPENJSON(t.[Lacks]) AS j
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[Lacks] IS NOT NULL
GROUP BY j.[key], j.[value];
