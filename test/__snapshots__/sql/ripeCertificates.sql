-- SQLite

select "Id", "StoreId", "Entity", "RunId", "Depth", "FromAt", "ToAt", "Counted", "Listed", "MirrorBefore", "MirrorAfter", "Missing", "Newer", "Vanished", "Other", "Repaired", "Unversioned", "Rejected", "Unknowable", "UnknowableBefore", "Unproven", "Planted", "Detected", "Withheld", "ByIndex", "Buried", "ReadSince", "Points", "Verdict", "Remarks", "IssuedAt", "CompletedAt" from "Certificates" where (("Certificates"."StoreId" = ?) and (("Certificates"."CompletedAt" is null)) and (not exists (select 1 from "StaleKeys" where (("StaleKeys"."StoreId" = "Certificates"."StoreId") and ("StaleKeys"."Entity" = "Certificates"."Entity") and ("StaleKeys"."FoundByRun" <= "Certificates"."RunId") and (((("StaleKeys"."ExcusesBefore" is null)) or ("StaleKeys"."ExcusesBefore" <= "Certificates"."FromAt")))) and not exists (select 1 from "Rejects" where "Rejects"."StoreId" = "StaleKeys"."StoreId"
  and "Rejects"."Entity" = "StaleKeys"."Entity" and "Rejects"."ShopifyId" = "StaleKeys"."Id"))));

-- SQL Server, in one round trip, with
-- @par0

select [Id], [StoreId], [Entity], [RunId], [Depth], [FromAt], [ToAt], [Counted], [Listed], [MirrorBefore], [MirrorAfter], [Missing], [Newer], [Vanished], [Other], [Repaired], [Unversioned], [Rejected], [Unknowable], [UnknowableBefore], [Unproven], [Planted], [Detected], [Withheld], [ByIndex], [Buried], [ReadSince], [Points], [Verdict], [Remarks], [IssuedAt], [CompletedAt] from [Certificates] where (([Certificates].[StoreId] = @par0) and (([Certificates].[CompletedAt] is null)) and (NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[StoreId] = [Certificates].[StoreId]
    AND m.[Entity] = [Certificates].[Entity] AND m.[FoundByRun] <= [Certificates].[RunId]
    AND (m.[ExcusesBefore] IS NULL OR m.[ExcusesBefore] <= [Certificates].[FromAt]) AND NOT EXISTS (SELECT 1 FROM [Rejects] AS r
    WHERE r.[StoreId] = m.[StoreId] AND r.[Entity] = m.[Entity] AND r.[ShopifyId] = m.[Id])))) order by [Certificates].[Id]
