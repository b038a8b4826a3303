-- SQLite

update "Gaps" set "Cause" = ? where "Gaps"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @judgedJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE g SET [Cause] = s.[Cause]
FROM [Gaps] AS g INNER JOIN OPENJSON(@judgedJson) WITH (
  [Id] bigint '$.Id', [Cause] nvarchar(50) '$.Cause'
) AS s ON g.[Id] = s.[Id];
