-- SQLite

update "Certificates" set "MirrorAfter" = ?, "Repaired" = ?, "Unversioned" = ?, "Rejected" = ?, "Unproven" = ?, "Withheld" = ?, "Buried" = ?, "ReadSince" = ?, "Verdict" = ?, "Remarks" = ?, "CompletedAt" = ? where (("Certificates"."Id" = ?) and (("Certificates"."CompletedAt" is null)));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @id bigint, @verdict nvarchar(4000), @remarks nvarchar(max),
-- @withheld nvarchar(max), @mirrorAfter bigint, @repaired bigint, @unversioned bigint,
-- @rejected bigint, @unproven bigint, @buried bigint, @readSince datetime2(3)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Certificates] SET [Verdict] = @verdict, [Remarks] = @remarks, [Withheld] = @withheld,
  [MirrorAfter] = @mirrorAfter, [Repaired] = @repaired, [Unversioned] = @unversioned, [Rejected] = @rejected,
  [Unproven] = @unproven, [Buried] = @buried, [ReadSince] = @readSince, [CompletedAt] = @now
WHERE [Id] = @id AND [CompletedAt] IS NULL;
