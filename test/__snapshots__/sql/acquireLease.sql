-- SQLite

update "SyncStates" set "SweepLeaseToken" = ?, "SweepLeaseUntil" = ? where (((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and (exists (select 1 from "Stores" where "Stores"."Id" = "SyncStates"."StoreId" and "Stores"."IsActive" = 1)) and (((("SyncStates"."SweepLeaseUntil" is null)) or ("SyncStates"."SweepLeaseUntil" <= ?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000), @ms bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @acquired int;
UPDATE [SyncStates] SET [SweepLeaseToken] = [SweepLeaseToken] WHERE [StoreId] = @storeId AND [Entity] = @entity;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [SyncStates] SET [SweepLeaseToken] = @token, [SweepLeaseUntil] = DATEADD(millisecond, @ms % 1000, DATEADD(second, @ms / 1000, @now))
WHERE [StoreId] = @storeId AND [Entity] = @entity AND EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId AND [IsActive] = 1) AND ([SweepLeaseUntil] IS NULL OR [SweepLeaseUntil] <= @now OR [SweepLeaseToken] = @token);
SET @acquired = @@ROWCOUNT;
SELECT @acquired AS [Changed];
COMMIT TRANSACTION;
