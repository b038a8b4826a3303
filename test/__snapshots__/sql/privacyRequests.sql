-- SQLite

select "Id", "StoreId", "ShopId", "Topic", "Digest", "Subject", "Vouched", "State", "ReceivedAt", "DueAt", "TryAt", "Attempts", "CompletedAt", "Message", "ExportName", "Certificate" from "PrivacyRequests" where "PrivacyRequests"."StoreId" = ? order by "PrivacyRequests"."Id" desc limit ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT TOP (@limit) [Id], [StoreId], [Topic], [State], [ReceivedAt], [DueAt], [CompletedAt], [Message], [Certificate]
FROM [PrivacyRequests] WHERE @storeId IS NULL OR [StoreId] = @storeId ORDER BY [Id] DESC;
