-- SQLite

update "Stores" set "UninstalledAt" = coalesce("Stores"."UninstalledAt", ?), "PausedAt" = ?, "LookedAt" = ?, "Looks" = ?, "UpdatedAt" = ? where (("Stores"."Id" = ?) and (("Stores"."PausedAt" is not null)));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [PausedAt] = NULL, [UninstalledAt] = COALESCE([UninstalledAt], @now), [LookedAt] = NULL, [Looks] = 0,
  [UpdatedAt] = @now WHERE [Id] = @storeId AND [PausedAt] IS NOT NULL;
