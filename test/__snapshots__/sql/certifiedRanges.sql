-- SQLite

select "Id", "StoreId", "Entity", "RunId", "AfterId", "ThroughId", "EqualKeys", "Digest", "OtherKeys", "ComparedAt" from "CertifiedRanges" where "CertifiedRanges"."RunId" = ? order by "CertifiedRanges"."Id" asc;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @runId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [AfterId], [ThroughId], [EqualKeys], [Digest], [OtherKeys], [ComparedAt]
FROM [CertifiedRanges] WHERE [RunId] = @runId ORDER BY [Id];
