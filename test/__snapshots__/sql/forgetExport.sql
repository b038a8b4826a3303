-- SQLite

update "PrivacyRequests" set "Message" = ?, "ExportName" = ? where "PrivacyRequests"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [PrivacyRequests] SET [ExportName] = NULL, [Message] = NULL WHERE [Id] = @requestId;
