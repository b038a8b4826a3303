-- SQLite

insert into "SyncRuns" ("Id", "StoreId", "Entity", "Kind", "State", "StartedAt", "MovedAt", "FinishedAt", "Seen", "Unchanged", "Written", "Deleted", "Failed", "Deferred", "Unknowable", "Points", "Repaired", "Message") values (null, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?, ?, ?, ?, null) returning "Id";

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @kind nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @started TABLE ([Id] bigint NOT NULL);
INSERT INTO [SyncRuns] ([StoreId], [Entity], [Kind], [State], [StartedAt], [MovedAt], [Seen], [Unchanged], [Written], [Deleted], [Failed], [Deferred], [Unknowable], [Points], [Repaired])
OUTPUT inserted.[Id] INTO @started ([Id])
VALUES (@storeId, @entity, @kind, N'running', @now, @now, 0, 0, 0, 0, 0, 0, 0, 0, 0);
SELECT [Id] FROM @started;
