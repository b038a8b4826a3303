-- SQLite

delete from "UnlinkedKeys" where (("UnlinkedKeys"."StoreId" = ?) and ("UnlinkedKeys"."Entity" = ?) and ("UnlinkedKeys"."ShopifyId" in (select value from json_each(?))));

update "Orders" set "CustomerId" = "Customers"."Id" from "Customers" where (((("Customers"."StoreId" = ?) and ("Customers"."ShopifyCustomerId" = "Orders"."ShopifyCustomerId") and ("Orders"."CustomerId" is not "Customers"."Id"))) and (("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?)))));

update "Orders" set "CustomerId" = ? where ((((("Orders"."CustomerId" is not null)) and (not exists (select 1 from "Customers" where "Customers"."Id" = "Orders"."CustomerId"
      and "Customers"."ShopifyCustomerId" = "Orders"."ShopifyCustomerId")))) and (("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?)))));

update "OrderItems" set "ProductId" = "Products"."Id", "ProductHandle" = "Products"."Handle", "ProductType" = "Products"."ProductType" from "Products" where (((("Products"."StoreId" = ?) and ("Products"."ShopifyProductId" = "OrderItems"."ShopifyProductId") and ((("OrderItems"."ProductId" is not "Products"."Id") or ("OrderItems"."ProductHandle" is not "Products"."Handle") or ("OrderItems"."ProductType" is not "Products"."ProductType"))))) and ("OrderItems"."OrderId" in (select "Orders"."Id" from "Orders" where ("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?))))));

update "OrderItems" set "ProductId" = ? where ((((("OrderItems"."ProductId" is not null)) and (not exists (select 1 from "Products" where "Products"."Id" = "OrderItems"."ProductId"
      and "Products"."ShopifyProductId" = "OrderItems"."ShopifyProductId")))) and ("OrderItems"."OrderId" in (select "Orders"."Id" from "Orders" where ("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?))))));

update "OrderItems" set "CompareAtPrice" = "ProductVariants"."CompareAtPrice", "Option1Name" = "ProductVariants"."Option1Name", "Option1Value" = "ProductVariants"."Option1Value", "Option2Name" = "ProductVariants"."Option2Name", "Option2Value" = "ProductVariants"."Option2Value", "Option3Name" = "ProductVariants"."Option3Name", "Option3Value" = "ProductVariants"."Option3Value" from "ProductVariants" where (((("ProductVariants"."StoreId" = ?) and ("ProductVariants"."ShopifyVariantId" = "OrderItems"."ShopifyVariantId") and ((("OrderItems"."CompareAtPrice" is not "ProductVariants"."CompareAtPrice") or ("OrderItems"."Option1Name" is not "ProductVariants"."Option1Name") or ("OrderItems"."Option1Value" is not "ProductVariants"."Option1Value") or ("OrderItems"."Option2Name" is not "ProductVariants"."Option2Name") or ("OrderItems"."Option2Value" is not "ProductVariants"."Option2Value") or ("OrderItems"."Option3Name" is not "ProductVariants"."Option3Name") or ("OrderItems"."Option3Value" is not "ProductVariants"."Option3Value"))))) and ("OrderItems"."OrderId" in (select "Orders"."Id" from "Orders" where ("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?))))));

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
UPDATE [Orders] SET
  [CustomerId] = [Customers].[Id]
FROM [Orders]
INNER JOIN [Customers] ON [Customers].[StoreId] = @storeId AND [Customers].[ShopifyCustomerId] = [Orders].[ShopifyCustomerId]
WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [Id] FROM @ids)
  AND NOT EXISTS (
    SELECT [Orders].[CustomerId]
    INTERSECT
    SELECT [Customers].[Id]
  );
SET @changed = @changed + @@ROWCOUNT;
UPDATE [Orders] SET [CustomerId] = NULL
WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [Id] FROM @ids)
  AND [Orders].[CustomerId] IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM [Customers]
    WHERE [Customers].[Id] = [Orders].[CustomerId] AND [Customers].[ShopifyCustomerId] = [Orders].[ShopifyCustomerId]
  );
SET @changed = @changed + @@ROWCOUNT;
UPDATE [OrderItems] SET
  [ProductId] = [Products].[Id],
  [ProductHandle] = [Products].[Handle],
  [ProductType] = [Products].[ProductType]
FROM [OrderItems]
INNER JOIN [Products] ON [Products].[StoreId] = @storeId AND [Products].[ShopifyProductId] = [OrderItems].[ShopifyProductId]
WHERE [OrderItems].[OrderId] IN (SELECT [Orders].[Id] FROM [Orders] WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [Id] FROM @ids))
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
UPDATE [OrderItems] SET [ProductId] = NULL
WHERE [OrderItems].[OrderId] IN (SELECT [Orders].[Id] FROM [Orders] WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [Id] FROM @ids))
  AND [OrderItems].[ProductId] IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM [Products]
    WHERE [Products].[Id] = [OrderItems].[ProductId] AND [Products].[ShopifyProductId] = [OrderItems].[ShopifyProductId]
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
WHERE [OrderItems].[OrderId] IN (SELECT [Orders].[Id] FROM [Orders] WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [Id] FROM @ids))
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
