-- SQLite

update "Stores" set "RefusedAt" = ? where (("Stores"."Id" = ?) and (("Stores"."RefusedAt" is null)));

select "RefusedAt" from "Stores" where "Stores"."Id" = ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [Stores] SET [RefusedAt] = @now WHERE [Id] = @storeId AND [RefusedAt] IS NULL;
SELECT [RefusedAt], @now AS [Now] FROM [Stores] WHERE [Id] = @storeId;
