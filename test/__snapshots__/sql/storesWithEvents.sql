-- SQLite

select "Id" from "Stores" order by "Stores"."Id";

select "Id" from "ChangeEvents" where (("ChangeEvents"."StoreId" = ?) and ("ChangeEvents"."State" = ?) and ("ChangeEvents"."DueAt" <= ?) and (("ChangeEvents"."RowId" is not null))) limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT s.[Id] FROM [Stores] AS s
CROSS APPLY (
  SELECT TOP (1) e.[Id] FROM [ChangeEvents] AS e
  WHERE e.[StoreId] = s.[Id] AND e.[State] = N'waiting' AND e.[DueAt] <= @now AND e.[RowId] IS NOT NULL
  ORDER BY e.[Id]
) AS f
ORDER BY s.[Id];
