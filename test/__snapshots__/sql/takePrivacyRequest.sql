-- SQLite

update "PrivacyRequests" set "TryAt" = ?, "Attempts" = "PrivacyRequests"."Attempts" + 1 where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)) and ("PrivacyRequests"."TryAt" <= ?)) returning "Id", "StoreId", "ShopId", "Topic", "Digest", "Subject", "Vouched", "State", "ReceivedAt", "DueAt", "TryAt", "Attempts", "CompletedAt", "Message", "ExportName", "Certificate";

select "Id", "Name", "Domain", "ShopifyShopId", "DataType", "TenantId", "Currency", "IanaTimezone", "Plan", "SecretName", "IsActive", "Settings", "InitialSetupCompleted", "LastSyncDate", "InstalledAt", "UninstalledAt", "PausedAt", "RefusedAt", "LookedAt", "Looks", "Unheard", "FormerDomains", "TokenLease", "TokenLeaseUntil", "CreatedAt", "UpdatedAt" from "Stores" where "Stores"."Id" = ?;

select "RequestId", "Entity", "ShopifyId" from "PrivacyKeys" where "PrivacyKeys"."RequestId" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @leaseMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @taken int;
UPDATE [PrivacyRequests] SET [TryAt] = DATEADD(millisecond, @leaseMs % 1000, DATEADD(second, @leaseMs / 1000, @now)), [Attempts] = [Attempts] + 1
WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing') AND [TryAt] <= @now;
SET @taken = @@ROWCOUNT;
SELECT r.[Id], r.[StoreId], r.[ShopId], r.[Topic], r.[State], r.[ReceivedAt], r.[DueAt], r.[Subject], r.[Attempts],
  r.[Vouched], CASE WHEN s.[IsActive] = 0 THEN s.[RefusedAt] END AS [RefusedAt], @now AS [Now]
FROM [PrivacyRequests] AS r LEFT JOIN [Stores] AS s ON s.[Id] = r.[StoreId]
WHERE r.[Id] = @requestId AND @taken = 1;
SELECT [Entity], [ShopifyId] FROM [PrivacyKeys]
WHERE [RequestId] = @requestId AND @taken = 1 ORDER BY [Entity], [ShopifyId];
COMMIT TRANSACTION;
