-- SQLite

update "Stores" set "LookedAt" = ?, "Looks" = coalesce("Stores"."Looks", 0) + 1 where (((("Stores"."Id" = ?) and ("Stores"."IsActive" = ?))) and (("Stores"."PausedAt" is null)) and (((("Stores"."LookedAt" is null)) or ("Stores"."LookedAt" <= ?))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @afterMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [LookedAt] = @now, [Looks] = COALESCE([Looks], 0) + 1
WHERE [Id] = @storeId AND [IsActive] = 0 AND [PausedAt] IS NULL AND ([LookedAt] IS NULL OR [LookedAt] <= DATEADD(millisecond, -(@afterMs % 1000), DATEADD(second, -(@afterMs / 1000), @now)));
SELECT @@ROWCOUNT AS [Changed];
