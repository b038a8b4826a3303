-- SQLite

update "SyncStates" set "RefreshLeaseToken" = "SyncStates"."RefreshLeaseToken", "RefreshLeaseUntil" = ? where (((((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."RefreshLeaseToken" = ?))) and ("SyncStates"."RefreshLeaseUntil" > ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000), @ms bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [SyncStates] SET [RefreshLeaseUntil] = DATEADD(millisecond, @ms % 1000, DATEADD(second, @ms / 1000, @now))
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [RefreshLeaseToken] = @token AND [RefreshLeaseUntil] > @now;
SELECT @@ROWCOUNT AS [Changed];
