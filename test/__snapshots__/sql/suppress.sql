-- SQLite

select "StoreId" from "PrivacyRequests" where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

select count(*) from "Stores" where "Stores"."Id" = ?;

update "SyncStates" set "RefreshLeaseToken" = ?, "RefreshLeaseUntil" = ? where (("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?));

insert into "Suppressions" ("StoreId", "KeyHash", "KeyName", "RequestId", "SuppressedAt") values (?, ?, ?, ?, ?) on conflict do nothing;

update "PrivacyRequests" set "Subject" = ? where "PrivacyRequests"."Id" = ?;

insert into "PrivacyKeys" ("RequestId", "Entity", "ShopifyId") values (?, ?, ?) on conflict do nothing;

update "PrivacyRequests" set "State" = ? where "PrivacyRequests"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @keyName nvarchar(4000), @subject nvarchar(4000),
-- @hashesJson nvarchar(max), @keysJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @storeId bigint;
SELECT @storeId = [StoreId] FROM [PrivacyRequests] WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing');
DECLARE @hashes TABLE (
  [KeyHash] nvarchar(100) NOT NULL, PRIMARY KEY ([KeyHash])
);
INSERT INTO @hashes ([KeyHash]) SELECT DISTINCT [value] FROM OPENJSON(@hashesJson);
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT N'customers' UNION ALL SELECT N'products' UNION ALL SELECT N'orders';
DECLARE @locked nvarchar(50), @resource nvarchar(255), @granted int;
SELECT @locked = MIN([Entity]) FROM @locking;
WHILE @locked IS NOT NULL
BEGIN
  SET @resource = CONCAT(N'Driftless:marks:', @storeId, N':', @locked);
  EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Marks are locked by another transaction.', 1; END;
  SELECT @locked = MIN([Entity]) FROM @locking WHERE [Entity] > @locked;
END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId) SET @storeId = NULL;
UPDATE [SyncStates] SET [RefreshLeaseToken] = NULL, [RefreshLeaseUntil] = NULL
WHERE [StoreId] = @storeId AND [Entity] IN (N'customers', N'orders');
INSERT INTO [Suppressions] ([StoreId], [KeyHash], [KeyName], [RequestId], [SuppressedAt])
SELECT @storeId, h.[KeyHash], @keyName, @requestId, @now FROM @hashes AS h
WHERE @storeId IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM [Suppressions] AS s WHERE s.[StoreId] = @storeId AND s.[KeyHash] = h.[KeyHash]);
INSERT INTO [PrivacyKeys] ([RequestId], [Entity], [ShopifyId])
SELECT DISTINCT @requestId, j.[Entity], j.[ShopifyId] FROM OPENJSON(@keysJson) WITH (
  [Entity] nvarchar(50) '$.Entity', [ShopifyId] nvarchar(50) '$.ShopifyId'
) AS j
WHERE @storeId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [PrivacyKeys] AS k
  WHERE k.[RequestId] = @requestId AND k.[Entity] = j.[Entity] AND k.[ShopifyId] = j.[ShopifyId]);
UPDATE [PrivacyRequests] SET [Subject] = @subject,
  [State] = CASE WHEN @keysJson IS NULL THEN [State] ELSE N'erasing' END
WHERE [Id] = @requestId AND @storeId IS NOT NULL;
COMMIT TRANSACTION;
