-- SQLite

select "Id", "Entity", "ShopifyId", "RowId", "Type", "Columns", "UpdatedAt", "CreatedAt" from "ChangeEvents" where (((("ChangeEvents"."StoreId" = ?) and ("ChangeEvents"."State" = ?) and ("ChangeEvents"."DueAt" <= ?) and (("ChangeEvents"."RowId" is not null)))) and (not exists (select "Id" from "ChangeEvents" "earlier" where (("earlier"."StoreId" = "ChangeEvents"."StoreId") and ("earlier"."Entity" = "ChangeEvents"."Entity") and ("earlier"."ShopifyId" = "ChangeEvents"."ShopifyId") and ("earlier"."State" = ?) and ("earlier"."Id" < "ChangeEvents"."Id") and ("earlier"."DueAt" > ?))))) order by "ChangeEvents"."Id" asc limit ?;

update "ChangeEvents" set "Attempts" = "ChangeEvents"."Attempts" + 1, "DueAt" = ? where "ChangeEvents"."Id" in (select value from json_each(?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint, @leaseMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @granted int, @resource nvarchar(255) = CONCAT(N'Driftless:events:', @storeId);
EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Change events are locked by another transaction.', 1; END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @taken TABLE (
  [Id] bigint NOT NULL, PRIMARY KEY ([Id])
);
INSERT INTO @taken ([Id])
SELECT TOP (@limit) e.[Id]
FROM [ChangeEvents] AS e
WHERE e.[StoreId] = @storeId AND e.[State] = N'waiting' AND e.[DueAt] <= @now AND e.[RowId] IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM [ChangeEvents] AS b
    WHERE b.[StoreId] = @storeId AND b.[Entity] = e.[Entity] AND b.[ShopifyId] = e.[ShopifyId]
      AND b.[State] = N'waiting' AND b.[Id] < e.[Id] AND b.[DueAt] > @now
  )
ORDER BY e.[Id];
UPDATE e SET [DueAt] = DATEADD(millisecond, @leaseMs % 1000, DATEADD(second, @leaseMs / 1000, @now)), [Attempts] = e.[Attempts] + 1
FROM [ChangeEvents] AS e
INNER JOIN @taken AS t ON t.[Id] = e.[Id];
SELECT e.[Id], e.[Entity], e.[ShopifyId], e.[RowId], e.[Type], e.[Columns], e.[UpdatedAt], e.[CreatedAt]
FROM [ChangeEvents] AS e
INNER JOIN @taken AS t ON t.[Id] = e.[Id]
ORDER BY e.[Id];
COMMIT TRANSACTION;
