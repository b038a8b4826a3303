-- SQLite

update "SyncStates" set "CensusLeaseToken" = ?, "CensusLeaseUntil" = ? where (((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."CensusLeaseToken" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [SyncStates] SET [CensusLeaseToken] = NULL, [CensusLeaseUntil] = NULL WHERE [StoreId] = @storeId AND [Entity] = @entity AND [CensusLeaseToken] = @token;
SELECT @@ROWCOUNT AS [Changed];
