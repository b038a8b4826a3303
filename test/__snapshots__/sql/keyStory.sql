-- SQLite

select "ShopifyOrderId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."ShopifyOrderId" in (select value from json_each(?))));

select "StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore" from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."IdLength" = ?) and ("StaleKeys"."Id" = ?));

select "Topic", "TriggeredAt", "ReceivedAt", "RefreshedAt" from "Deliveries" where (("Deliveries"."StoreId" = ?) and ("Deliveries"."Entity" = ?) and ("Deliveries"."ShopifyId" = ?)) order by "Deliveries"."Id" asc;

select "Type", "CreatedAt", "UpdatedAt", "Columns" from "ChangeEvents" where (("ChangeEvents"."StoreId" = ?) and ("ChangeEvents"."Entity" = ?) and ("ChangeEvents"."ShopifyId" = ?)) order by "ChangeEvents"."Id" asc;

select "RunId", "FoundBy", "Reason", "ChangedAt", "SeenAt", "FoundAt", "HealedAt", "Cause" from "Gaps" where (("Gaps"."StoreId" = ?) and ("Gaps"."Entity" = ?) and ("Gaps"."ShopifyId" = ?)) order by "Gaps"."Id" asc;

select "Reason", "Times", "FirstAt", "LastAt" from "Rejects" where (("Rejects"."StoreId" = ?) and ("Rejects"."Entity" = ?) and ("Rejects"."ShopifyId" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @id nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT t.[UpdatedAt], t.[CreatedAt], t.[ReadAt], t.[DeletedAt], t.[ContentHash], t.[Lacks], t.[SyncedAt] FROM [Orders] AS t WHERE t.[StoreId] = @storeId AND t.[ShopifyOrderId] = @id;
SELECT [Lane], [Reason], [Announces], [MarkedAt], [RaisedAt], [Attempts], [DueAt] FROM [StaleKeys]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [IdLength] = LEN(@id) AND [Id] = @id;
SELECT [Topic], [TriggeredAt], [ReceivedAt], [RefreshedAt] FROM [Deliveries] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] = @id ORDER BY [Id];
SELECT [Type], [CreatedAt], [UpdatedAt], [Columns] FROM [ChangeEvents] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] = @id ORDER BY [Id];
SELECT [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt], [FoundAt], [HealedAt], [Cause]
FROM [Gaps] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] = @id ORDER BY [Id];
SELECT [Reason], [Times], [FirstAt], [LastAt] FROM [Rejects] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] = @id;
