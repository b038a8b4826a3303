-- SQLite

delete from "UnlinkedKeys" where (("UnlinkedKeys"."StoreId" = ?) and ("UnlinkedKeys"."Entity" = ?) and ("UnlinkedKeys"."ShopifyId" in (select value from json_each(?))));

update "Orders" set "CustomerId" = "Customers"."Id" from "Customers" where (((("Customers"."StoreId" = ?) and ("Customers"."ShopifyCustomerId" = "Orders"."ShopifyCustomerId") and ("Orders"."CustomerId" is not "Customers"."Id"))) and ("Orders"."StoreId" = ? and "Orders"."ShopifyCustomerId" in
    (select "Customers"."ShopifyCustomerId" from "Customers" where ("Customers"."StoreId" = ? and "Customers"."ShopifyCustomerId" in (select value from json_each(?))))));

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
WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyCustomerId] IN (SELECT [Customers].[ShopifyCustomerId] FROM [Customers] WHERE [Customers].[StoreId] = @storeId AND [Customers].[ShopifyCustomerId] IN (SELECT [Id] FROM @ids))
  AND NOT EXISTS (
    SELECT [Orders].[CustomerId]
    INTERSECT
    SELECT [Customers].[Id]
  );
SET @changed = @changed + @@ROWCOUNT;
COMMIT TRANSACTION;
