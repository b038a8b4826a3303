-- SQLite

select "StoreId" from "PrivacyRequests" where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

update "SyncStates" set "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ? where (("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?));

delete from "PrivacyKeys" where (("PrivacyKeys"."RequestId" = ?) and ("PrivacyKeys"."Entity" = ?) and ("PrivacyKeys"."ShopifyId" in (select value from json_each(?)))) returning "ShopifyId";

update "Customers" set "FirstName" = ?, "LastName" = ?, "Email" = ?, "Phone" = ?, "Company" = ?, "City" = ?, "ProvinceCode" = ?, "CountryCode" = ?, "AddressPhone" = ?, "AcceptsEmailMarketing" = ?, "AcceptsSMSMarketing" = ?, "Tags" = ?, "VerifiedEmail" = ?, "Locale" = ?, "Note" = ?, "SyncedAt" = ?, "ContentHash" = ?, "ErasedAt" = ? where (("Customers"."StoreId" = ?) and ("Customers"."ShopifyCustomerId" in (select value from json_each(?)))) returning "ShopifyCustomerId", "Id", "UpdatedAt";

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
SELECT [ShopifyCustomerId], N'changed', @columns, [UpdatedAt] FROM [Customers] WHERE [StoreId] = @storeId AND [ShopifyCustomerId] IN (SELECT [ShopifyId] FROM @struck);
UPDATE [Customers] SET
  [FirstName] = NULL, [LastName] = NULL, [Email] = NULL, [Phone] = NULL, [Company] = NULL,
  [City] = NULL, [ProvinceCode] = NULL, [CountryCode] = NULL, [AddressPhone] = NULL,
  [AcceptsEmailMarketing] = 0, [AcceptsSMSMarketing] = 0, [Tags] = NULL, [VerifiedEmail] = NULL,
  [Locale] = NULL, [Note] = NULL, [ContentHash] = NULL, [ErasedAt] = @now, [SyncedAt] = @now
WHERE [StoreId] = @storeId AND [ShopifyCustomerId] IN (SELECT [ShopifyId] FROM @struck);
SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Customers';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Customers', @times);
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
INNER JOIN [Customers] AS t ON t.[StoreId] = @storeId AND t.[ShopifyCustomerId] = c.[Id];
COMMIT TRANSACTION;
