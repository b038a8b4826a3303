-- SQLite

select "Id", "StoreId", "Entity", "ShopifyId", "RunId", "FoundBy", "Reason", "ChangedAt", "SeenAt", "FoundAt", "HealedAt", "Cause", exists (select 1 from "Rejects" where "Rejects"."StoreId" = "Gaps"."StoreId"
    and "Rejects"."Entity" = "Gaps"."Entity" and "Rejects"."ShopifyId" = "Gaps"."ShopifyId") from "Gaps" where (("Gaps"."StoreId" = ?) and (("Gaps"."Cause" is null)) and (((("Gaps"."HealedAt" is not null)) or ("Gaps"."FoundAt" <= ?)))) limit ?;

select "Topic", "TriggeredAt", "ReceivedAt" from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."Entity" = ?) and ("Deliveries"."ShopifyId" in (select value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @unjudged TABLE ([Id] bigint NOT NULL PRIMARY KEY);
INSERT INTO @unjudged ([Id])
SELECT TOP (@limit) g.[Id] FROM [Gaps] AS g
WHERE g.[StoreId] = @storeId AND g.[Cause] IS NULL
  AND (g.[HealedAt] IS NOT NULL OR g.[FoundAt] <= DATEADD(millisecond, -300000, @now))
ORDER BY g.[Id];
SELECT g.[Id], g.[Entity], g.[Reason], g.[ChangedAt], g.[SeenAt], g.[FoundAt], CASE WHEN r.[ShopifyId] IS NULL THEN 0 ELSE 1 END AS [Rejected]
FROM @unjudged AS u INNER JOIN [Gaps] AS g ON g.[Id] = u.[Id]
LEFT JOIN [Rejects] AS r ON r.[StoreId] = g.[StoreId] AND r.[Entity] = g.[Entity] AND r.[ShopifyId] = g.[ShopifyId]
ORDER BY g.[Id];
SELECT u.[Id], d.[Topic], d.[TriggeredAt], d.[ReceivedAt]
FROM @unjudged AS u INNER JOIN [Gaps] AS g ON g.[Id] = u.[Id]
INNER JOIN [Deliveries] AS d ON d.[StoreId] = g.[StoreId] AND d.[Entity] = g.[Entity] AND d.[ShopifyId] = g.[ShopifyId]
ORDER BY d.[Id];
