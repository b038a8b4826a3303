-- SQLite

delete from "UnlinkedKeys" where (("UnlinkedKeys"."StoreId" = ?) and ("UnlinkedKeys"."Entity" = ?) and ("UnlinkedKeys"."ShopifyId" in (select value from json_each(?))));

update "OrderItems" set "ProductId" = "Products"."Id", "ProductHandle" = "Products"."Handle", "ProductType" = "Products"."ProductType" from "Products" where (((("Products"."StoreId" = ?) and ("Products"."ShopifyProductId" = "OrderItems"."ShopifyProductId") and ((("OrderItems"."ProductId" is not "Products"."Id") or ("OrderItems"."ProductHandle" is not "Products"."Handle") or ("OrderItems"."ProductType" is not "Products"."ProductType"))))) and ("OrderItems"."StoreId" = ? and "OrderItems"."ShopifyProductId" in
    (select "Products"."ShopifyProductId" from "Products" where ("Products"."StoreId" = ? and "Products"."ShopifyProductId" in (select value from json_each(?))))));

update "OrderItems" set "CompareAtPrice" = "ProductVariants"."CompareAtPrice", "Option1Name" = "ProductVariants"."Option1Name", "Option1Value" = "ProductVariants"."Option1Value", "Option2Name" = "ProductVariants"."Option2Name", "Option2Value" = "ProductVariants"."Option2Value", "Option3Name" = "ProductVariants"."Option3Name", "Option3Value" = "ProductVariants"."Option3Value" from "ProductVariants" where (((("ProductVariants"."StoreId" = ?) and ("ProductVariants"."ShopifyVariantId" = "OrderItems"."ShopifyVariantId") and ((("OrderItems"."CompareAtPrice" is not "ProductVariants"."CompareAtPrice") or ("OrderItems"."Option1Name" is not "ProductVariants"."Option1Name") or ("OrderItems"."Option1Value" is not "ProductVariants"."Option1Value") or ("OrderItems"."Option2Name" is not "ProductVariants"."Option2Name") or ("OrderItems"."Option2Value" is not "ProductVariants"."Option2Value") or ("OrderItems"."Option3Name" is not "ProductVariants"."Option3Name") or ("OrderItems"."Option3Value" is not "ProductVariants"."Option3Value"))))) and ("OrderItems"."StoreId" = ? and "OrderItems"."ShopifyVariantId" in
    (select "ProductVariants"."ShopifyVariantId" from "ProductVariants" where "ProductVariants"."ProductId" in (select "Products"."Id" from "Products" where ("Products"."StoreId" = ? and "Products"."ShopifyProductId" in (select value from json_each(?)))))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @idsJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @ids TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @ids ([IdLength], [Id]) SELECT LEN([value]), [value] FROM OPENJSON(@idsJson);
DECLARE @granted int, @resource nvarchar(255) = CONCAT(N'Driftless:links:', @storeId);
EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Links are locked by another transaction.', 1; END;
DECLARE @changed int = 0;
DELETE k
FROM [UnlinkedKeys] AS k
INNER JOIN @ids AS i ON i.[Id] = k.[ShopifyId]
WHERE k.[StoreId] = @storeId AND k.[Entity] = @entity;
UPDATE [OrderItems] SET
  [ProductId] = [Products].[Id],
  [ProductHandle] = [Products].[Handle],
  [ProductType] = [Products].[ProductType]
FROM [OrderItems]
INNER JOIN [Products] ON [Products].[StoreId] = @storeId AND [Products].[ShopifyProductId] = [OrderItems].[ShopifyProductId]
WHERE [OrderItems].[StoreId] = @storeId AND [OrderItems].[ShopifyProductId] IN (SELECT [Products].[ShopifyProductId] FROM [Products] WHERE [Products].[StoreId] = @storeId AND [Products].[ShopifyProductId] IN (SELECT [Id] FROM @ids))
  AND NOT EXISTS (
    SELECT [OrderItems].[ProductId],
      CAST([OrderItems].[ProductHandle] AS varbinary(max)),
      CAST([OrderItems].[ProductType] AS varbinary(max))
    INTERSECT
    SELECT [Products].[Id],
      CAST([Products].[Handle] AS varbinary(max)),
      CAST([Products].[ProductType] AS varbinary(max))
  );
SET @changed = @changed + @@ROWCOUNT;
UPDATE [OrderItems] SET
  [CompareAtPrice] = [ProductVariants].[CompareAtPrice],
  [Option1Name] = [ProductVariants].[Option1Name],
  [Option1Value] = [ProductVariants].[Option1Value],
  [Option2Name] = [ProductVariants].[Option2Name],
  [Option2Value] = [ProductVariants].[Option2Value],
  [Option3Name] = [ProductVariants].[Option3Name],
  [Option3Value] = [ProductVariants].[Option3Value]
FROM [OrderItems]
INNER JOIN [ProductVariants] ON [ProductVariants].[StoreId] = @storeId AND [ProductVariants].[ShopifyVariantId] = [OrderItems].[ShopifyVariantId]
WHERE [OrderItems].[StoreId] = @storeId AND [OrderItems].[ShopifyVariantId] IN (SELECT [ProductVariants].[ShopifyVariantId] FROM [ProductVariants] WHERE [ProductVariants].[ProductId] IN (SELECT [Products].[Id] FROM [Products] WHERE [Products].[StoreId] = @storeId AND [Products].[ShopifyProductId] IN (SELECT [Id] FROM @ids)))
  AND NOT EXISTS (
    SELECT [OrderItems].[CompareAtPrice],
      CAST([OrderItems].[Option1Name] AS varbinary(max)),
      CAST([OrderItems].[Option1Value] AS varbinary(max)),
      CAST([OrderItems].[Option2Name] AS varbinary(max)),
      CAST([OrderItems].[Option2Value] AS varbinary(max)),
      CAST([OrderItems].[Option3Name] AS varbinary(max)),
      CAST([OrderItems].[Option3Value] AS varbinary(max))
    INTERSECT
    SELECT [ProductVariants].[CompareAtPrice],
      CAST([ProductVariants].[Option1Name] AS varbinary(max)),
      CAST([ProductVariants].[Option1Value] AS varbinary(max)),
      CAST([ProductVariants].[Option2Name] AS varbinary(max)),
      CAST([ProductVariants].[Option2Value] AS varbinary(max)),
      CAST([ProductVariants].[Option3Name] AS varbinary(max)),
      CAST([ProductVariants].[Option3Value] AS varbinary(max))
  );
SET @changed = @changed + @@ROWCOUNT;
COMMIT TRANSACTION;
