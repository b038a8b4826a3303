-- SQLite

select "StoreId", "Entity", "Watermark", "LastSweepAt", "LastDeepSweepAt", "LastCensusAt", "CensusPosition", "LastContentAt", "CoverageFrom", "Epoch", "RefreshLeaseToken", "RefreshLeaseUntil", "SweepLeaseToken", "SweepLeaseUntil", "CensusLeaseToken", "CensusLeaseUntil" from "SyncStates" where (("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
SELECT [Watermark], [LastSweepAt], [LastDeepSweepAt], [LastCensusAt], [CensusPosition], [LastContentAt], [CoverageFrom]
FROM [SyncStates] WHERE [StoreId] = @storeId AND [Entity] = @entity;
