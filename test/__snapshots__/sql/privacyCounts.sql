-- SQLite

select "RequestId", "TableName", "Times" from "PrivacyCounts" where "PrivacyCounts"."RequestId" = ? order by "PrivacyCounts"."TableName" asc;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [TableName], [Times] FROM [PrivacyCounts] WHERE [RequestId] = @requestId ORDER BY [TableName];
