-- SQLite

select "Id" from "PrivacyRequests" where (("PrivacyRequests"."State" in (?, ?)) and ("PrivacyRequests"."TryAt" <= ?)) order by "PrivacyRequests"."DueAt" asc;

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [Id] FROM [PrivacyRequests] WHERE [State] IN (N'waiting', N'erasing') AND [TryAt] <= @now ORDER BY [DueAt];
