-- SQLite

delete from "Deliveries" where "Deliveries"."ReceivedAt" < ?;

delete from "Gaps" where "Gaps"."FoundAt" < ?;

delete from "ChangeEvents" where "ChangeEvents"."CreatedAt" < ?;

delete from "SyncRuns" where (("SyncRuns"."MovedAt" < ?) and ("SyncRuns"."State" <> ?) and (not exists (select 1 from "StaleKeys" where "StaleKeys"."HeldByRun" = "SyncRuns"."Id")) and (not exists (select 1 from "Certificates" where "Certificates"."RunId" = "SyncRuns"."Id"
    and "Certificates"."CompletedAt" is null)));

delete from "CertifiedRanges" where (("CertifiedRanges"."ComparedAt" < ?) and (not exists (select 1 from "Certificates" where "Certificates"."RunId" = "CertifiedRanges"."RunId"
    and "Certificates"."CompletedAt" is null)));

delete from "UnprovenKeys" where (("UnprovenKeys"."EndedAt" < ?) and (not exists (select 1 from "Certificates" where "Certificates"."StoreId" = "UnprovenKeys"."StoreId"
          and "Certificates"."Entity" = "UnprovenKeys"."Entity" and "Certificates"."CompletedAt" is null)));

update "Customers" set "FirstName" = ?, "LastName" = ?, "Email" = ?, "Phone" = ?, "Company" = ?, "City" = ?, "ProvinceCode" = ?, "CountryCode" = ?, "AddressPhone" = ?, "AcceptsEmailMarketing" = ?, "AcceptsSMSMarketing" = ?, "Tags" = ?, "VerifiedEmail" = ?, "Locale" = ?, "Note" = ?, "SyncedAt" = ?, "ContentHash" = ? where (("Customers"."StoreId" in (select "Id" from "Stores")) and ("Customers"."IsActive" = ?) and ((("Customers"."SyncedAt" < ?) and (("Customers"."ContentHash" is not null)))));

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @olderThanMs bigint

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @before datetime2(3) = DATEADD(millisecond, -(@olderThanMs % 1000), DATEADD(second, -(@olderThanMs / 1000), @now)), @deleted int;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [Deliveries] WHERE [ReceivedAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [Gaps] WHERE [FoundAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [ChangeEvents] WHERE [CreatedAt] < @before;
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [SyncRuns] WHERE [MovedAt] < @before AND [State] <> N'running'
    AND NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[HeldByRun] = [SyncRuns].[Id])
    AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[RunId] = [SyncRuns].[Id] AND c.[CompletedAt] IS NULL);
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [CertifiedRanges] WHERE [ComparedAt] < @before
    AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[RunId] = [CertifiedRanges].[RunId] AND c.[CompletedAt] IS NULL);
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  DELETE TOP (2000) FROM [UnprovenKeys] WHERE [EndedAt] < @before AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[StoreId] = [UnprovenKeys].[StoreId]
    AND c.[Entity] = [UnprovenKeys].[Entity] AND c.[CompletedAt] IS NULL);
  SET @deleted = @@ROWCOUNT;
END;
SET @deleted = 2000;
WHILE @deleted = 2000
BEGIN
  UPDATE TOP (2000) [Customers] SET
    [FirstName] = NULL, [LastName] = NULL, [Email] = NULL, [Phone] = NULL, [Company] = NULL,
  [City] = NULL, [ProvinceCode] = NULL, [CountryCode] = NULL, [AddressPhone] = NULL,
  [AcceptsEmailMarketing] = 0, [AcceptsSMSMarketing] = 0, [Tags] = NULL, [VerifiedEmail] = NULL,
  [Locale] = NULL, [Note] = NULL, [ContentHash] = NULL, [SyncedAt] = @now
  WHERE [StoreId] IN (SELECT [Id] FROM [Stores]) AND [IsActive] = 0 AND [SyncedAt] < @before AND [ContentHash] IS NOT NULL;
  SET @deleted = @@ROWCOUNT;
END;
