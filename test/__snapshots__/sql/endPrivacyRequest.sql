-- SQLite

update "PrivacyRequests" set "Subject" = ?, "State" = ?, "CompletedAt" = ?, "Message" = ?, "ExportName" = ?, "Certificate" = ? where (("PrivacyRequests"."Id" = ?) and ("PrivacyRequests"."State" in (?, ?)));

delete from "PrivacyKeys" where "PrivacyKeys"."RequestId" = ?;

delete from "PrivacyCounts" where "PrivacyCounts"."RequestId" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @requestId bigint, @state nvarchar(4000), @message nvarchar(max),
-- @exportName nvarchar(4000), @subject nvarchar(4000), @certificate nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
UPDATE [PrivacyRequests] SET [State] = @state, [Message] = @message, [ExportName] = @exportName,
  [Subject] = @subject, [Certificate] = @certificate, [CompletedAt] = @now
WHERE [Id] = @requestId AND [State] IN (N'waiting', N'erasing');
IF @@ROWCOUNT = 1
BEGIN
  DELETE FROM [PrivacyKeys] WHERE [RequestId] = @requestId;
  DELETE FROM [PrivacyCounts] WHERE [RequestId] = @requestId;
END;
COMMIT TRANSACTION;
