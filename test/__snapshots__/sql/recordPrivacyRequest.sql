-- SQLite

insert into "PrivacyRequests" ("Id", "StoreId", "ShopId", "Topic", "Digest", "Subject", "Vouched", "State", "ReceivedAt", "DueAt", "TryAt", "Attempts", "CompletedAt", "Message", "ExportName", "Certificate") values (null, ?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?, ?, ?, null, null) on conflict ("PrivacyRequests"."StoreId", "PrivacyRequests"."Topic", "PrivacyRequests"."Digest") do update set "ShopId" = ?, "Vouched" = ?, "State" = ?, "ReceivedAt" = ?, "DueAt" = ?, "TryAt" = ?, "Attempts" = ?, "CompletedAt" = ?, "Message" = ? where "PrivacyRequests"."State" = ? returning "Id";

insert into "PrivacyKeys" ("RequestId", "Entity", "ShopifyId") values (?, ?, ?) on conflict do nothing;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @askedStoreId bigint, @topic nvarchar(4000), @digest nvarchar(4000),
-- @shopId nvarchar(4000), @vouched bit, @receivedAt datetime2(3), @dueAt datetime2(3),
-- @keysJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @requestId bigint, @storeId bigint;
SELECT @requestId = [Id] FROM [PrivacyRequests]
WHERE [StoreId] = @askedStoreId AND [Topic] = @topic AND [Digest] = @digest;
IF @requestId IS NULL
BEGIN
  INSERT INTO [PrivacyRequests] ([StoreId], [ShopId], [Topic], [Digest], [Vouched], [State], [ReceivedAt], [DueAt], [TryAt], [Attempts])
  VALUES (@askedStoreId, @shopId, @topic, @digest, @vouched, N'waiting', @receivedAt, @dueAt, @now, 0);
  SELECT @requestId = [Id], @storeId = [StoreId] FROM [PrivacyRequests]
  WHERE [StoreId] = @askedStoreId AND [Topic] = @topic AND [Digest] = @digest;
END
ELSE
BEGIN
  UPDATE [PrivacyRequests] SET [ShopId] = @shopId, [Vouched] = @vouched, [State] = N'waiting', [ReceivedAt] = @receivedAt,
    [DueAt] = @dueAt, [TryAt] = @now, [Attempts] = 0, [CompletedAt] = NULL, [Message] = NULL
  WHERE [Id] = @requestId AND [State] = N'refused';
  IF @@ROWCOUNT = 1 SET @storeId = @askedStoreId;
END;
INSERT INTO [PrivacyKeys] ([RequestId], [Entity], [ShopifyId])
SELECT DISTINCT @requestId, j.[Entity], j.[ShopifyId] FROM OPENJSON(@keysJson) WITH (
  [Entity] nvarchar(50) '$.Entity', [ShopifyId] nvarchar(50) '$.ShopifyId'
) AS j
WHERE @storeId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [PrivacyKeys] AS k
  WHERE k.[RequestId] = @requestId AND k.[Entity] = j.[Entity] AND k.[ShopifyId] = j.[ShopifyId]);
SELECT @requestId AS [Id];
COMMIT TRANSACTION;
