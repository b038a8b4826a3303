-- SQLite

select "Id", "StoreId", "ShopId", "Topic", "Digest", "Subject", "Vouched", "State", "ReceivedAt", "DueAt", "TryAt", "Attempts", "CompletedAt", "Message", "ExportName", "Certificate" from "PrivacyRequests" where ("PrivacyRequests"."ExportName" is not null);

-- SQL Server, in one round trip, with
-- @clock datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [Id], [StoreId], [Subject], [ExportName], [CompletedAt], @now AS [Now]
FROM [PrivacyRequests] WHERE [ExportName] IS NOT NULL;
