-- SQLite

select "Id", "HeldByRun" is not null from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and (("StaleKeys"."IdLength", "StaleKeys"."Id") > (?, ?)) and (("StaleKeys"."IdLength", "StaleKeys"."Id") <= (?, ?))) order by "StaleKeys"."IdLength" asc, "StaleKeys"."Id" asc limit ?;

select "ShopifyProductId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks", "SyncedAt", json_object('ProductVariants', (select count(*) from "ProductVariants" where "ProductVariants"."ProductId" = "Products"."Id")) from "Products" where (("Products"."StoreId" = ?) and (("Products"."IdLength", "Products"."ShopifyProductId") > (?, ?)) and (("Products"."IdLength", "Products"."ShopifyProductId") <= (?, ?))) order by "Products"."IdLength" asc, "Products"."ShopifyProductId" asc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @limit bigint, @firstLength bigint,
-- @firstAfter nvarchar(4000), @firstThrough nvarchar(4000), @lastLength bigint,
-- @lastThrough nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT @now AS [At];
SELECT m.[Id], CASE WHEN m.[HeldByRun] IS NULL THEN 0 ELSE 1 END AS [Held]
FROM [StaleKeys] AS m
WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[Id] IN (
  SELECT TOP (@limit) [Id] FROM (
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [Id] AS [Text] FROM [StaleKeys]
      WHERE [StoreId] = @storeId AND [Entity] = @entity AND [IdLength] = CAST(@firstLength AS int) AND [Id] > @firstAfter AND [Id] <= @firstThrough
      ORDER BY [IdLength], [Id]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [Id] AS [Text] FROM [StaleKeys]
      WHERE [StoreId] = @storeId AND [Entity] = @entity AND [IdLength] > CAST(@firstLength AS int) AND [IdLength] < CAST(@lastLength AS int)
      ORDER BY [IdLength], [Id]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [Id] AS [Text] FROM [StaleKeys]
      WHERE [StoreId] = @storeId AND [Entity] = @entity AND [IdLength] = CAST(@lastLength AS int) AND [Id] <= @lastThrough
      ORDER BY [IdLength], [Id]
    ) AS p
  ) AS parts
  ORDER BY [IdLength], [Text]
)
ORDER BY m.[IdLength], m.[Id];
SELECT t.[ShopifyProductId] AS [Id], t.[SyncedAt], t.[UpdatedAt], t.[CreatedAt], t.[ReadAt], t.[DeletedAt], t.[ContentHash], t.[Lacks],
  (SELECT COUNT(*) FROM [ProductVariants] AS c WHERE c.[ProductId] = t.[Id]) AS [ProductVariants]
FROM [Products] AS t
WHERE t.[Id] IN (
  SELECT TOP (@limit) [Id] FROM (
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyProductId] AS [Text] FROM [Products]
      WHERE [StoreId] = @storeId AND [IdLength] = CAST(@firstLength AS int) AND [ShopifyProductId] > @firstAfter AND [ShopifyProductId] <= @firstThrough
      ORDER BY [IdLength], [ShopifyProductId]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyProductId] AS [Text] FROM [Products]
      WHERE [StoreId] = @storeId AND [IdLength] > CAST(@firstLength AS int) AND [IdLength] < CAST(@lastLength AS int)
      ORDER BY [IdLength], [ShopifyProductId]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyProductId] AS [Text] FROM [Products]
      WHERE [StoreId] = @storeId AND [IdLength] = CAST(@lastLength AS int) AND [ShopifyProductId] <= @lastThrough
      ORDER BY [IdLength], [ShopifyProductId]
    ) AS p
  ) AS parts
  ORDER BY [IdLength], [Text]
)
ORDER BY t.[IdLength], t.[ShopifyProductId];
