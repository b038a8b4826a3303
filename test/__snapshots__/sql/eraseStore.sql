-- SQLite

select "StoreId" from "PrivacyRequests" where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

select count(*) from "Stores" where (("Stores"."Id" = ?) and ("Stores"."IsActive" = ?));

delete from "StaleKeys" where _rowid_ in (select _rowid_ from "StaleKeys" where "StaleKeys"."StoreId" = ? limit ?);

delete from "UnlinkedKeys" where _rowid_ in (select _rowid_ from "UnlinkedKeys" where "UnlinkedKeys"."StoreId" = ? limit ?);

delete from "Deliveries" where _rowid_ in (select _rowid_ from "Deliveries" where "Deliveries"."StoreId" = ? limit ?);

delete from "Rejects" where _rowid_ in (select _rowid_ from "Rejects" where "Rejects"."StoreId" = ? limit ?);

delete from "SyncStates" where _rowid_ in (select _rowid_ from "SyncStates" where "SyncStates"."StoreId" = ? limit ?);

insert into "PrivacyCounts" ("RequestId", "TableName", "Times") values (?, ?, ?) on conflict ("PrivacyCounts"."RequestId", "PrivacyCounts"."TableName") do update set "Times" = "PrivacyCounts"."Times" + ?;

delete from "SyncRuns" where _rowid_ in (select _rowid_ from "SyncRuns" where "SyncRuns"."StoreId" = ? limit ?);

delete from "Burials" where _rowid_ in (select _rowid_ from "Burials" where "Burials"."StoreId" = ? limit ?);

delete from "Gaps" where _rowid_ in (select _rowid_ from "Gaps" where "Gaps"."StoreId" = ? limit ?);

delete from "Certificates" where _rowid_ in (select _rowid_ from "Certificates" where "Certificates"."StoreId" = ? limit ?);

delete from "CertifiedRanges" where _rowid_ in (select _rowid_ from "CertifiedRanges" where "CertifiedRanges"."StoreId" = ? limit ?);

delete from "UnprovenKeys" where _rowid_ in (select _rowid_ from "UnprovenKeys" where "UnprovenKeys"."StoreId" = ? limit ?);

delete from "ChangeEvents" where _rowid_ in (select _rowid_ from "ChangeEvents" where "ChangeEvents"."StoreId" = ? limit ?);

delete from "RefundItems" where _rowid_ in (select _rowid_ from "RefundItems" where "RefundItems"."StoreId" = ? limit ?);

delete from "Refunds" where _rowid_ in (select _rowid_ from "Refunds" where "Refunds"."StoreId" = ? limit ?);

delete from "OrderItems" where _rowid_ in (select _rowid_ from "OrderItems" where "OrderItems"."StoreId" = ? limit ?);

delete from "Orders" where _rowid_ in (select _rowid_ from "Orders" where "Orders"."StoreId" = ? limit ?);

delete from "Customers" where _rowid_ in (select _rowid_ from "Customers" where "Customers"."StoreId" = ? limit ?);

delete from "ProductVariants" where _rowid_ in (select _rowid_ from "ProductVariants" where "ProductVariants"."StoreId" = ? limit ?);

delete from "Products" where _rowid_ in (select _rowid_ from "Products" where "Products"."StoreId" = ? limit ?);

delete from "Suppressions" where _rowid_ in (select _rowid_ from "Suppressions" where "Suppressions"."StoreId" = ? limit ?);

delete from "Stores" where _rowid_ in (select _rowid_ from "Stores" where "Stores"."Id" = ? limit ?);

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @limit bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @storeId bigint;
SELECT @storeId = [StoreId] FROM [PrivacyRequests] WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing');
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
IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId AND [IsActive] = 0) SET @storeId = NULL;
DECLARE @times int, @left int = CASE WHEN @storeId IS NULL THEN 0 ELSE @limit END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [StaleKeys] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'StaleKeys';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'StaleKeys', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [UnlinkedKeys] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'UnlinkedKeys';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'UnlinkedKeys', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Deliveries] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Deliveries';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Deliveries', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Rejects] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Rejects';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Rejects', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [SyncStates] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'SyncStates';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'SyncStates', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [SyncRuns] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'SyncRuns';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'SyncRuns', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Burials] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Burials';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Burials', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Gaps] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Gaps';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Gaps', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Certificates] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Certificates';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Certificates', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [CertifiedRanges] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'CertifiedRanges';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'CertifiedRanges', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [UnprovenKeys] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'UnprovenKeys';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'UnprovenKeys', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [ChangeEvents] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'ChangeEvents';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'ChangeEvents', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [RefundItems] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'RefundItems';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'RefundItems', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Refunds] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Refunds';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Refunds', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [OrderItems] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'OrderItems';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'OrderItems', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Orders] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Orders';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Orders', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Customers] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Customers';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Customers', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [ProductVariants] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'ProductVariants';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'ProductVariants', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Products] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Products';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Products', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Suppressions] WHERE [StoreId] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Suppressions';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Suppressions', @times);
  SET @left = @left - @times;
END;
IF @left > 0
BEGIN
  DELETE TOP (@left) FROM [Stores] WHERE [Id] = @storeId;
  SET @times = @@ROWCOUNT;
UPDATE [PrivacyCounts] SET [Times] = [Times] + @times WHERE [RequestId] = @requestId AND [TableName] = N'Stores';
IF @@ROWCOUNT = 0 AND @times > 0
  INSERT INTO [PrivacyCounts] ([RequestId], [TableName], [Times]) VALUES (@requestId, N'Stores', @times);
  SET @left = @left - @times;
END;
SELECT CASE WHEN @storeId IS NOT NULL AND @left = 0 THEN 1 ELSE 0 END AS [More];
COMMIT TRANSACTION;
