-- SQLite

update "PrivacyRequests" set "TryAt" = ?, "Message" = ? where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @inMs bigint, @message nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [PrivacyRequests] SET [TryAt] = DATEADD(millisecond, @inMs % 1000, DATEADD(second, @inMs / 1000, @now)), [Message] = @message,
  [Attempts] = CASE WHEN @message IS NULL THEN 0 ELSE [Attempts] END
WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing');
