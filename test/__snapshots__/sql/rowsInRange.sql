-- SQLite

select "ShopifyProductId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks", json_object('ProductVariants', (select count(*) from "ProductVariants" where "ProductVariants"."ProductId" = "Products"."Id")) from "Products" where (("Products"."StoreId" = ?) and (("Products"."IdLength", "Products"."ShopifyProductId") > (?, ?)) and (("Products"."IdLength", "Products"."ShopifyProductId") <= (?, ?))) order by "Products"."IdLength" asc, "Products"."ShopifyProductId" asc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint, @firstLength bigint, @firstAfter nvarchar(4000),
-- @firstThrough nvarchar(4000), @lastLength bigint, @lastThrough nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT t.[ShopifyProductId] AS [Id], t.[UpdatedAt], t.[CreatedAt], t.[ReadAt], t.[DeletedAt], t.[ContentHash], t.[Lacks],
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
