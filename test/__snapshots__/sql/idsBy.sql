-- SQLite

select "id" from (select "Products"."ShopifyProductId" as "id" from "Products" where "Products"."StoreId" = ? and "Products"."Id" in (select "ProductVariants"."ProductId" as "id" from "ProductVariants" where "ProductVariants"."StoreId" = ? and "ProductVariants"."ShopifyInventoryItemId" in (select value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @valuesJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @values TABLE (
  [ShopifyInventoryItemId] nvarchar(50) NOT NULL, PRIMARY KEY ([ShopifyInventoryItemId])
);
INSERT INTO @values ([ShopifyInventoryItemId]) SELECT DISTINCT [value] FROM OPENJSON(@valuesJson);
SELECT [Products].[ShopifyProductId] AS [Id] FROM [Products] WHERE [Products].[StoreId] = @storeId AND [Products].[Id] IN (SELECT [ProductVariants].[ProductId] AS [Id] FROM [ProductVariants] WHERE [ProductVariants].[StoreId] = @storeId AND [ProductVariants].[ShopifyInventoryItemId] IN (SELECT [ShopifyInventoryItemId] FROM @values));
