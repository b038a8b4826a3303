-- SQLite

select "ShopifyCustomerId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks" from "Customers" where (("Customers"."StoreId" = ?) and ("Customers"."ShopifyCustomerId" in (select value from json_each(?))));

select "ShopifyId", max("TriggeredAt") from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."Entity" = ?) and ("Deliveries"."ShopifyId" in (select value from json_each(?)))) group by "Deliveries"."ShopifyId";

select "Id" from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and (("StaleKeys"."IdLength", "StaleKeys"."Id") in (select length(value), value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @idsJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @ids TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @ids ([IdLength], [Id]) SELECT LEN([value]), [value] FROM OPENJSON(@idsJson);
SELECT m.[Id] FROM @ids AS i
INNER JOIN [StaleKeys] AS m ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = i.[IdLength] AND m.[Id] = i.[Id];
SELECT t.[ShopifyCustomerId] AS [Key], t.[UpdatedAt], t.[CreatedAt], t.[ReadAt], t.[DeletedAt], t.[ContentHash], t.[Lacks] FROM @ids AS i
INNER JOIN [Customers] AS t ON t.[StoreId] = @storeId AND t.[ShopifyCustomerId] = i.[Id];
SELECT i.[Id], MAX(d.[TriggeredAt]) AS [AnnouncedAt] FROM @ids AS i
INNER JOIN [Deliveries] AS d ON d.[StoreId] = @storeId AND d.[Entity] = @entity AND d.[ShopifyId] = i.[Id]
GROUP BY i.[Id];
