-- SQLite

update "ChangeEvents" set "State" = ?, "SentAt" = ? where (("ChangeEvents"."StoreId" = ?) and ("ChangeEvents"."Id" in (select value from json_each(?))));

update "ChangeEvents" set "DueAt" = ? where (("ChangeEvents"."StoreId" = ?) and ("ChangeEvents"."Id" in (select value from json_each(?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @settledJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @settled TABLE (
  [Id] bigint NOT NULL, [State] nvarchar(20) NULL, PRIMARY KEY ([Id])
);
INSERT INTO @settled ([Id], [State])
SELECT j.[Id], j.[State]
FROM OPENJSON(@settledJson) WITH (
  [Id] bigint '$.Id', [State] nvarchar(20) '$.State'
) AS j;
DECLARE @granted int, @resource nvarchar(255) = CONCAT(N'Driftless:events:', @storeId);
EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Change events are locked by another transaction.', 1; END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
UPDATE e SET [State] = COALESCE(s.[State], e.[State]), [DueAt] = @now,
  [SentAt] = CASE WHEN s.[State] IS NULL THEN e.[SentAt] ELSE @now END
FROM [ChangeEvents] AS e
INNER JOIN @settled AS s ON s.[Id] = e.[Id]
WHERE e.[StoreId] = @storeId;
COMMIT TRANSACTION;
