-- SQLite

select "Id" from "Stores" where "Stores"."Id" = ?;

insert into "StaleKeys" ("StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null, ?, ?, null, ?, ?, null) on conflict ("StaleKeys"."StoreId", "StaleKeys"."Entity", "StaleKeys"."IdLength", "StaleKeys"."Id") do update set "Sequence" = excluded."Sequence", "Lane" = min(coalesce("StaleKeys"."Lane", excluded."Lane"), coalesce(excluded."Lane", "StaleKeys"."Lane")), "Reason" = excluded."Reason", "Announces" = excluded."Announces", "RaisedAt" = excluded."RaisedAt", "DueAt" = min(coalesce("StaleKeys"."DueAt", excluded."DueAt"), coalesce(excluded."DueAt", "StaleKeys"."DueAt")), "Attempts" = ?, "ExpectedUpdatedAt" = max(coalesce("StaleKeys"."ExpectedUpdatedAt", excluded."ExpectedUpdatedAt"), coalesce(excluded."ExpectedUpdatedAt", "StaleKeys"."ExpectedUpdatedAt")), "DeleteAnnouncedAt" = max(coalesce("StaleKeys"."DeleteAnnouncedAt", excluded."DeleteAnnouncedAt"), coalesce(excluded."DeleteAnnouncedAt", "StaleKeys"."DeleteAnnouncedAt")), "HintedAt" = max(coalesce("StaleKeys"."HintedAt", excluded."HintedAt"), coalesce(excluded."HintedAt", "StaleKeys"."HintedAt")), "HeldByRun" = ?, "FoundByRun" = coalesce("StaleKeys"."FoundByRun", excluded."FoundByRun"), "ExcusesBefore" = case when excluded."FoundByRun" is null then "StaleKeys"."ExcusesBefore" end;

update "StaleKeys" set "ExpectedUpdatedAt" = ?, "FirstNullAt" = ?, "FirstLiveAt" = ? where (("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."IdLength" = ?) and ("StaleKeys"."Id" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @raisesJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @raises TABLE (
  [Entity] nvarchar(50) NOT NULL, [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL,
  [Sequence] nvarchar(50) NULL, [Lane] int NULL, [Reason] nvarchar(200) NULL,
  [Announces] nvarchar(10) NULL, [ExpectedUpdatedAt] datetime2(3) NULL, [FoundByRun] bigint NULL,
  [DueInMs] bigint NULL, [AnnouncesDelete] bit NULL, [Hints] bit NULL, [DueAt] datetime2(3) NULL,
  [DeleteAnnouncedAt] datetime2(3) NULL, [HintedAt] datetime2(3) NULL,
  PRIMARY KEY ([Entity], [IdLength], [Id])
);
INSERT INTO @raises ([Entity], [IdLength], [Id], [Sequence], [Lane], [Reason], [Announces], [ExpectedUpdatedAt],
  [FoundByRun], [DueInMs], [AnnouncesDelete], [Hints], [DueAt], [DeleteAnnouncedAt], [HintedAt])
SELECT j.[Entity], j.[IdLength], j.[Id], j.[Sequence], j.[Lane], j.[Reason], j.[Announces],
  j.[ExpectedUpdatedAt], j.[FoundByRun], j.[DueInMs], j.[AnnouncesDelete], j.[Hints], j.[DueAt],
  j.[DeleteAnnouncedAt], j.[HintedAt]
FROM OPENJSON(@raisesJson) WITH (
  [Entity] nvarchar(50) '$.Entity', [IdLength] int '$.IdLength', [Id] nvarchar(50) '$.Id',
  [Sequence] nvarchar(50) '$.Sequence', [Lane] int '$.Lane', [Reason] nvarchar(200) '$.Reason',
  [Announces] nvarchar(10) '$.Announces', [ExpectedUpdatedAt] datetime2(3) '$.ExpectedUpdatedAt',
  [FoundByRun] bigint '$.FoundByRun', [DueInMs] bigint '$.DueInMs',
  [AnnouncesDelete] bit '$.AnnouncesDelete', [Hints] bit '$.Hints', [DueAt] datetime2(3) '$.DueAt',
  [DeleteAnnouncedAt] datetime2(3) '$.DeleteAnnouncedAt', [HintedAt] datetime2(3) '$.HintedAt'
) AS j;
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT [Entity] FROM @raises;
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
IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId) DELETE FROM @raises;
UPDATE @raises SET
  [DueAt] = DATEADD(millisecond, [DueInMs] % 1000, DATEADD(second, [DueInMs] / 1000, @now)),
  [DeleteAnnouncedAt] = CASE WHEN [AnnouncesDelete] = 1 THEN @now END,
  [HintedAt] = CASE WHEN [Hints] = 1 THEN @now END;
UPDATE m SET
  [Sequence] = r.[Sequence], [Reason] = r.[Reason], [Announces] = r.[Announces],
  [Lane] = CASE WHEN m.[Lane] <= r.[Lane] OR r.[Lane] IS NULL THEN m.[Lane] ELSE r.[Lane] END,
  [DueAt] = CASE WHEN m.[DueAt] <= r.[DueAt] OR r.[DueAt] IS NULL THEN m.[DueAt] ELSE r.[DueAt] END,
  [ExpectedUpdatedAt] = CASE WHEN m.[ExpectedUpdatedAt] >= r.[ExpectedUpdatedAt] OR r.[ExpectedUpdatedAt] IS NULL THEN m.[ExpectedUpdatedAt] ELSE r.[ExpectedUpdatedAt] END,
  [DeleteAnnouncedAt] = CASE WHEN m.[DeleteAnnouncedAt] >= r.[DeleteAnnouncedAt] OR r.[DeleteAnnouncedAt] IS NULL THEN m.[DeleteAnnouncedAt] ELSE r.[DeleteAnnouncedAt] END,
  [HintedAt] = CASE WHEN m.[HintedAt] >= r.[HintedAt] OR r.[HintedAt] IS NULL THEN m.[HintedAt] ELSE r.[HintedAt] END,
  [FoundByRun] = COALESCE(m.[FoundByRun], r.[FoundByRun]),
  [ExcusesBefore] = CASE WHEN r.[FoundByRun] IS NULL THEN m.[ExcusesBefore] END,
  [RaisedAt] = @now, [Attempts] = 0, [HeldByRun] = NULL
FROM [StaleKeys] AS m INNER JOIN @raises AS r ON m.[StoreId] = @storeId AND m.[Entity] = r.[Entity] AND m.[IdLength] = r.[IdLength] AND m.[Id] = r.[Id];
INSERT INTO [StaleKeys] ([StoreId], [Entity], [IdLength], [Id], [Sequence], [Lane], [Reason], [Announces], [ExpectedUpdatedAt], [FoundByRun], [DueAt], [DeleteAnnouncedAt], [HintedAt], [MarkedAt], [RaisedAt], [Attempts], [Repaired])
SELECT @storeId, r.[Entity], r.[IdLength], r.[Id], r.[Sequence], r.[Lane], r.[Reason], r.[Announces], r.[ExpectedUpdatedAt], r.[FoundByRun], r.[DueAt], r.[DeleteAnnouncedAt], r.[HintedAt], @now, @now, 0, 0
FROM @raises AS r WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[StoreId] = @storeId AND m.[Entity] = r.[Entity] AND m.[IdLength] = r.[IdLength] AND m.[Id] = r.[Id]);
UPDATE m SET [ExpectedUpdatedAt] = NULL, [FirstNullAt] = NULL, [FirstLiveAt] = NULL
FROM [StaleKeys] AS m INNER JOIN @raises AS r ON m.[StoreId] = @storeId AND m.[Entity] = r.[Entity] AND m.[IdLength] = r.[IdLength] AND m.[Id] = r.[Id];
COMMIT TRANSACTION;
