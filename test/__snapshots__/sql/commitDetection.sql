-- SQLite

update "SyncStates" set "Watermark" = max(coalesce("SyncStates"."Watermark", ?), ?), "LastSweepAt" = ?, "LastDeepSweepAt" = ?, "LastCensusAt" = ?, "CensusPosition" = ?, "LastContentAt" = ?, "CoverageFrom" = min(coalesce("SyncStates"."CoverageFrom", ?), ?) where (((((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."CensusLeaseToken" = ?))) and ("SyncStates"."CensusLeaseUntil" > ?));

insert into "StaleKeys" ("StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null, ?, ?, null, ?, ?, null) on conflict ("StaleKeys"."StoreId", "StaleKeys"."Entity", "StaleKeys"."IdLength", "StaleKeys"."Id") do update set "Sequence" = excluded."Sequence", "Lane" = min(coalesce("StaleKeys"."Lane", excluded."Lane"), coalesce(excluded."Lane", "StaleKeys"."Lane")), "Reason" = excluded."Reason", "Announces" = excluded."Announces", "RaisedAt" = excluded."RaisedAt", "DueAt" = min(coalesce("StaleKeys"."DueAt", excluded."DueAt"), coalesce(excluded."DueAt", "StaleKeys"."DueAt")), "Attempts" = ?, "ExpectedUpdatedAt" = max(coalesce("StaleKeys"."ExpectedUpdatedAt", excluded."ExpectedUpdatedAt"), coalesce(excluded."ExpectedUpdatedAt", "StaleKeys"."ExpectedUpdatedAt")), "DeleteAnnouncedAt" = max(coalesce("StaleKeys"."DeleteAnnouncedAt", excluded."DeleteAnnouncedAt"), coalesce(excluded."DeleteAnnouncedAt", "StaleKeys"."DeleteAnnouncedAt")), "HintedAt" = max(coalesce("StaleKeys"."HintedAt", excluded."HintedAt"), coalesce(excluded."HintedAt", "StaleKeys"."HintedAt")), "HeldByRun" = ?, "FoundByRun" = coalesce("StaleKeys"."FoundByRun", excluded."FoundByRun"), "ExcusesBefore" = case when excluded."FoundByRun" is null then "StaleKeys"."ExcusesBefore" end;

select "Id" from "Gaps" where (((("Gaps"."StoreId" = ?) and ("Gaps"."Entity" = ?) and ("Gaps"."ShopifyId" = ?))) and (("Gaps"."HealedAt" is null))) limit ?;

insert into "Gaps" ("Id", "StoreId", "Entity", "ShopifyId", "RunId", "FoundBy", "Reason", "ChangedAt", "SeenAt", "FoundAt", "HealedAt", "Cause") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null);

insert into "StaleKeys" ("StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null, null, null, ?, ?, ?, ?, null) on conflict ("StaleKeys"."StoreId", "StaleKeys"."Entity", "StaleKeys"."IdLength", "StaleKeys"."Id") do update set "Sequence" = excluded."Sequence", "HintedAt" = max(coalesce("StaleKeys"."HintedAt", excluded."HintedAt"), coalesce(excluded."HintedAt", "StaleKeys"."HintedAt")), "HeldByRun" = case when "StaleKeys"."HeldByRun" is null then null
          else coalesce(excluded."HeldByRun", "StaleKeys"."HeldByRun") end, "FoundByRun" = coalesce("StaleKeys"."FoundByRun", excluded."FoundByRun"), "ExcusesBefore" = ?;

insert into "CertifiedRanges" ("Id", "StoreId", "Entity", "RunId", "AfterId", "ThroughId", "EqualKeys", "Digest", "OtherKeys", "ComparedAt") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?);

update "Stores" set "InitialSetupCompleted" = max("Stores"."InitialSetupCompleted", not exists (select 1 from "SyncStates" where "SyncStates"."StoreId" = "Stores"."Id"
    and "SyncStates"."LastCensusAt" is null)), "LastSyncDate" = ? where "Stores"."Id" = ?;

update "SyncRuns" set "MovedAt" = ?, "Seen" = "SyncRuns"."Seen" + ?, "Unchanged" = "SyncRuns"."Unchanged" + ?, "Written" = "SyncRuns"."Written" + ?, "Deleted" = "SyncRuns"."Deleted" + ?, "Failed" = "SyncRuns"."Failed" + ?, "Deferred" = "SyncRuns"."Deferred" + ?, "Unknowable" = "SyncRuns"."Unknowable" + ?, "Points" = "SyncRuns"."Points" + ? where "SyncRuns"."Id" = ?;

insert into "Certificates" ("Id", "StoreId", "Entity", "RunId", "Depth", "FromAt", "ToAt", "Counted", "Listed", "MirrorBefore", "MirrorAfter", "Missing", "Newer", "Vanished", "Other", "Repaired", "Unversioned", "Rejected", "Unknowable", "UnknowableBefore", "Unproven", "Planted", "Detected", "Withheld", "ByIndex", "Buried", "ReadSince", "Points", "Verdict", "Remarks", "IssuedAt", "CompletedAt") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?, null, null, null, ?, ?, null, ?, ?, ?, ?, null, null, ?, ?, ?, ?, null);

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000), @runId bigint,
-- @raisesJson nvarchar(max), @gapsJson nvarchar(max), @sightedJson nvarchar(max),
-- @watermark datetime2(3), @takesBack bit, @watermarkBack datetime2(3), @sweepFinishedAt datetime2(3),
-- @deepSweepFinishedAt datetime2(3), @censusFinishedAt datetime2(3), @contentAt datetime2(3),
-- @movesCensus bit, @census nvarchar(max), @knowsCoverage bit, @coverageFrom datetime2(3),
-- @seen bigint, @unchanged bigint, @written bigint, @deleted bigint, @failed bigint, @deferred bigint,
-- @unknowable bigint, @points bigint, @after nvarchar(4000), @through nvarchar(4000), @equal bigint,
-- @digest nvarchar(4000), @others nvarchar(max), @comparedAt datetime2(3),
-- @certificateJson nvarchar(max), @byIndex nvarchar(max)

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
INSERT INTO @locking ([Entity]) SELECT [Entity] FROM @raises UNION SELECT @entity;
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
UPDATE [SyncStates] SET [CensusLeaseToken] = [CensusLeaseToken] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [CensusLeaseToken] = @token AND [CensusLeaseUntil] > @now;
IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; THROW 50010, N'The lease is lost.', 1; END;
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
DECLARE @gaps TABLE (
  [ShopifyId] nvarchar(50) NOT NULL, [RunId] bigint NULL, [FoundBy] nvarchar(20) NULL,
  [Reason] nvarchar(20) NULL, [ChangedAt] datetime2(3) NULL, [SeenAt] datetime2(3) NULL,
  PRIMARY KEY ([ShopifyId])
);
INSERT INTO @gaps ([ShopifyId], [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt])
SELECT j.[ShopifyId], j.[RunId], j.[FoundBy], j.[Reason], j.[ChangedAt], j.[SeenAt]
FROM OPENJSON(@gapsJson) WITH (
  [ShopifyId] nvarchar(50) '$.ShopifyId', [RunId] bigint '$.RunId',
  [FoundBy] nvarchar(20) '$.FoundBy', [Reason] nvarchar(20) '$.Reason',
  [ChangedAt] datetime2(3) '$.ChangedAt', [SeenAt] datetime2(3) '$.SeenAt'
) AS j;
INSERT INTO [Gaps] ([StoreId], [Entity], [ShopifyId], [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt], [FoundAt])
SELECT @storeId, @entity, s.[ShopifyId], s.[RunId], s.[FoundBy], s.[Reason], s.[ChangedAt], s.[SeenAt], @now FROM @gaps AS s
WHERE NOT EXISTS (SELECT 1 FROM [Gaps] AS g WHERE g.[StoreId] = @storeId AND g.[Entity] = @entity
  AND g.[ShopifyId] = s.[ShopifyId] AND g.[HealedAt] IS NULL);
DECLARE @sighted TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, [Sequence] nvarchar(50) NULL, [Holds] bit NULL,
  [Unlisted] bit NULL, PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @sighted ([IdLength], [Id], [Sequence], [Holds], [Unlisted])
SELECT j.[IdLength], j.[Id], j.[Sequence], j.[Holds], j.[Unlisted]
FROM OPENJSON(@sightedJson) WITH (
  [IdLength] int '$.IdLength', [Id] nvarchar(50) '$.Id', [Sequence] nvarchar(50) '$.Sequence',
  [Holds] bit '$.Holds', [Unlisted] bit '$.Unlisted'
) AS j;
UPDATE m SET
  [Sequence] = s.[Sequence],
  [HeldByRun] = CASE WHEN m.[HeldByRun] IS NOT NULL AND s.[Holds] = 1 THEN @runId ELSE m.[HeldByRun] END,
  [FoundByRun] = COALESCE(m.[FoundByRun], @runId),
  [HintedAt] = CASE WHEN s.[Unlisted] = 1 THEN @now ELSE m.[HintedAt] END,
  [ExcusesBefore] = NULL
FROM [StaleKeys] AS m INNER JOIN @sighted AS s ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = s.[IdLength] AND m.[Id] = s.[Id];
INSERT INTO [StaleKeys] ([StoreId], [Entity], [IdLength], [Id], [Sequence], [Lane], [Reason], [Announces], [MarkedAt], [RaisedAt], [DueAt], [HintedAt], [Attempts], [HeldByRun], [FoundByRun], [Repaired])
SELECT @storeId, @entity, s.[IdLength], s.[Id], s.[Sequence], 2,
  CASE WHEN s.[Holds] = 1 THEN N'census:vanished' ELSE N'census:marked' END, N'presence', @now, @now,
  CASE WHEN s.[Holds] = 1 THEN NULL ELSE @now END, CASE WHEN s.[Unlisted] = 1 THEN @now END, 0,
  CASE WHEN s.[Holds] = 1 THEN @runId END, @runId, 0
FROM @sighted AS s WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = s.[IdLength] AND m.[Id] = s.[Id]);
IF @through IS NOT NULL
INSERT INTO [CertifiedRanges] ([StoreId], [Entity], [RunId], [AfterId], [ThroughId], [EqualKeys], [Digest], [OtherKeys], [ComparedAt])
VALUES (@storeId, @entity, @runId, @after, @through, @equal, @digest, @others, @comparedAt);
UPDATE [SyncStates] SET
  [Watermark] = CASE WHEN @takesBack = 1 THEN @watermarkBack ELSE CASE WHEN [Watermark] >= @watermark OR @watermark IS NULL THEN [Watermark] ELSE @watermark END END,
  [LastSweepAt] = COALESCE(@sweepFinishedAt, [LastSweepAt]),
  [LastDeepSweepAt] = COALESCE(@deepSweepFinishedAt, [LastDeepSweepAt]),
  [LastCensusAt] = COALESCE(@censusFinishedAt, [LastCensusAt]),
  [LastContentAt] = COALESCE(@contentAt, [LastContentAt]),
  [CensusPosition] = CASE WHEN @movesCensus = 1 THEN @census ELSE [CensusPosition] END,
  [CoverageFrom] = CASE WHEN @knowsCoverage = 0 THEN [CoverageFrom] WHEN @coverageFrom IS NULL THEN NULL
    ELSE CASE WHEN [CoverageFrom] <= @coverageFrom OR @coverageFrom IS NULL THEN [CoverageFrom] ELSE @coverageFrom END END
WHERE [StoreId] = @storeId AND [Entity] = @entity;
IF @sweepFinishedAt IS NOT NULL OR @censusFinishedAt IS NOT NULL
BEGIN
UPDATE [Stores] SET [LastSyncDate] = @now WHERE [Id] = @storeId;
UPDATE [Stores] SET [InitialSetupCompleted] = 1 WHERE [Id] = @storeId AND [InitialSetupCompleted] = 0
  AND NOT EXISTS (SELECT 1 FROM [SyncStates] AS p WHERE p.[StoreId] = @storeId AND p.[LastCensusAt] IS NULL);
END;
UPDATE [SyncRuns] SET [Seen] = [Seen] + @seen, [Unchanged] = [Unchanged] + @unchanged, [Written] = [Written] + @written, [Deleted] = [Deleted] + @deleted, [Failed] = [Failed] + @failed, [Deferred] = [Deferred] + @deferred, [Unknowable] = [Unknowable] + @unknowable, [Points] = [Points] + @points, [MovedAt] = @now WHERE [Id] = @runId;
IF @certificateJson IS NOT NULL
INSERT INTO [Certificates] ([StoreId], [Entity], [RunId], [Depth], [FromAt], [ToAt], [Counted], [Listed], [MirrorBefore], [Missing], [Newer], [Vanished],
  [Other], [Unknowable], [UnknowableBefore], [Planted], [Detected], [Points], [Verdict], [ByIndex], [Withheld], [Remarks], [IssuedAt])
SELECT @storeId, @entity, @runId, c.[Depth], c.[FromAt], c.[ToAt], c.[Counted], c.[Listed], c.[MirrorBefore], c.[Missing], c.[Newer],
  c.[Vanished], c.[Other], c.[Unknowable], c.[UnknowableBefore], c.[Planted], c.[Detected],
  c.[Points], c.[Verdict], @byIndex, N'[]', N'[]', @now
FROM OPENJSON(@certificateJson) WITH (
  [Depth] nvarchar(20) '$.Depth', [FromAt] datetime2(3) '$.FromAt', [ToAt] datetime2(3) '$.ToAt',
  [Counted] int '$.Counted', [Listed] int '$.Listed', [MirrorBefore] int '$.MirrorBefore',
  [Missing] int '$.Missing', [Newer] int '$.Newer', [Vanished] int '$.Vanished',
  [Other] int '$.Other', [Unknowable] int '$.Unknowable',
  [UnknowableBefore] datetime2(3) '$.UnknowableBefore', [Planted] int '$.Planted',
  [Detected] int '$.Detected', [Points] int '$.Points', [Verdict] nvarchar(20) '$.Verdict'
) AS c;
COMMIT TRANSACTION;
