-- SQLite

select "KeyHash", "SuppressedAt" from "Suppressions" where (("Suppressions"."StoreId" = ?) and ("Suppressions"."KeyHash" in (select value from json_each(?))));

select "KeyHash" from "Suppressions" where (("Suppressions"."StoreId" = ?) and ("Suppressions"."KeyName" <> ?)) limit ?;

select "KeyHash" from "Suppressions" where "Suppressions"."StoreId" = ? limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @keyName nvarchar(4000), @hashesJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @hashes TABLE (
  [KeyHash] nvarchar(100) NOT NULL, PRIMARY KEY ([KeyHash])
);
INSERT INTO @hashes ([KeyHash]) SELECT DISTINCT [value] FROM OPENJSON(@hashesJson);
SELECT s.[KeyHash], s.[SuppressedAt] FROM [Suppressions] AS s
INNER JOIN @hashes AS h ON s.[StoreId] = @storeId AND s.[KeyHash] = h.[KeyHash];
SELECT CASE WHEN EXISTS (SELECT 1 FROM [Suppressions] WHERE [StoreId] = @storeId AND [KeyName] <> @keyName)
  THEN 1 ELSE 0 END AS [Others],
  CASE WHEN EXISTS (SELECT 1 FROM [Suppressions] WHERE [StoreId] = @storeId) THEN 1 ELSE 0 END AS [Any];
