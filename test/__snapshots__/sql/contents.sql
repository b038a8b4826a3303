-- SQLite

select "Id", "ShopifyProductId", "DeletedAt", "ErasedAt", "Title", "Handle", "Description", "Category", "Vendor", "ProductType", "Status", "Tags", "InventoryQuantity", "PublishedAt", "IsGiftCard", "CreatedAt", "UpdatedAt", "ShopifyCreatedAt", "ShopifyUpdatedAt" from "Products" where (("Products"."StoreId" = ?) and ("Products"."ShopifyProductId" in (select value from json_each(?))));

select "Id", "ShopifyVariantId", "ProductId", "ShopifyInventoryItemId", "Title", "Sku", "Barcode", "Barcodes", "Position", cast("Price" as text), cast("CompareAtPrice" as text), cast("UnitCost" as text), "InventoryQuantity", "Option1Name", "Option1Value", "Option2Name", "Option2Value", "Option3Name", "Option3Value", cast("Weight" as text), "WeightUnit", "RequiresShipping", "Taxable", "CreatedAt", "UpdatedAt" from "ProductVariants" where "ProductVariants"."ProductId" in (select value from json_each(?)) order by "ProductVariants"."ProductId" asc, length("ProductVariants"."ShopifyVariantId"), "ProductVariants"."ShopifyVariantId" asc;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @idsJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @ids TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @ids ([IdLength], [Id]) SELECT LEN([value]), [value] FROM OPENJSON(@idsJson);
DECLARE @page TABLE ([Id] bigint NOT NULL PRIMARY KEY);
INSERT INTO @page ([Id])
  SELECT t.[Id] FROM [Products] AS t
  INNER JOIN @ids AS i ON t.[StoreId] = @storeId AND t.[ShopifyProductId] = i.[Id];
SELECT
  t.[Id], t.[ShopifyProductId], t.[DeletedAt], t.[ErasedAt], t.[Title], t.[Handle], t.[Description],
  t.[Category], t.[Vendor], t.[ProductType], t.[Status], t.[Tags], t.[InventoryQuantity],
  t.[PublishedAt], t.[IsGiftCard], t.[CreatedAt], t.[UpdatedAt], t.[ShopifyCreatedAt],
  t.[ShopifyUpdatedAt]
FROM [Products] AS t
WHERE t.[Id] IN (SELECT [Id] FROM @page)
ORDER BY t.[IdLength], t.[ShopifyProductId];
SELECT
  t.[Id], t.[ShopifyVariantId], t.[ProductId], t.[ShopifyInventoryItemId], t.[Title], t.[Sku],
  t.[Barcode], t.[Barcodes], t.[Position], CAST(t.[Price] AS varchar(40)) AS [Price],
  CAST(t.[CompareAtPrice] AS varchar(40)) AS [CompareAtPrice],
  CAST(t.[UnitCost] AS varchar(40)) AS [UnitCost], t.[InventoryQuantity], t.[Option1Name],
  t.[Option1Value], t.[Option2Name], t.[Option2Value], t.[Option3Name], t.[Option3Value],
  CAST(t.[Weight] AS varchar(40)) AS [Weight], t.[WeightUnit], t.[RequiresShipping], t.[Taxable],
  t.[CreatedAt], t.[UpdatedAt]
FROM [ProductVariants] AS t
WHERE t.[ProductId] IN (SELECT [Id] FROM @page)
ORDER BY t.[ProductId], LEN(t.[ShopifyVariantId]), t.[ShopifyVariantId];
