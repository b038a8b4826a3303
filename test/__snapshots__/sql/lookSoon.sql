-- SQLite

update "Stores" set "LookedAt" = ?, "Looks" = ? where (("Stores"."Id" = ?) and ("Stores"."IsActive" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [LookedAt] = NULL, [Looks] = 0 WHERE [Id] = @storeId AND [IsActive] = 0;
