-- SQLite

select "Topic", count(distinct "WebhookId") from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."ReceivedAt" >= ?)) group by "Deliveries"."Topic";

select "Entity", "Reason", "Cause", count(*) from "Gaps" where (("Gaps"."StoreId" = ?) and ("Gaps"."FoundAt" >= ?) and (("Gaps"."Cause" is not null))) group by "Gaps"."Entity", "Gaps"."Reason", "Gaps"."Cause";

select "Topic", "RefreshedAt" - "TriggeredAt" from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."RefreshedAt" >= ?) and (("Deliveries"."TriggeredAt" is not null))) order by "Deliveries"."RefreshedAt" desc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @sinceMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @from datetime2(3) = DATEADD(millisecond, -(@sinceMs % 1000), DATEADD(second, -(@sinceMs / 1000), @now));
SELECT [Topic], COUNT(DISTINCT [WebhookId]) AS [Count]
FROM [Deliveries] WHERE [StoreId] = @storeId AND [ReceivedAt] >= @from GROUP BY [Topic];
SELECT [Entity], [Reason], [Cause], COUNT(*) AS [Count]
FROM [Gaps] WHERE [StoreId] = @storeId AND [FoundAt] >= @from AND [Cause] IS NOT NULL
GROUP BY [Entity], [Reason], [Cause];
SELECT TOP (10000) [Topic],
  DATEDIFF_BIG(millisecond, [TriggeredAt], [RefreshedAt]) AS [Lag]
FROM [Deliveries] WHERE [StoreId] = @storeId AND [RefreshedAt] >= @from AND [TriggeredAt] IS NOT NULL
ORDER BY [RefreshedAt] DESC;
