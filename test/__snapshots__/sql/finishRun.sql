-- SQLite

update "SyncRuns" set "State" = ?, "MovedAt" = ?, "FinishedAt" = ?, "Message" = ? where "SyncRuns"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @runId bigint, @state nvarchar(4000), @message nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [SyncRuns] SET [State] = @state, [Message] = @message, [FinishedAt] = @now, [MovedAt] = @now
WHERE [Id] = @runId;
