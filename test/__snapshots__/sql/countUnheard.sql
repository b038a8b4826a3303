-- SQLite

update "Stores" set "Unheard" = coalesce("Stores"."Unheard", 0) + 1 where (("Stores"."Id" = ?) and ("Stores"."IsActive" = ?));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [Unheard] = COALESCE([Unheard], 0) + 1 WHERE [Id] = @storeId AND [IsActive] = 0;
