-- SQLite

update "SyncStates" set "RefreshLeaseToken" = "SyncStates"."RefreshLeaseToken", "RefreshLeaseUntil" = "SyncStates"."RefreshLeaseUntil" where (((((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."RefreshLeaseToken" = ?))) and ("SyncStates"."RefreshLeaseUntil" > ?));

select "StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore" from "StaleKeys" where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."DueAt" <= ?)) order by "StaleKeys"."DueAt" asc, "StaleKeys"."IdLength" asc, "StaleKeys"."Id" asc limit ?;

select "StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore" from "StaleKeys" where (((("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."DueAt" <= ?))) and ("StaleKeys"."Lane" = ?)) order by "StaleKeys"."DueAt" asc, "StaleKeys"."IdLength" asc, "StaleKeys"."Id" asc limit ?;

select "ShopifyCustomerId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks" from "Customers" where (("Customers"."StoreId" = ?) and ("Customers"."ShopifyCustomerId" in (select value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000), @limit bigint,
-- @ofLanes bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
UPDATE [SyncStates] SET [RefreshLeaseToken] = [RefreshLeaseToken] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [RefreshLeaseToken] = @token AND [RefreshLeaseUntil] > @now;
IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; THROW 50010, N'The lease is lost.', 1; END;
DECLARE @taken TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, [Sequence] nvarchar(50) NULL, [Lane] int NULL,
  [Announces] nvarchar(10) NULL, [RaisedAt] datetime2(3) NULL, [DueAt] datetime2(3) NULL,
  [Attempts] int NULL, [ExpectedUpdatedAt] datetime2(3) NULL, [FirstNullAt] datetime2(3) NULL,
  [FirstLiveAt] datetime2(3) NULL, [DeleteAnnouncedAt] datetime2(3) NULL,
  [HintedAt] datetime2(3) NULL, [FoundByRun] bigint NULL, PRIMARY KEY ([IdLength], [Id])
);
DECLARE @lane int = 0, @room bigint = @ofLanes;
WHILE @lane < 4 AND @room > 0
BEGIN
  INSERT INTO @taken ([IdLength], [Id], [Sequence], [Lane], [Announces], [RaisedAt], [DueAt], [Attempts],
  [ExpectedUpdatedAt], [FirstNullAt], [FirstLiveAt], [DeleteAnnouncedAt], [HintedAt], [FoundByRun])
  SELECT TOP (@room) m.[IdLength], m.[Id], m.[Sequence], m.[Lane], m.[Announces], m.[RaisedAt], m.[DueAt], m.[Attempts],
  m.[ExpectedUpdatedAt], m.[FirstNullAt], m.[FirstLiveAt], m.[DeleteAnnouncedAt], m.[HintedAt],
  m.[FoundByRun]
  FROM [StaleKeys] AS m
  WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[Lane] = @lane AND m.[DueAt] <= @now
  ORDER BY m.[DueAt], m.[IdLength], m.[Id];
  SET @room = @room - @@ROWCOUNT;
  SET @lane = @lane + 1;
END;
SELECT @room = @limit - COUNT(*) FROM @taken;
IF @room > 0
  INSERT INTO @taken ([IdLength], [Id], [Sequence], [Lane], [Announces], [RaisedAt], [DueAt], [Attempts],
  [ExpectedUpdatedAt], [FirstNullAt], [FirstLiveAt], [DeleteAnnouncedAt], [HintedAt], [FoundByRun])
  SELECT TOP (@room) m.[IdLength], m.[Id], m.[Sequence], m.[Lane], m.[Announces], m.[RaisedAt], m.[DueAt], m.[Attempts],
  m.[ExpectedUpdatedAt], m.[FirstNullAt], m.[FirstLiveAt], m.[DeleteAnnouncedAt], m.[HintedAt],
  m.[FoundByRun]
  FROM [StaleKeys] AS m
  WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND NOT EXISTS (SELECT 1 FROM @taken AS k WHERE k.[IdLength] = m.[IdLength] AND k.[Id] = m.[Id]) AND m.[DueAt] <= @now
  ORDER BY m.[DueAt], m.[IdLength], m.[Id];
SELECT k.[Id], k.[Sequence], k.[Lane], k.[Announces], k.[RaisedAt], k.[DueAt], k.[Attempts], k.[ExpectedUpdatedAt],
  k.[FirstNullAt], k.[FirstLiveAt], k.[DeleteAnnouncedAt], k.[HintedAt], k.[FoundByRun], @now AS [Now], t.[UpdatedAt], t.[CreatedAt], t.[ReadAt], t.[DeletedAt], t.[ContentHash], t.[Lacks]
FROM @taken AS k LEFT JOIN [Customers] AS t ON t.[StoreId] = @storeId AND t.[ShopifyCustomerId] = k.[Id]
ORDER BY k.[Lane], k.[DueAt], k.[IdLength], k.[Id];
COMMIT TRANSACTION;
