-- SQLite

update "Stores" set "RefusedAt" = ? where (("Stores"."Id" = ?) and (("Stores"."RefusedAt" is not null)));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [RefusedAt] = NULL WHERE [Id] = @storeId AND [RefusedAt] IS NOT NULL;
