-- SQLite

select "StoreId" from "PrivacyRequests" where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

update "SyncStates" set "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ? where (("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?));

delete from "PrivacyKeys" where (("PrivacyKeys"."RequestId" = ?) and ("PrivacyKeys"."Entity" = ?) and ("PrivacyKeys"."ShopifyId" in (select value from json_each(?)))) returning "ShopifyId";

update "Orders" set "Email" = ?, "Tags" = ?, "SyncedAt" = ?, "ContentHash" = ?, "ErasedAt" = ? where (("Orders"."StoreId" = ?) and ("Orders"."ShopifyOrderId" in (select value from json_each(?)))) returning "ShopifyOrderId", "Id", "UpdatedAt";

update "Refunds" set "Note" = ? where "Refunds"."OrderId" in (select "Orders"."Id" from "Orders" where ("Orders"."StoreId" = ? and "Orders"."ShopifyOrderId" in (select value from json_each(?))));

update "Rejects" set "Reason" = ? where (("Rejects"."StoreId" = ?) and ("Rejects"."Entity" = ?) and ("Rejects"."ShopifyId" in (select value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @entity nvarchar(4000), @idsJson nvarchar(max),
-- @columns nvarchar(max), @announce bit

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @storeId bigint;
SELECT @storeId = [StoreId] FROM [PrivacyRequests] WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing');
DECLARE @ids TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @ids ([IdLength], [Id]) SELECT LEN([value]), [value] FROM OPENJSON(@idsJson);
UPDATE [SyncStates] SET [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL
WHERE [StoreId] = @storeId AND [Entity] IN (@entity);
SET @now = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @times int;
DECLARE @struck TABLE (
  [ShopifyId] nvarchar(50) NOT NULL, PRIMARY KEY ([ShopifyId])
);
DELETE FROM [PrivacyKeys] OUTPUT deleted.[ShopifyId] INTO @struck ([ShopifyId])
WHERE @storeId IS NOT NULL AND [RequestId] = @requestId AND [Entity] = @entity
  AND [ShopifyId] IN (SELECT [Id] FROM @ids);
DECLARE @changes TABLE (
  [Id] nvarchar(50) NOT NULL, [Type] nvarchar(20) NULL, [Columns] nvarchar(max) NULL,
  [At] datetime2(3) NULL, PRIMARY KEY ([Id])
);
INSERT INTO @changes ([Id], [Type], [Columns], [At])
SELECT [ShopifyOrderId], N'changed', @columns, [UpdatedAt] FROM [Orders] WHERE [StoreId] = @storeId AND [ShopifyOrderId] IN (SELECT [ShopifyId] FROM @struck);
UPDATE [Orders] SET
  [Email] = NULL, [Tags] = NULL, [ContentHash] = NULL, [ErasedAt] = @now, [SyncedAt] = @now
WHERE [StoreId] = @storeId AND [ShopifyOrderId] IN (SELECT [ShopifyId] FROM @struck);
SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Orders';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Orders', @times);
UPDATE [Refunds] SET [Note] = NULL
WHERE [Refunds].[OrderId] IN (SELECT [Orders].[Id] FROM [Orders] WHERE [Orders].[StoreId] = @storeId AND [Orders].[ShopifyOrderId] IN (SELECT [ShopifyId] FROM @struck));
SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Refunds';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Refunds', @times);
UPDATE [Rejects] SET [Reason] = N'erased on request'
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] IN (SELECT [ShopifyId] FROM @struck);
SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Rejects';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Rejects', @times);
INSERT INTO [ChangeEvents] (
  [StoreId], [Entity], [ShopifyId], [Type], [RowId], [Columns], [UpdatedAt], [CreatedAt], [DueAt], [State], [Attempts]
)
SELECT @storeId, @entity, c.[Id], c.[Type], t.[Id], c.[Columns], c.[At], @now, @now,
  CASE WHEN @announce = 1 THEN N'waiting' ELSE N'noted' END, 0
FROM @changes AS c
INNER JOIN [Orders] AS t ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = c.[Id];
COMMIT TRANSACTION;
