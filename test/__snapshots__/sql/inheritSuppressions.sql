-- SQLite

insert into "Suppressions" ("StoreId", "KeyHash", "KeyName", "RequestId", "SuppressedAt") select "StoreId", ? as "KeyHash", "KeyName", "RequestId", "SuppressedAt" from "Suppressions" where (("Suppressions"."StoreId" = ?) and ("Suppressions"."KeyHash" = ?)) on conflict do nothing;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @inheritedJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @inherited TABLE (
  [Hash] nvarchar(100) NOT NULL, [Origin] nvarchar(100) NULL, PRIMARY KEY ([Hash])
);
INSERT INTO @inherited ([Hash], [Origin])
SELECT [Hash], MIN([Origin]) FROM OPENJSON(@inheritedJson) WITH (
  [Hash] nvarchar(100) '$.Hash', [Origin] nvarchar(100) '$.Origin'
) AS j GROUP BY [Hash];
INSERT INTO [Suppressions] ([StoreId], [KeyHash], [KeyName], [RequestId], [SuppressedAt])
SELECT @storeId, i.[Hash], s.[KeyName], s.[RequestId], s.[SuppressedAt]
FROM @inherited AS i
INNER JOIN [Suppressions] AS s ON s.[StoreId] = @storeId AND s.[KeyHash] = i.[Origin]
WHERE NOT EXISTS (SELECT 1 FROM [Suppressions] AS o WHERE o.[StoreId] = @storeId AND o.[KeyHash] = i.[Hash]);
