-- SQLite

select "Id", "StoreId", "Entity", "RunId", "Depth", "FromAt", "ToAt", "Counted", "Listed", "MirrorBefore", "MirrorAfter", "Missing", "Newer", "Vanished", "Other", "Repaired", "Unversioned", "Rejected", "Unknowable", "UnknowableBefore", "Unproven", "Planted", "Detected", "Withheld", "ByIndex", "Buried", "ReadSince", "Points", "Verdict", "Remarks", "IssuedAt", "CompletedAt" from "Certificates" where "Certificates"."StoreId" = ? order by "Certificates"."Id" desc limit ?;

-- SQL Server, in one round trip, with
-- @par0, @par1

select top(@par0) [Id], [StoreId], [Entity], [RunId], [Depth], [FromAt], [ToAt], [Counted], [Listed], [MirrorBefore], [MirrorAfter], [Missing], [Newer], [Vanished], [Other], [Repaired], [Unversioned], [Rejected], [Unknowable], [UnknowableBefore], [Unproven], [Planted], [Detected], [Withheld], [ByIndex], [Buried], [ReadSince], [Points], [Verdict], [Remarks], [IssuedAt], [CompletedAt] from [Certificates] where [Certificates].[StoreId] = @par1 order by [Certificates].[Id] desc
