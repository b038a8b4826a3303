-- SQLite

update "SyncStates" set "RefreshLeaseToken" = "SyncStates"."RefreshLeaseToken", "RefreshLeaseUntil" = "SyncStates"."RefreshLeaseUntil" where (((((("SyncStates"."StoreId" = ?) and ("SyncStates"."Entity" = ?))) and ("SyncStates"."RefreshLeaseToken" = ?))) and ("SyncStates"."RefreshLeaseUntil" > ?));

select "ShopifyOrderId", "UpdatedAt", "CreatedAt", "ReadAt", "DeletedAt", "ContentHash", "Lacks" from "Orders" where (("Orders"."StoreId" = ?) and ("Orders"."ShopifyOrderId" in (select value from json_each(?))));

insert into "Orders" ("Id", "StoreId", "ShopifyOrderId", "OrderNumber", "ShopifyCustomerId", "CustomerId", "Email", "TotalPrice", "TotalPricePresentment", "SubtotalPrice", "SubtotalPricePresentment", "TotalTax", "TotalTaxPresentment", "TaxPrice", "TaxPricePresentment", "TotalDiscounts", "TotalDiscountsPresentment", "TotalShipping", "TotalShippingPresentment", "TotalRefunded", "TotalRefundedPresentment", "NetPayment", "NetPaymentPresentment", "CurrentTotalPrice", "CurrentTotalPricePresentment", "Currency", "PresentmentCurrency", "Status", "FinancialStatus", "FulfillmentStatus", "CancelledAt", "CancelReason", "SourceName", "Tags", "DiscountCodes", "IsTest", "ShopifyProcessedAt", "IsActive", "DeletedAt", "CreatedAt", "UpdatedAt", "ShopifyCreatedAt", "ShopifyUpdatedAt", "SyncedAt", "ReadAt", "ContentHash", "Lacks", "ErasedAt") values (null, ?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("Orders"."StoreId", "Orders"."ShopifyOrderId") do update set "OrderNumber" = excluded."OrderNumber", "ShopifyCustomerId" = excluded."ShopifyCustomerId", "Email" = excluded."Email", "TotalPrice" = excluded."TotalPrice", "TotalPricePresentment" = excluded."TotalPricePresentment", "SubtotalPrice" = excluded."SubtotalPrice", "SubtotalPricePresentment" = excluded."SubtotalPricePresentment", "TotalTax" = excluded."TotalTax", "TotalTaxPresentment" = excluded."TotalTaxPresentment", "TaxPrice" = excluded."TaxPrice", "TaxPricePresentment" = excluded."TaxPricePresentment", "TotalDiscounts" = excluded."TotalDiscounts", "TotalDiscountsPresentment" = excluded."TotalDiscountsPresentment", "TotalShipping" = excluded."TotalShipping", "TotalShippingPresentment" = excluded."TotalShippingPresentment", "TotalRefunded" = excluded."TotalRefunded", "TotalRefundedPresentment" = excluded."TotalRefundedPresentment", "NetPayment" = excluded."NetPayment", "NetPaymentPresentment" = excluded."NetPaymentPresentment", "CurrentTotalPrice" = excluded."CurrentTotalPrice", "CurrentTotalPricePresentment" = excluded."CurrentTotalPricePresentment", "Currency" = excluded."Currency", "PresentmentCurrency" = excluded."PresentmentCurrency", "Status" = excluded."Status", "FinancialStatus" = excluded."FinancialStatus", "FulfillmentStatus" = excluded."FulfillmentStatus", "CancelledAt" = excluded."CancelledAt", "CancelReason" = excluded."CancelReason", "SourceName" = excluded."SourceName", "Tags" = excluded."Tags", "DiscountCodes" = excluded."DiscountCodes", "IsTest" = excluded."IsTest", "ShopifyProcessedAt" = excluded."ShopifyProcessedAt", "IsActive" = ?, "DeletedAt" = ?, "CreatedAt" = excluded."CreatedAt", "UpdatedAt" = excluded."UpdatedAt", "ShopifyCreatedAt" = excluded."ShopifyCreatedAt", "ShopifyUpdatedAt" = excluded."ShopifyUpdatedAt", "SyncedAt" = excluded."SyncedAt", "ReadAt" = excluded."ReadAt", "ContentHash" = excluded."ContentHash", "Lacks" = excluded."Lacks", "ErasedAt" = excluded."ErasedAt" returning "Id";

select "Id", "ShopifyLineItemId" from "OrderItems" where "OrderItems"."OrderId" = ?;

insert into "OrderItems" ("Id", "StoreId", "OrderId", "ShopifyLineItemId", "ShopifyProductId", "ShopifyVariantId", "IsProductGone", "ProductId", "ProductTitle", "Title", "VariantTitle", "ProductHandle", "ProductVendor", "ProductType", "Sku", "Price", "CompareAtPrice", "Quantity", "CurrentQuantity", "TotalPrice", "TotalDiscount", "Option1Name", "Option1Value", "Option2Name", "Option2Value", "Option3Name", "Option3Value", "RequiresShipping", "Taxable", "IsGiftCard") values (null, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, null, ?, null, ?, ?, null, ?, ?, ?, ?, null, null, null, null, null, null, ?, ?, ?) on conflict ("OrderItems"."StoreId", "OrderItems"."ShopifyLineItemId") do update set "OrderId" = excluded."OrderId", "ShopifyProductId" = excluded."ShopifyProductId", "ShopifyVariantId" = excluded."ShopifyVariantId", "IsProductGone" = excluded."IsProductGone", "ProductTitle" = excluded."ProductTitle", "Title" = excluded."Title", "VariantTitle" = excluded."VariantTitle", "ProductVendor" = excluded."ProductVendor", "Sku" = excluded."Sku", "Price" = excluded."Price", "Quantity" = excluded."Quantity", "CurrentQuantity" = excluded."CurrentQuantity", "TotalPrice" = excluded."TotalPrice", "TotalDiscount" = excluded."TotalDiscount", "RequiresShipping" = excluded."RequiresShipping", "Taxable" = excluded."Taxable", "IsGiftCard" = excluded."IsGiftCard" returning "Id";

select "Id", "ShopifyRefundId" from "Refunds" where "Refunds"."OrderId" = ?;

insert into "Refunds" ("Id", "StoreId", "OrderId", "ShopifyRefundId", "Note", "TotalRefunded", "TotalRefundedPresentment", "CreatedAt", "ProcessedAt", "UpdatedAt") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("Refunds"."StoreId", "Refunds"."ShopifyRefundId") do update set "OrderId" = excluded."OrderId", "Note" = excluded."Note", "TotalRefunded" = excluded."TotalRefunded", "TotalRefundedPresentment" = excluded."TotalRefundedPresentment", "CreatedAt" = excluded."CreatedAt", "ProcessedAt" = excluded."ProcessedAt", "UpdatedAt" = excluded."UpdatedAt" returning "Id";

select "Id", "ShopifyRefundLineItemId" from "RefundItems" where "RefundItems"."RefundId" = ?;

delete from "StaleKeys" where (((("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."IdLength" = ?) and ("StaleKeys"."Id" = ?))) and ("StaleKeys"."Sequence" = ?)) returning "FoundByRun", "Repaired";

update "StaleKeys" set "Lane" = max("StaleKeys"."Lane", ?), "DueAt" = ?, "Attempts" = ?, "FirstNullAt" = ?, "FirstLiveAt" = ?, "Repaired" = max("StaleKeys"."Repaired", ?), "ExcusesBefore" = coalesce(?, "StaleKeys"."ExcusesBefore") where (((("StaleKeys"."StoreId" = ?) and ("StaleKeys"."Entity" = ?) and ("StaleKeys"."IdLength" = ?) and ("StaleKeys"."Id" = ?))) and ("StaleKeys"."Sequence" = ?));

insert into "ChangeEvents" ("Id", "StoreId", "Entity", "ShopifyId", "Type", "RowId", "Columns", "UpdatedAt", "CreatedAt", "State", "Attempts", "DueAt", "SentAt") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null);

insert into "UnlinkedKeys" ("StoreId", "Entity", "ShopifyId", "WrittenAt") select ?, ?, value, ?
        from json_each(?) where true on conflict ("UnlinkedKeys"."StoreId", "UnlinkedKeys"."Entity", "UnlinkedKeys"."ShopifyId") do update set "WrittenAt" = excluded."WrittenAt";

update "Deliveries" set "RefreshedAt" = ? where (((("Deliveries"."StoreId" = ?) and ("Deliveries"."Entity" = ?) and ("Deliveries"."ShopifyId" in (select value from json_each(?))))) and (("Deliveries"."RefreshedAt" is null))) returning "TriggeredAt", "TraceParent";

select "Id" from "Gaps" where (((("Gaps"."StoreId" = ?) and ("Gaps"."Entity" = ?) and ("Gaps"."ShopifyId" = ?))) and (("Gaps"."HealedAt" is null))) limit ?;

insert into "Gaps" ("Id", "StoreId", "Entity", "ShopifyId", "RunId", "FoundBy", "Reason", "ChangedAt", "SeenAt", "FoundAt", "HealedAt", "Cause") values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null);

update "Gaps" set "HealedAt" = ? where (((("Gaps"."StoreId" = ?) and ("Gaps"."Entity" = ?) and ("Gaps"."ShopifyId" in (select value from json_each(?))))) and (("Gaps"."HealedAt" is null)));

delete from "Rejects" where (("Rejects"."StoreId" = ?) and ("Rejects"."Entity" = ?) and ("Rejects"."ShopifyId" in (select value from json_each(?))));

insert into "Rejects" ("StoreId", "Entity", "ShopifyId", "Reason", "Times", "FirstAt", "LastAt") values (?, ?, ?, ?, ?, ?, ?) on conflict ("Rejects"."StoreId", "Rejects"."Entity", "Rejects"."ShopifyId") do update set "Reason" = excluded."Reason", "Times" = "Rejects"."Times" + 1, "LastAt" = excluded."LastAt";

insert into "StaleKeys" ("StoreId", "Entity", "IdLength", "Id", "Sequence", "Lane", "Reason", "Announces", "MarkedAt", "RaisedAt", "DueAt", "Attempts", "ExpectedUpdatedAt", "FirstNullAt", "FirstLiveAt", "DeleteAnnouncedAt", "HintedAt", "HeldByRun", "FoundByRun", "Repaired", "ExcusesBefore") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null, ?, ?, null, ?, ?, null) on conflict ("StaleKeys"."StoreId", "StaleKeys"."Entity", "StaleKeys"."IdLength", "StaleKeys"."Id") do update set "Sequence" = excluded."Sequence", "Lane" = min(coalesce("StaleKeys"."Lane", excluded."Lane"), coalesce(excluded."Lane", "StaleKeys"."Lane")), "Reason" = excluded."Reason", "Announces" = excluded."Announces", "RaisedAt" = excluded."RaisedAt", "DueAt" = min(coalesce("StaleKeys"."DueAt", excluded."DueAt"), coalesce(excluded."DueAt", "StaleKeys"."DueAt")), "Attempts" = ?, "ExpectedUpdatedAt" = max(coalesce("StaleKeys"."ExpectedUpdatedAt", excluded."ExpectedUpdatedAt"), coalesce(excluded."ExpectedUpdatedAt", "StaleKeys"."ExpectedUpdatedAt")), "DeleteAnnouncedAt" = max(coalesce("StaleKeys"."DeleteAnnouncedAt", excluded."DeleteAnnouncedAt"), coalesce(excluded."DeleteAnnouncedAt", "StaleKeys"."DeleteAnnouncedAt")), "HintedAt" = max(coalesce("StaleKeys"."HintedAt", excluded."HintedAt"), coalesce(excluded."HintedAt", "StaleKeys"."HintedAt")), "HeldByRun" = ?, "FoundByRun" = coalesce("StaleKeys"."FoundByRun", excluded."FoundByRun"), "ExcusesBefore" = case when excluded."FoundByRun" is null then "StaleKeys"."ExcusesBefore" end;

update "SyncRuns" set "MovedAt" = ?, "FinishedAt" = ?, "Seen" = "SyncRuns"."Seen" + ?, "Unchanged" = "SyncRuns"."Unchanged" + ?, "Written" = "SyncRuns"."Written" + ?, "Deleted" = "SyncRuns"."Deleted" + ?, "Failed" = "SyncRuns"."Failed" + ?, "Deferred" = "SyncRuns"."Deferred" + ?, "Unknowable" = "SyncRuns"."Unknowable" + ?, "Points" = "SyncRuns"."Points" + ? where (("SyncRuns"."StoreId" = ?) and ("SyncRuns"."Entity" = ?) and ("SyncRuns"."Kind" = ?) and ("SyncRuns"."StartedAt" = ?));

insert into "SyncRuns" ("Id", "StoreId", "Entity", "Kind", "State", "StartedAt", "MovedAt", "FinishedAt", "Seen", "Unchanged", "Written", "Deleted", "Failed", "Deferred", "Unknowable", "Points", "Repaired", "Message") values (null, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?, ?, ?, ?, null) returning "Id";

update "Orders" set "IsActive" = ?, "DeletedAt" = ?, "SyncedAt" = ? where (("Orders"."StoreId" = ?) and ("Orders"."ShopifyOrderId" = ?) and (("Orders"."DeletedAt" is null))) returning "Id";

delete from "Burials" where (((("Burials"."StoreId" = ?) and ("Burials"."Entity" = ?))) and ("Burials"."BuriedAt" <= ?));

insert into "Burials" ("StoreId", "Entity", "BuriedAt", "Times") values (?, ?, ?, ?) on conflict ("Burials"."StoreId", "Burials"."Entity", "Burials"."BuriedAt") do update set "Times" = "Burials"."Times" + ?;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @entity nvarchar(4000), @token nvarchar(4000),
-- @carriers nvarchar(4000), @carried nvarchar(4000), @verdictsJson nvarchar(max),
-- @changedJson nvarchar(max), @announce bit, @rejectsJson nvarchar(max), @raisesJson nvarchar(max),
-- @gapsJson nvarchar(max), @seen bigint, @unchanged bigint, @written bigint, @deleted bigint,
-- @failed bigint, @deferred bigint, @unknowable bigint, @points bigint, @OrdersJson nvarchar(max),
-- @OrderItemsJson nvarchar(max), @RefundsJson nvarchar(max), @RefundItemsJson nvarchar(max)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
BEGIN TRANSACTION;
DECLARE @verdicts TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, [Sequence] nvarchar(50) NULL,
  [FirstNullAt] datetime2(3) NULL, [FirstLiveAt] datetime2(3) NULL, [Attempts] int NULL,
  [ExcusesBefore] datetime2(3) NULL, [Clears] bit NULL, [DueInMs] bigint NULL, [Proven] bit NULL,
  [Writes] bit NULL, [BuriedAt] datetime2(3) NULL, [Announced] bit NULL,
  PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @verdicts ([IdLength], [Id], [Sequence], [FirstNullAt], [FirstLiveAt], [Attempts], [ExcusesBefore], [Clears],
  [DueInMs], [Proven], [Writes], [BuriedAt], [Announced])
SELECT j.[IdLength], j.[Id], j.[Sequence], j.[FirstNullAt], j.[FirstLiveAt], j.[Attempts],
  j.[ExcusesBefore], j.[Clears], j.[DueInMs], j.[Proven], j.[Writes], j.[BuriedAt], j.[Announced]
FROM OPENJSON(@verdictsJson) WITH (
  [IdLength] int '$.IdLength', [Id] nvarchar(50) '$.Id', [Sequence] nvarchar(50) '$.Sequence',
  [FirstNullAt] datetime2(3) '$.FirstNullAt', [FirstLiveAt] datetime2(3) '$.FirstLiveAt',
  [Attempts] int '$.Attempts', [ExcusesBefore] datetime2(3) '$.ExcusesBefore',
  [Clears] bit '$.Clears', [DueInMs] bigint '$.DueInMs', [Proven] bit '$.Proven',
  [Writes] bit '$.Writes', [BuriedAt] datetime2(3) '$.BuriedAt', [Announced] bit '$.Announced'
) AS j;
DECLARE @Orders TABLE (
  [ShopifyOrderId] nvarchar(50) NOT NULL, [CreatedAt] datetime2(3) NULL,
  [UpdatedAt] datetime2(3) NULL, [ReadAt] datetime2(3) NULL, [ErasedAt] datetime2(3) NULL,
  [ContentHash] nvarchar(100) NULL, [Withheld] nvarchar(4000) NULL,
  [ShopifyCustomerId] nvarchar(50) NULL, [TotalPrice] decimal(19,4) NULL,
  [TotalPricePresentment] decimal(19,4) NULL, [SubtotalPrice] decimal(19,4) NULL,
  [SubtotalPricePresentment] decimal(19,4) NULL, [TotalTax] decimal(19,4) NULL,
  [TotalTaxPresentment] decimal(19,4) NULL, [TaxPrice] decimal(19,4) NULL,
  [TaxPricePresentment] decimal(19,4) NULL, [TotalDiscounts] decimal(19,4) NULL,
  [TotalDiscountsPresentment] decimal(19,4) NULL, [TotalShipping] decimal(19,4) NULL,
  [TotalShippingPresentment] decimal(19,4) NULL, [TotalRefunded] decimal(19,4) NULL,
  [TotalRefundedPresentment] decimal(19,4) NULL, [NetPayment] decimal(19,4) NULL,
  [NetPaymentPresentment] decimal(19,4) NULL, [CurrentTotalPrice] decimal(19,4) NULL,
  [CurrentTotalPricePresentment] decimal(19,4) NULL, [CancelledAt] datetime2(3) NULL,
  [IsTest] bit NULL, [ShopifyProcessedAt] datetime2(3) NULL, [OrderNumber] nvarchar(255) NULL,
  [Email] nvarchar(320) NULL, [Currency] nvarchar(10) NULL, [PresentmentCurrency] nvarchar(10) NULL,
  [Status] nvarchar(50) NULL, [FinancialStatus] nvarchar(50) NULL,
  [FulfillmentStatus] nvarchar(50) NULL, [CancelReason] nvarchar(50) NULL,
  [SourceName] nvarchar(255) NULL, [Tags] nvarchar(max) NULL, [DiscountCodes] nvarchar(max) NULL,
  [Lacks] nvarchar(4000) NULL, PRIMARY KEY ([ShopifyOrderId])
);
INSERT INTO @Orders ([ShopifyOrderId], [CreatedAt], [UpdatedAt], [ReadAt], [ErasedAt], [ContentHash], [Withheld],
  [ShopifyCustomerId], [TotalPrice], [TotalPricePresentment], [SubtotalPrice],
  [SubtotalPricePresentment], [TotalTax], [TotalTaxPresentment], [TaxPrice], [TaxPricePresentment],
  [TotalDiscounts], [TotalDiscountsPresentment], [TotalShipping], [TotalShippingPresentment],
  [TotalRefunded], [TotalRefundedPresentment], [NetPayment], [NetPaymentPresentment],
  [CurrentTotalPrice], [CurrentTotalPricePresentment], [CancelledAt], [IsTest], [ShopifyProcessedAt],
  [OrderNumber], [Email], [Currency], [PresentmentCurrency], [Status], [FinancialStatus],
  [FulfillmentStatus], [CancelReason], [SourceName], [Tags], [DiscountCodes], [Lacks])
SELECT j.[ShopifyOrderId], j.[CreatedAt], j.[UpdatedAt], j.[ReadAt], j.[ErasedAt], j.[ContentHash],
  j.[Withheld], j.[ShopifyCustomerId], j.[TotalPrice], j.[TotalPricePresentment], j.[SubtotalPrice],
  j.[SubtotalPricePresentment], j.[TotalTax], j.[TotalTaxPresentment], j.[TaxPrice],
  j.[TaxPricePresentment], j.[TotalDiscounts], j.[TotalDiscountsPresentment], j.[TotalShipping],
  j.[TotalShippingPresentment], j.[TotalRefunded], j.[TotalRefundedPresentment], j.[NetPayment],
  j.[NetPaymentPresentment], j.[CurrentTotalPrice], j.[CurrentTotalPricePresentment], j.[CancelledAt],
  j.[IsTest], j.[ShopifyProcessedAt],
  TRANSLATE(j.[OrderNumber] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Email] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Currency] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[PresentmentCurrency] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Status] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[FinancialStatus] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[FulfillmentStatus] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[CancelReason] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[SourceName] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(SUBSTRING(JSON_QUERY(o.[value], '$.Tags'), 3, LEN(JSON_QUERY(o.[value], '$.Tags')) - 4) COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(SUBSTRING(JSON_QUERY(o.[value], '$.DiscountCodes'), 3, LEN(JSON_QUERY(o.[value], '$.DiscountCodes')) - 4) COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Lacks] COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@OrdersJson) AS o CROSS APPLY OPENJSON(o.[value]) WITH (
  [ShopifyOrderId] nvarchar(50) '$.ShopifyOrderId', [CreatedAt] datetime2(3) '$.CreatedAt',
  [UpdatedAt] datetime2(3) '$.UpdatedAt', [ReadAt] datetime2(3) '$.ReadAt',
  [ErasedAt] datetime2(3) '$.ErasedAt', [ContentHash] nvarchar(100) '$.ContentHash',
  [Withheld] nvarchar(4000) '$.Withheld', [ShopifyCustomerId] nvarchar(50) '$.ShopifyCustomerId',
  [TotalPrice] decimal(19,4) '$.TotalPrice',
  [TotalPricePresentment] decimal(19,4) '$.TotalPricePresentment',
  [SubtotalPrice] decimal(19,4) '$.SubtotalPrice',
  [SubtotalPricePresentment] decimal(19,4) '$.SubtotalPricePresentment',
  [TotalTax] decimal(19,4) '$.TotalTax', [TotalTaxPresentment] decimal(19,4) '$.TotalTaxPresentment',
  [TaxPrice] decimal(19,4) '$.TaxPrice', [TaxPricePresentment] decimal(19,4) '$.TaxPricePresentment',
  [TotalDiscounts] decimal(19,4) '$.TotalDiscounts',
  [TotalDiscountsPresentment] decimal(19,4) '$.TotalDiscountsPresentment',
  [TotalShipping] decimal(19,4) '$.TotalShipping',
  [TotalShippingPresentment] decimal(19,4) '$.TotalShippingPresentment',
  [TotalRefunded] decimal(19,4) '$.TotalRefunded',
  [TotalRefundedPresentment] decimal(19,4) '$.TotalRefundedPresentment',
  [NetPayment] decimal(19,4) '$.NetPayment',
  [NetPaymentPresentment] decimal(19,4) '$.NetPaymentPresentment',
  [CurrentTotalPrice] decimal(19,4) '$.CurrentTotalPrice',
  [CurrentTotalPricePresentment] decimal(19,4) '$.CurrentTotalPricePresentment',
  [CancelledAt] datetime2(3) '$.CancelledAt', [IsTest] bit '$.IsTest',
  [ShopifyProcessedAt] datetime2(3) '$.ShopifyProcessedAt',
  [OrderNumber] nvarchar(255) '$.OrderNumber', [Email] nvarchar(320) '$.Email',
  [Currency] nvarchar(10) '$.Currency', [PresentmentCurrency] nvarchar(10) '$.PresentmentCurrency',
  [Status] nvarchar(50) '$.Status', [FinancialStatus] nvarchar(50) '$.FinancialStatus',
  [FulfillmentStatus] nvarchar(50) '$.FulfillmentStatus',
  [CancelReason] nvarchar(50) '$.CancelReason', [SourceName] nvarchar(255) '$.SourceName',
  [Lacks] nvarchar(4000) '$.Lacks'
) AS j;
DECLARE @OrderItems TABLE (
  [ShopifyLineItemId] nvarchar(50) NOT NULL, [ParentKey] nvarchar(50) NULL,
  [Withheld] nvarchar(4000) NULL, [ShopifyProductId] nvarchar(50) NULL,
  [ShopifyVariantId] nvarchar(50) NULL, [IsProductGone] bit NULL, [Price] decimal(19,4) NULL,
  [Quantity] int NULL, [CurrentQuantity] int NULL, [TotalPrice] decimal(19,4) NULL,
  [TotalDiscount] decimal(19,4) NULL, [RequiresShipping] bit NULL, [Taxable] bit NULL,
  [IsGiftCard] bit NULL, [ProductTitle] nvarchar(500) NULL, [Title] nvarchar(500) NULL,
  [VariantTitle] nvarchar(500) NULL, [ProductVendor] nvarchar(255) NULL, [Sku] nvarchar(255) NULL,
  PRIMARY KEY ([ShopifyLineItemId])
);
INSERT INTO @OrderItems ([ShopifyLineItemId], [ParentKey], [Withheld], [ShopifyProductId], [ShopifyVariantId],
  [IsProductGone], [Price], [Quantity], [CurrentQuantity], [TotalPrice], [TotalDiscount],
  [RequiresShipping], [Taxable], [IsGiftCard], [ProductTitle], [Title], [VariantTitle],
  [ProductVendor], [Sku])
SELECT j.[ShopifyLineItemId], j.[ParentKey], j.[Withheld], j.[ShopifyProductId], j.[ShopifyVariantId],
  j.[IsProductGone], j.[Price], j.[Quantity], j.[CurrentQuantity], j.[TotalPrice], j.[TotalDiscount],
  j.[RequiresShipping], j.[Taxable], j.[IsGiftCard],
  TRANSLATE(j.[ProductTitle] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Title] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[VariantTitle] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[ProductVendor] COLLATE Latin1_General_BIN2, @carriers, @carried),
  TRANSLATE(j.[Sku] COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@OrderItemsJson) WITH (
  [ShopifyLineItemId] nvarchar(50) '$.ShopifyLineItemId', [ParentKey] nvarchar(50) '$.ParentKey',
  [Withheld] nvarchar(4000) '$.Withheld', [ShopifyProductId] nvarchar(50) '$.ShopifyProductId',
  [ShopifyVariantId] nvarchar(50) '$.ShopifyVariantId', [IsProductGone] bit '$.IsProductGone',
  [Price] decimal(19,4) '$.Price', [Quantity] int '$.Quantity',
  [CurrentQuantity] int '$.CurrentQuantity', [TotalPrice] decimal(19,4) '$.TotalPrice',
  [TotalDiscount] decimal(19,4) '$.TotalDiscount', [RequiresShipping] bit '$.RequiresShipping',
  [Taxable] bit '$.Taxable', [IsGiftCard] bit '$.IsGiftCard',
  [ProductTitle] nvarchar(500) '$.ProductTitle', [Title] nvarchar(500) '$.Title',
  [VariantTitle] nvarchar(500) '$.VariantTitle', [ProductVendor] nvarchar(255) '$.ProductVendor',
  [Sku] nvarchar(255) '$.Sku'
) AS j;
DECLARE @Refunds TABLE (
  [ShopifyRefundId] nvarchar(50) NOT NULL, [ParentKey] nvarchar(50) NULL,
  [Withheld] nvarchar(4000) NULL, [TotalRefunded] decimal(19,4) NULL,
  [TotalRefundedPresentment] decimal(19,4) NULL, [CreatedAt] datetime2(3) NULL,
  [ProcessedAt] datetime2(3) NULL, [UpdatedAt] datetime2(3) NULL, [Note] nvarchar(max) NULL,
  PRIMARY KEY ([ShopifyRefundId])
);
INSERT INTO @Refunds ([ShopifyRefundId], [ParentKey], [Withheld], [TotalRefunded], [TotalRefundedPresentment],
  [CreatedAt], [ProcessedAt], [UpdatedAt], [Note])
SELECT j.[ShopifyRefundId], j.[ParentKey], j.[Withheld], j.[TotalRefunded], j.[TotalRefundedPresentment],
  j.[CreatedAt], j.[ProcessedAt], j.[UpdatedAt],
  TRANSLATE(SUBSTRING(JSON_QUERY(o.[value], '$.Note'), 3, LEN(JSON_QUERY(o.[value], '$.Note')) - 4) COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@RefundsJson) AS o CROSS APPLY OPENJSON(o.[value]) WITH (
  [ShopifyRefundId] nvarchar(50) '$.ShopifyRefundId', [ParentKey] nvarchar(50) '$.ParentKey',
  [Withheld] nvarchar(4000) '$.Withheld', [TotalRefunded] decimal(19,4) '$.TotalRefunded',
  [TotalRefundedPresentment] decimal(19,4) '$.TotalRefundedPresentment',
  [CreatedAt] datetime2(3) '$.CreatedAt', [ProcessedAt] datetime2(3) '$.ProcessedAt',
  [UpdatedAt] datetime2(3) '$.UpdatedAt'
) AS j;
DECLARE @RefundItems TABLE (
  [ShopifyRefundLineItemId] nvarchar(50) NOT NULL, [ParentKey] nvarchar(50) NULL,
  [Withheld] nvarchar(4000) NULL, [ShopifyLineItemId] nvarchar(50) NULL, [Quantity] int NULL,
  [Subtotal] decimal(19,4) NULL, [SubtotalPresentment] decimal(19,4) NULL,
  [TotalTax] decimal(19,4) NULL, [TotalTaxPresentment] decimal(19,4) NULL,
  [RestockType] nvarchar(50) NULL, PRIMARY KEY ([ShopifyRefundLineItemId])
);
INSERT INTO @RefundItems ([ShopifyRefundLineItemId], [ParentKey], [Withheld], [ShopifyLineItemId], [Quantity], [Subtotal],
  [SubtotalPresentment], [TotalTax], [TotalTaxPresentment], [RestockType])
SELECT j.[ShopifyRefundLineItemId], j.[ParentKey], j.[Withheld], j.[ShopifyLineItemId], j.[Quantity],
  j.[Subtotal], j.[SubtotalPresentment], j.[TotalTax], j.[TotalTaxPresentment],
  TRANSLATE(j.[RestockType] COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@RefundItemsJson) WITH (
  [ShopifyRefundLineItemId] nvarchar(50) '$.ShopifyRefundLineItemId',
  [ParentKey] nvarchar(50) '$.ParentKey', [Withheld] nvarchar(4000) '$.Withheld',
  [ShopifyLineItemId] nvarchar(50) '$.ShopifyLineItemId', [Quantity] int '$.Quantity',
  [Subtotal] decimal(19,4) '$.Subtotal', [SubtotalPresentment] decimal(19,4) '$.SubtotalPresentment',
  [TotalTax] decimal(19,4) '$.TotalTax', [TotalTaxPresentment] decimal(19,4) '$.TotalTaxPresentment',
  [RestockType] nvarchar(50) '$.RestockType'
) AS j;
DECLARE @changed TABLE (
  [Id] nvarchar(50) NOT NULL, [Columns] nvarchar(max) NULL, PRIMARY KEY ([Id])
);
INSERT INTO @changed ([Id], [Columns])
SELECT j.[Id],
  TRANSLATE(SUBSTRING(JSON_QUERY(o.[value], '$.Columns'), 3, LEN(JSON_QUERY(o.[value], '$.Columns')) - 4) COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@changedJson) AS o CROSS APPLY OPENJSON(o.[value]) WITH (
  [Id] nvarchar(50) '$.Id'
) AS j;
DECLARE @rejects TABLE (
  [ShopifyId] nvarchar(50) NOT NULL, [Reason] nvarchar(max) NULL, PRIMARY KEY ([ShopifyId])
);
INSERT INTO @rejects ([ShopifyId], [Reason])
SELECT j.[ShopifyId],
  TRANSLATE(SUBSTRING(JSON_QUERY(o.[value], '$.Reason'), 3, LEN(JSON_QUERY(o.[value], '$.Reason')) - 4) COLLATE Latin1_General_BIN2, @carriers, @carried)
FROM OPENJSON(@rejectsJson) AS o CROSS APPLY OPENJSON(o.[value]) WITH (
  [ShopifyId] nvarchar(50) '$.ShopifyId'
) AS j;
DECLARE @raises TABLE (
  [Entity] nvarchar(50) NOT NULL, [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL,
  [Sequence] nvarchar(50) NULL, [Lane] int NULL, [Reason] nvarchar(200) NULL,
  [Announces] nvarchar(10) NULL, [ExpectedUpdatedAt] datetime2(3) NULL, [FoundByRun] bigint NULL,
  [DueInMs] bigint NULL, [AnnouncesDelete] bit NULL, [Hints] bit NULL, [DueAt] datetime2(3) NULL,
  [DeleteAnnouncedAt] datetime2(3) NULL, [HintedAt] datetime2(3) NULL,
  PRIMARY KEY ([Entity], [IdLength], [Id])
);
INSERT INTO @raises ([Entity], [IdLength], [Id], [Sequence], [Lane], [Reason], [Announces], [ExpectedUpdatedAt],
  [FoundByRun], [DueInMs], [AnnouncesDelete], [Hints], [DueAt], [DeleteAnnouncedAt], [HintedAt])
SELECT j.[Entity], j.[IdLength], j.[Id], j.[Sequence], j.[Lane], j.[Reason], j.[Announces],
  j.[ExpectedUpdatedAt], j.[FoundByRun], j.[DueInMs], j.[AnnouncesDelete], j.[Hints], j.[DueAt],
  j.[DeleteAnnouncedAt], j.[HintedAt]
FROM OPENJSON(@raisesJson) WITH (
  [Entity] nvarchar(50) '$.Entity', [IdLength] int '$.IdLength', [Id] nvarchar(50) '$.Id',
  [Sequence] nvarchar(50) '$.Sequence', [Lane] int '$.Lane', [Reason] nvarchar(200) '$.Reason',
  [Announces] nvarchar(10) '$.Announces', [ExpectedUpdatedAt] datetime2(3) '$.ExpectedUpdatedAt',
  [FoundByRun] bigint '$.FoundByRun', [DueInMs] bigint '$.DueInMs',
  [AnnouncesDelete] bit '$.AnnouncesDelete', [Hints] bit '$.Hints', [DueAt] datetime2(3) '$.DueAt',
  [DeleteAnnouncedAt] datetime2(3) '$.DeleteAnnouncedAt', [HintedAt] datetime2(3) '$.HintedAt'
) AS j;
DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) SELECT @entity UNION SELECT [Entity] FROM @raises;
DECLARE @locked nvarchar(50), @resource nvarchar(255), @granted int;
SELECT @locked = MIN([Entity]) FROM @locking;
WHILE @locked IS NOT NULL
BEGIN
  SET @resource = CONCAT(N'Driftless:marks:', @storeId, N':', @locked);
  EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 15000;
  IF @granted < 0 BEGIN ROLLBACK TRANSACTION; THROW 50011, N'Marks are locked by another transaction.', 1; END;
  SELECT @locked = MIN([Entity]) FROM @locking WHERE [Entity] > @locked;
END;
SET @now = COALESCE(@clock, SYSUTCDATETIME());
UPDATE [SyncStates] SET [RefreshLeaseToken] = [RefreshLeaseToken] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [RefreshLeaseToken] = @token AND [RefreshLeaseUntil] > @now;
IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; THROW 50010, N'The lease is lost.', 1; END;
DECLARE @changes TABLE (
  [Id] nvarchar(50) NOT NULL, [Type] nvarchar(20) NULL, [Columns] nvarchar(max) NULL,
  [At] datetime2(3) NULL, PRIMARY KEY ([Id])
);
INSERT INTO @changes ([Id], [Type], [At])
SELECT s.[ShopifyOrderId], CASE WHEN t.[DeletedAt] IS NULL AND t.[Id] IS NOT NULL THEN N'changed' ELSE N'created' END, s.[UpdatedAt]
FROM @Orders AS s
LEFT JOIN [Orders] AS t ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = s.[ShopifyOrderId]
WHERE t.[Id] IS NULL OR t.[DeletedAt] IS NOT NULL OR t.[ContentHash] IS NULL OR t.[ContentHash] <> s.[ContentHash];
INSERT INTO @changes ([Id], [Type], [At])
SELECT v.[Id], N'deleted', v.[BuriedAt]
FROM @verdicts AS v
INNER JOIN [Orders] AS t ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = v.[Id]
WHERE v.[BuriedAt] IS NOT NULL AND t.[DeletedAt] IS NULL;
UPDATE c SET [Columns] = n.[Columns]
FROM @changes AS c
INNER JOIN @changed AS n ON n.[Id] = c.[Id]
WHERE c.[Type] = N'changed';
DELETE FROM @changes WHERE [Columns] = N'[]';
UPDATE t SET
  [WrittenAt] = @now
FROM [UnlinkedKeys] AS t
INNER JOIN @changes AS s ON t.[StoreId] = @storeId AND t.[Entity] = @entity AND t.[ShopifyId] = s.[Id]
WHERE s.[Type] <> N'deleted';
INSERT INTO [UnlinkedKeys] (
  [StoreId], [Entity], [ShopifyId], [WrittenAt]
)
SELECT
  @storeId, @entity, s.[Id], @now
FROM @changes AS s
WHERE s.[Type] <> N'deleted' AND NOT EXISTS (SELECT 1 FROM [UnlinkedKeys] AS t WHERE t.[StoreId] = @storeId AND t.[Entity] = @entity AND t.[ShopifyId] = s.[Id]);
UPDATE t SET
  [OrderNumber] = CASE WHEN CHARINDEX(N'|OrderNumber|', s.[Withheld]) > 0 THEN t.[OrderNumber] ELSE s.[OrderNumber] END,
  [ShopifyCustomerId] = CASE WHEN CHARINDEX(N'|ShopifyCustomerId|', s.[Withheld]) > 0 THEN t.[ShopifyCustomerId] ELSE s.[ShopifyCustomerId] END,
  [Email] = CASE WHEN CHARINDEX(N'|Email|', s.[Withheld]) > 0 THEN t.[Email] ELSE s.[Email] END,
  [TotalPrice] = CASE WHEN CHARINDEX(N'|TotalPrice|', s.[Withheld]) > 0 THEN t.[TotalPrice] ELSE s.[TotalPrice] END,
  [TotalPricePresentment] = CASE WHEN CHARINDEX(N'|TotalPricePresentment|', s.[Withheld]) > 0 THEN t.[TotalPricePresentment] ELSE s.[TotalPricePresentment] END,
  [SubtotalPrice] = CASE WHEN CHARINDEX(N'|SubtotalPrice|', s.[Withheld]) > 0 THEN t.[SubtotalPrice] ELSE s.[SubtotalPrice] END,
  [SubtotalPricePresentment] = CASE WHEN CHARINDEX(N'|SubtotalPricePresentment|', s.[Withheld]) > 0 THEN t.[SubtotalPricePresentment] ELSE s.[SubtotalPricePresentment] END,
  [TotalTax] = CASE WHEN CHARINDEX(N'|TotalTax|', s.[Withheld]) > 0 THEN t.[TotalTax] ELSE s.[TotalTax] END,
  [TotalTaxPresentment] = CASE WHEN CHARINDEX(N'|TotalTaxPresentment|', s.[Withheld]) > 0 THEN t.[TotalTaxPresentment] ELSE s.[TotalTaxPresentment] END,
  [TaxPrice] = CASE WHEN CHARINDEX(N'|TaxPrice|', s.[Withheld]) > 0 THEN t.[TaxPrice] ELSE s.[TaxPrice] END,
  [TaxPricePresentment] = CASE WHEN CHARINDEX(N'|TaxPricePresentment|', s.[Withheld]) > 0 THEN t.[TaxPricePresentment] ELSE s.[TaxPricePresentment] END,
  [TotalDiscounts] = CASE WHEN CHARINDEX(N'|TotalDiscounts|', s.[Withheld]) > 0 THEN t.[TotalDiscounts] ELSE s.[TotalDiscounts] END,
  [TotalDiscountsPresentment] = CASE WHEN CHARINDEX(N'|TotalDiscountsPresentment|', s.[Withheld]) > 0 THEN t.[TotalDiscountsPresentment] ELSE s.[TotalDiscountsPresentment] END,
  [TotalShipping] = CASE WHEN CHARINDEX(N'|TotalShipping|', s.[Withheld]) > 0 THEN t.[TotalShipping] ELSE s.[TotalShipping] END,
  [TotalShippingPresentment] = CASE WHEN CHARINDEX(N'|TotalShippingPresentment|', s.[Withheld]) > 0 THEN t.[TotalShippingPresentment] ELSE s.[TotalShippingPresentment] END,
  [TotalRefunded] = CASE WHEN CHARINDEX(N'|TotalRefunded|', s.[Withheld]) > 0 THEN t.[TotalRefunded] ELSE s.[TotalRefunded] END,
  [TotalRefundedPresentment] = CASE WHEN CHARINDEX(N'|TotalRefundedPresentment|', s.[Withheld]) > 0 THEN t.[TotalRefundedPresentment] ELSE s.[TotalRefundedPresentment] END,
  [NetPayment] = CASE WHEN CHARINDEX(N'|NetPayment|', s.[Withheld]) > 0 THEN t.[NetPayment] ELSE s.[NetPayment] END,
  [NetPaymentPresentment] = CASE WHEN CHARINDEX(N'|NetPaymentPresentment|', s.[Withheld]) > 0 THEN t.[NetPaymentPresentment] ELSE s.[NetPaymentPresentment] END,
  [CurrentTotalPrice] = CASE WHEN CHARINDEX(N'|CurrentTotalPrice|', s.[Withheld]) > 0 THEN t.[CurrentTotalPrice] ELSE s.[CurrentTotalPrice] END,
  [CurrentTotalPricePresentment] = CASE WHEN CHARINDEX(N'|CurrentTotalPricePresentment|', s.[Withheld]) > 0 THEN t.[CurrentTotalPricePresentment] ELSE s.[CurrentTotalPricePresentment] END,
  [Currency] = CASE WHEN CHARINDEX(N'|Currency|', s.[Withheld]) > 0 THEN t.[Currency] ELSE s.[Currency] END,
  [PresentmentCurrency] = CASE WHEN CHARINDEX(N'|PresentmentCurrency|', s.[Withheld]) > 0 THEN t.[PresentmentCurrency] ELSE s.[PresentmentCurrency] END,
  [Status] = CASE WHEN CHARINDEX(N'|Status|', s.[Withheld]) > 0 THEN t.[Status] ELSE s.[Status] END,
  [FinancialStatus] = CASE WHEN CHARINDEX(N'|FinancialStatus|', s.[Withheld]) > 0 THEN t.[FinancialStatus] ELSE s.[FinancialStatus] END,
  [FulfillmentStatus] = CASE WHEN CHARINDEX(N'|FulfillmentStatus|', s.[Withheld]) > 0 THEN t.[FulfillmentStatus] ELSE s.[FulfillmentStatus] END,
  [CancelledAt] = CASE WHEN CHARINDEX(N'|CancelledAt|', s.[Withheld]) > 0 THEN t.[CancelledAt] ELSE s.[CancelledAt] END,
  [CancelReason] = CASE WHEN CHARINDEX(N'|CancelReason|', s.[Withheld]) > 0 THEN t.[CancelReason] ELSE s.[CancelReason] END,
  [SourceName] = CASE WHEN CHARINDEX(N'|SourceName|', s.[Withheld]) > 0 THEN t.[SourceName] ELSE s.[SourceName] END,
  [Tags] = CASE WHEN CHARINDEX(N'|Tags|', s.[Withheld]) > 0 THEN t.[Tags] ELSE s.[Tags] END,
  [DiscountCodes] = CASE WHEN CHARINDEX(N'|DiscountCodes|', s.[Withheld]) > 0 THEN t.[DiscountCodes] ELSE s.[DiscountCodes] END,
  [IsTest] = CASE WHEN CHARINDEX(N'|IsTest|', s.[Withheld]) > 0 THEN t.[IsTest] ELSE s.[IsTest] END,
  [ShopifyProcessedAt] = CASE WHEN CHARINDEX(N'|ShopifyProcessedAt|', s.[Withheld]) > 0 THEN t.[ShopifyProcessedAt] ELSE s.[ShopifyProcessedAt] END,
  [IsActive] = 1,
  [DeletedAt] = NULL,
  [CreatedAt] = s.[CreatedAt],
  [UpdatedAt] = s.[UpdatedAt],
  [ShopifyCreatedAt] = s.[CreatedAt],
  [ShopifyUpdatedAt] = s.[UpdatedAt],
  [SyncedAt] = @now,
  [ReadAt] = s.[ReadAt],
  [ErasedAt] = s.[ErasedAt],
  [ContentHash] = s.[ContentHash],
  [Lacks] = s.[Lacks]
FROM [Orders] AS t
INNER JOIN @Orders AS s ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = s.[ShopifyOrderId];
INSERT INTO [Orders] (
  [StoreId], [ShopifyOrderId], [OrderNumber], [ShopifyCustomerId], [Email], [TotalPrice],
  [TotalPricePresentment], [SubtotalPrice], [SubtotalPricePresentment], [TotalTax],
  [TotalTaxPresentment], [TaxPrice], [TaxPricePresentment], [TotalDiscounts],
  [TotalDiscountsPresentment], [TotalShipping], [TotalShippingPresentment], [TotalRefunded],
  [TotalRefundedPresentment], [NetPayment], [NetPaymentPresentment], [CurrentTotalPrice],
  [CurrentTotalPricePresentment], [Currency], [PresentmentCurrency], [Status], [FinancialStatus],
  [FulfillmentStatus], [CancelledAt], [CancelReason], [SourceName], [Tags], [DiscountCodes], [IsTest],
  [ShopifyProcessedAt], [IsActive], [DeletedAt], [CreatedAt], [UpdatedAt], [ShopifyCreatedAt],
  [ShopifyUpdatedAt], [SyncedAt], [ReadAt], [ErasedAt], [ContentHash], [Lacks]
)
SELECT
  @storeId, s.[ShopifyOrderId], s.[OrderNumber], s.[ShopifyCustomerId], s.[Email], s.[TotalPrice],
  s.[TotalPricePresentment], s.[SubtotalPrice], s.[SubtotalPricePresentment], s.[TotalTax],
  s.[TotalTaxPresentment], s.[TaxPrice], s.[TaxPricePresentment], s.[TotalDiscounts],
  s.[TotalDiscountsPresentment], s.[TotalShipping], s.[TotalShippingPresentment], s.[TotalRefunded],
  s.[TotalRefundedPresentment], s.[NetPayment], s.[NetPaymentPresentment], s.[CurrentTotalPrice],
  s.[CurrentTotalPricePresentment], s.[Currency], s.[PresentmentCurrency], s.[Status],
  s.[FinancialStatus], s.[FulfillmentStatus], s.[CancelledAt], s.[CancelReason], s.[SourceName],
  s.[Tags], s.[DiscountCodes], s.[IsTest], s.[ShopifyProcessedAt], 1, NULL, s.[CreatedAt],
  s.[UpdatedAt], s.[CreatedAt], s.[UpdatedAt], @now, s.[ReadAt], s.[ErasedAt], s.[ContentHash],
  s.[Lacks]
FROM @Orders AS s
WHERE NOT EXISTS (SELECT 1 FROM [Orders] AS t WHERE t.[StoreId] = @storeId AND t.[ShopifyOrderId] = s.[ShopifyOrderId]);

UPDATE t SET
  [OrderId] = p.[Id],
  [ShopifyProductId] = CASE WHEN CHARINDEX(N'|ShopifyProductId|', s.[Withheld]) > 0 THEN t.[ShopifyProductId] ELSE s.[ShopifyProductId] END,
  [ShopifyVariantId] = CASE WHEN CHARINDEX(N'|ShopifyVariantId|', s.[Withheld]) > 0 THEN t.[ShopifyVariantId] ELSE s.[ShopifyVariantId] END,
  [IsProductGone] = CASE WHEN CHARINDEX(N'|IsProductGone|', s.[Withheld]) > 0 THEN t.[IsProductGone] ELSE s.[IsProductGone] END,
  [ProductTitle] = CASE WHEN CHARINDEX(N'|ProductTitle|', s.[Withheld]) > 0 THEN t.[ProductTitle] ELSE s.[ProductTitle] END,
  [Title] = CASE WHEN CHARINDEX(N'|Title|', s.[Withheld]) > 0 THEN t.[Title] ELSE s.[Title] END,
  [VariantTitle] = CASE WHEN CHARINDEX(N'|VariantTitle|', s.[Withheld]) > 0 THEN t.[VariantTitle] ELSE s.[VariantTitle] END,
  [ProductVendor] = CASE WHEN CHARINDEX(N'|ProductVendor|', s.[Withheld]) > 0 THEN t.[ProductVendor] ELSE s.[ProductVendor] END,
  [Sku] = CASE WHEN CHARINDEX(N'|Sku|', s.[Withheld]) > 0 THEN t.[Sku] ELSE s.[Sku] END,
  [Price] = CASE WHEN CHARINDEX(N'|Price|', s.[Withheld]) > 0 THEN t.[Price] ELSE s.[Price] END,
  [Quantity] = CASE WHEN CHARINDEX(N'|Quantity|', s.[Withheld]) > 0 THEN t.[Quantity] ELSE s.[Quantity] END,
  [CurrentQuantity] = CASE WHEN CHARINDEX(N'|CurrentQuantity|', s.[Withheld]) > 0 THEN t.[CurrentQuantity] ELSE s.[CurrentQuantity] END,
  [TotalPrice] = CASE WHEN CHARINDEX(N'|TotalPrice|', s.[Withheld]) > 0 THEN t.[TotalPrice] ELSE s.[TotalPrice] END,
  [TotalDiscount] = CASE WHEN CHARINDEX(N'|TotalDiscount|', s.[Withheld]) > 0 THEN t.[TotalDiscount] ELSE s.[TotalDiscount] END,
  [RequiresShipping] = CASE WHEN CHARINDEX(N'|RequiresShipping|', s.[Withheld]) > 0 THEN t.[RequiresShipping] ELSE s.[RequiresShipping] END,
  [Taxable] = CASE WHEN CHARINDEX(N'|Taxable|', s.[Withheld]) > 0 THEN t.[Taxable] ELSE s.[Taxable] END,
  [IsGiftCard] = CASE WHEN CHARINDEX(N'|IsGiftCard|', s.[Withheld]) > 0 THEN t.[IsGiftCard] ELSE s.[IsGiftCard] END
FROM [OrderItems] AS t
INNER JOIN @OrderItems AS s ON t.[StoreId] = @storeId AND t.[ShopifyLineItemId] = s.[ShopifyLineItemId]
INNER JOIN [Orders] AS p ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ParentKey];
INSERT INTO [OrderItems] (
  [StoreId], [ShopifyLineItemId], [OrderId], [ShopifyProductId], [ShopifyVariantId], [IsProductGone],
  [ProductTitle], [Title], [VariantTitle], [ProductVendor], [Sku], [Price], [Quantity],
  [CurrentQuantity], [TotalPrice], [TotalDiscount], [RequiresShipping], [Taxable], [IsGiftCard]
)
SELECT
  @storeId, s.[ShopifyLineItemId], p.[Id], s.[ShopifyProductId], s.[ShopifyVariantId],
  s.[IsProductGone], s.[ProductTitle], s.[Title], s.[VariantTitle], s.[ProductVendor], s.[Sku],
  s.[Price], s.[Quantity], s.[CurrentQuantity], s.[TotalPrice], s.[TotalDiscount],
  s.[RequiresShipping], s.[Taxable], s.[IsGiftCard]
FROM @OrderItems AS s
INNER JOIN [Orders] AS p ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ParentKey]
WHERE NOT EXISTS (SELECT 1 FROM [OrderItems] AS t WHERE t.[StoreId] = @storeId AND t.[ShopifyLineItemId] = s.[ShopifyLineItemId]);

UPDATE t SET
  [OrderId] = p.[Id],
  [Note] = CASE WHEN CHARINDEX(N'|Note|', s.[Withheld]) > 0 THEN t.[Note] ELSE s.[Note] END,
  [TotalRefunded] = CASE WHEN CHARINDEX(N'|TotalRefunded|', s.[Withheld]) > 0 THEN t.[TotalRefunded] ELSE s.[TotalRefunded] END,
  [TotalRefundedPresentment] = CASE WHEN CHARINDEX(N'|TotalRefundedPresentment|', s.[Withheld]) > 0 THEN t.[TotalRefundedPresentment] ELSE s.[TotalRefundedPresentment] END,
  [CreatedAt] = CASE WHEN CHARINDEX(N'|CreatedAt|', s.[Withheld]) > 0 THEN t.[CreatedAt] ELSE s.[CreatedAt] END,
  [ProcessedAt] = CASE WHEN CHARINDEX(N'|ProcessedAt|', s.[Withheld]) > 0 THEN t.[ProcessedAt] ELSE s.[ProcessedAt] END,
  [UpdatedAt] = CASE WHEN CHARINDEX(N'|UpdatedAt|', s.[Withheld]) > 0 THEN t.[UpdatedAt] ELSE s.[UpdatedAt] END
FROM [Refunds] AS t
INNER JOIN @Refunds AS s ON t.[StoreId] = @storeId AND t.[ShopifyRefundId] = s.[ShopifyRefundId]
INNER JOIN [Orders] AS p ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ParentKey];
INSERT INTO [Refunds] (
  [StoreId], [ShopifyRefundId], [OrderId], [Note], [TotalRefunded], [TotalRefundedPresentment],
  [CreatedAt], [ProcessedAt], [UpdatedAt]
)
SELECT
  @storeId, s.[ShopifyRefundId], p.[Id], s.[Note], s.[TotalRefunded], s.[TotalRefundedPresentment],
  s.[CreatedAt], s.[ProcessedAt], s.[UpdatedAt]
FROM @Refunds AS s
INNER JOIN [Orders] AS p ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ParentKey]
WHERE NOT EXISTS (SELECT 1 FROM [Refunds] AS t WHERE t.[StoreId] = @storeId AND t.[ShopifyRefundId] = s.[ShopifyRefundId]);

UPDATE t SET
  [RefundId] = p.[Id],
  [ShopifyLineItemId] = CASE WHEN CHARINDEX(N'|ShopifyLineItemId|', s.[Withheld]) > 0 THEN t.[ShopifyLineItemId] ELSE s.[ShopifyLineItemId] END,
  [Quantity] = CASE WHEN CHARINDEX(N'|Quantity|', s.[Withheld]) > 0 THEN t.[Quantity] ELSE s.[Quantity] END,
  [RestockType] = CASE WHEN CHARINDEX(N'|RestockType|', s.[Withheld]) > 0 THEN t.[RestockType] ELSE s.[RestockType] END,
  [Subtotal] = CASE WHEN CHARINDEX(N'|Subtotal|', s.[Withheld]) > 0 THEN t.[Subtotal] ELSE s.[Subtotal] END,
  [SubtotalPresentment] = CASE WHEN CHARINDEX(N'|SubtotalPresentment|', s.[Withheld]) > 0 THEN t.[SubtotalPresentment] ELSE s.[SubtotalPresentment] END,
  [TotalTax] = CASE WHEN CHARINDEX(N'|TotalTax|', s.[Withheld]) > 0 THEN t.[TotalTax] ELSE s.[TotalTax] END,
  [TotalTaxPresentment] = CASE WHEN CHARINDEX(N'|TotalTaxPresentment|', s.[Withheld]) > 0 THEN t.[TotalTaxPresentment] ELSE s.[TotalTaxPresentment] END
FROM [RefundItems] AS t
INNER JOIN @RefundItems AS s ON t.[StoreId] = @storeId AND t.[ShopifyRefundLineItemId] = s.[ShopifyRefundLineItemId]
INNER JOIN [Refunds] AS p ON p.[StoreId] = @storeId AND p.[ShopifyRefundId] = s.[ParentKey];
INSERT INTO [RefundItems] (
  [StoreId], [ShopifyRefundLineItemId], [RefundId], [ShopifyLineItemId], [Quantity], [RestockType],
  [Subtotal], [SubtotalPresentment], [TotalTax], [TotalTaxPresentment]
)
SELECT
  @storeId, s.[ShopifyRefundLineItemId], p.[Id], s.[ShopifyLineItemId], s.[Quantity], s.[RestockType],
  s.[Subtotal], s.[SubtotalPresentment], s.[TotalTax], s.[TotalTaxPresentment]
FROM @RefundItems AS s
INNER JOIN [Refunds] AS p ON p.[StoreId] = @storeId AND p.[ShopifyRefundId] = s.[ParentKey]
WHERE NOT EXISTS (SELECT 1 FROM [RefundItems] AS t WHERE t.[StoreId] = @storeId AND t.[ShopifyRefundLineItemId] = s.[ShopifyRefundLineItemId]);

DELETE c
FROM [OrderItems] AS c
INNER JOIN [Orders] AS p ON p.[Id] = c.[OrderId]
INNER JOIN @Orders AS s ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ShopifyOrderId]
WHERE (s.[Withheld] IS NULL OR NOT CHARINDEX(N'|OrderItems|', s.[Withheld]) > 0)
  AND NOT EXISTS (SELECT 1 FROM @OrderItems AS r WHERE r.[ShopifyLineItemId] = c.[ShopifyLineItemId]);

DELETE c
FROM [RefundItems] AS c
INNER JOIN [Refunds] AS p ON p.[Id] = c.[RefundId]
INNER JOIN @Refunds AS s ON p.[StoreId] = @storeId AND p.[ShopifyRefundId] = s.[ShopifyRefundId]
WHERE (s.[Withheld] IS NULL OR NOT CHARINDEX(N'|RefundItems|', s.[Withheld]) > 0)
  AND NOT EXISTS (SELECT 1 FROM @RefundItems AS r WHERE r.[ShopifyRefundLineItemId] = c.[ShopifyRefundLineItemId]);

DELETE c
FROM [Refunds] AS c
INNER JOIN [Orders] AS p ON p.[Id] = c.[OrderId]
INNER JOIN @Orders AS s ON p.[StoreId] = @storeId AND p.[ShopifyOrderId] = s.[ShopifyOrderId]
WHERE (s.[Withheld] IS NULL OR NOT CHARINDEX(N'|Refunds|', s.[Withheld]) > 0)
  AND NOT EXISTS (SELECT 1 FROM @Refunds AS r WHERE r.[ShopifyRefundId] = c.[ShopifyRefundId]);
UPDATE t SET [IsActive] = 0, [DeletedAt] = v.[BuriedAt], [SyncedAt] = @now
FROM [Orders] AS t
INNER JOIN @verdicts AS v ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = v.[Id]
WHERE v.[BuriedAt] IS NOT NULL AND t.[DeletedAt] IS NULL;
INSERT INTO [ChangeEvents] (
  [StoreId], [Entity], [ShopifyId], [Type], [RowId], [Columns], [UpdatedAt], [CreatedAt], [DueAt], [State], [Attempts]
)
SELECT @storeId, @entity, c.[Id], c.[Type], t.[Id], c.[Columns], c.[At], @now, @now,
  CASE WHEN @announce = 1 THEN N'waiting' ELSE N'noted' END, 0
FROM @changes AS c
INNER JOIN [Orders] AS t ON t.[StoreId] = @storeId AND t.[ShopifyOrderId] = c.[Id];
DECLARE @settled TABLE (
  [IdLength] int NOT NULL, [Id] nvarchar(50) NOT NULL, [Clears] bit NULL, [Proven] bit NULL,
  [Changed] bit NULL, [RepairedOf] bigint NULL, [UnprovenOf] bigint NULL,
  PRIMARY KEY ([IdLength], [Id])
);
INSERT INTO @settled ([IdLength], [Id], [Clears], [Proven], [Changed], [RepairedOf], [UnprovenOf])
SELECT s.[IdLength], s.[Id], s.[Clears], s.[Proven], CASE WHEN c.[Id] IS NULL THEN 0 ELSE 1 END,
  CASE WHEN s.[Clears] = 1 AND (c.[Id] IS NOT NULL OR m.[Repaired] = 1) THEN m.[FoundByRun] END,
  CASE WHEN s.[Clears] = 1 AND s.[Proven] = 0 THEN m.[FoundByRun] END
FROM @verdicts AS s INNER JOIN [StaleKeys] AS m ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = s.[IdLength] AND m.[Id] = s.[Id] AND m.[Sequence] = s.[Sequence]
LEFT JOIN @changes AS c ON c.[Id] = s.[Id];
DELETE m FROM [StaleKeys] AS m INNER JOIN @settled AS s ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = s.[IdLength] AND m.[Id] = s.[Id] WHERE s.[Clears] = 1;
UPDATE m SET
  [DueAt] = DATEADD(millisecond, s.[DueInMs] % 1000, DATEADD(second, s.[DueInMs] / 1000, @now)),
  [FirstNullAt] = s.[FirstNullAt], [FirstLiveAt] = s.[FirstLiveAt], [Attempts] = s.[Attempts],
  [Lane] = CASE WHEN m.[Lane] >= 1 OR 1 IS NULL THEN m.[Lane] ELSE 1 END,
  [Repaired] = CASE WHEN k.[Changed] = 1 THEN 1 ELSE m.[Repaired] END,
  [ExcusesBefore] = COALESCE(s.[ExcusesBefore], m.[ExcusesBefore])
FROM [StaleKeys] AS m INNER JOIN @verdicts AS s ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = s.[IdLength] AND m.[Id] = s.[Id]
INNER JOIN @settled AS k ON k.[IdLength] = s.[IdLength] AND k.[Id] = s.[Id]
WHERE k.[Clears] = 0;
DECLARE @answered TABLE (
  [Id] bigint NOT NULL, [TriggeredAt] datetime2(3) NULL, [TraceParent] nvarchar(55) NULL,
  PRIMARY KEY ([Id])
);
INSERT INTO @answered ([Id], [TriggeredAt], [TraceParent])
SELECT d.[Id], d.[TriggeredAt], d.[TraceParent]
FROM [Deliveries] AS d INNER JOIN (SELECT [Id] FROM @settled WHERE [Proven] = 1) AS s ON d.[StoreId] = @storeId AND d.[Entity] = @entity AND d.[ShopifyId] = s.[Id]
WHERE d.[RefreshedAt] IS NULL;
UPDATE d SET [RefreshedAt] = @now FROM [Deliveries] AS d INNER JOIN @answered AS s ON d.[Id] = s.[Id];
DECLARE @gaps TABLE (
  [ShopifyId] nvarchar(50) NOT NULL, [RunId] bigint NULL, [FoundBy] nvarchar(20) NULL,
  [Reason] nvarchar(20) NULL, [ChangedAt] datetime2(3) NULL, [SeenAt] datetime2(3) NULL,
  PRIMARY KEY ([ShopifyId])
);
INSERT INTO @gaps ([ShopifyId], [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt])
SELECT j.[ShopifyId], j.[RunId], j.[FoundBy], j.[Reason], j.[ChangedAt], j.[SeenAt]
FROM OPENJSON(@gapsJson) WITH (
  [ShopifyId] nvarchar(50) '$.ShopifyId', [RunId] bigint '$.RunId',
  [FoundBy] nvarchar(20) '$.FoundBy', [Reason] nvarchar(20) '$.Reason',
  [ChangedAt] datetime2(3) '$.ChangedAt', [SeenAt] datetime2(3) '$.SeenAt'
) AS j;
INSERT INTO [Gaps] ([StoreId], [Entity], [ShopifyId], [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt], [FoundAt])
SELECT @storeId, @entity, s.[ShopifyId], s.[RunId], s.[FoundBy], s.[Reason], s.[ChangedAt], s.[SeenAt], @now FROM @gaps AS s
WHERE NOT EXISTS (SELECT 1 FROM [Gaps] AS g WHERE g.[StoreId] = @storeId AND g.[Entity] = @entity
  AND g.[ShopifyId] = s.[ShopifyId] AND g.[HealedAt] IS NULL);
UPDATE g SET [HealedAt] = @now
FROM [Gaps] AS g INNER JOIN (SELECT [Id] FROM @settled WHERE [Proven] = 1) AS s ON g.[StoreId] = @storeId AND g.[Entity] = @entity AND g.[ShopifyId] = s.[Id]
WHERE g.[HealedAt] IS NULL;
DELETE r
FROM [Rejects] AS r
INNER JOIN @verdicts AS v ON v.[Id] = r.[ShopifyId]
WHERE r.[StoreId] = @storeId AND r.[Entity] = @entity
  AND (v.[Writes] = 1 OR EXISTS (SELECT 1 FROM @changes AS c WHERE c.[Id] = v.[Id])
    OR EXISTS (SELECT 1 FROM @settled AS k WHERE k.[Id] = v.[Id] AND k.[Clears] = 1));
UPDATE t SET
  [Reason] = s.[Reason],
  [LastAt] = @now,
  [Times] = t.[Times] + 1
FROM [Rejects] AS t
INNER JOIN @rejects AS s ON t.[StoreId] = @storeId AND t.[Entity] = @entity AND t.[ShopifyId] = s.[ShopifyId];
INSERT INTO [Rejects] (
  [StoreId], [Entity], [ShopifyId], [Reason], [FirstAt], [LastAt], [Times]
)
SELECT
  @storeId, @entity, s.[ShopifyId], s.[Reason], @now, @now, 1
FROM @rejects AS s
WHERE NOT EXISTS (SELECT 1 FROM [Rejects] AS t WHERE t.[StoreId] = @storeId AND t.[Entity] = @entity AND t.[ShopifyId] = s.[ShopifyId]);
DECLARE @unannounced int = (
  SELECT COUNT(*) FROM @changes AS c
  INNER JOIN @verdicts AS v ON v.[Id] = c.[Id]
  WHERE c.[Type] = N'deleted' AND v.[Announced] = 0
);
IF @unannounced > 0
BEGIN
  DELETE FROM [Burials] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] <= DATEADD(hour, -1, @now);
  UPDATE [Burials] SET [Times] = [Times] + @unannounced
  WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] = @now;
  IF @@ROWCOUNT = 0
    INSERT INTO [Burials] ([StoreId], [Entity], [BuriedAt], [Times]) VALUES (@storeId, @entity, @now, @unannounced);
END;
UPDATE @raises SET
  [DueAt] = DATEADD(millisecond, [DueInMs] % 1000, DATEADD(second, [DueInMs] / 1000, @now)),
  [DeleteAnnouncedAt] = CASE WHEN [AnnouncesDelete] = 1 THEN @now END,
  [HintedAt] = CASE WHEN [Hints] = 1 THEN @now END;
UPDATE m SET
  [Sequence] = r.[Sequence], [Reason] = r.[Reason], [Announces] = r.[Announces],
  [Lane] = CASE WHEN m.[Lane] <= r.[Lane] OR r.[Lane] IS NULL THEN m.[Lane] ELSE r.[Lane] END,
  [DueAt] = CASE WHEN m.[DueAt] <= r.[DueAt] OR r.[DueAt] IS NULL THEN m.[DueAt] ELSE r.[DueAt] END,
  [ExpectedUpdatedAt] = CASE WHEN m.[ExpectedUpdatedAt] >= r.[ExpectedUpdatedAt] OR r.[ExpectedUpdatedAt] IS NULL THEN m.[ExpectedUpdatedAt] ELSE r.[ExpectedUpdatedAt] END,
  [DeleteAnnouncedAt] = CASE WHEN m.[DeleteAnnouncedAt] >= r.[DeleteAnnouncedAt] OR r.[DeleteAnnouncedAt] IS NULL THEN m.[DeleteAnnouncedAt] ELSE r.[DeleteAnnouncedAt] END,
  [HintedAt] = CASE WHEN m.[HintedAt] >= r.[HintedAt] OR r.[HintedAt] IS NULL THEN m.[HintedAt] ELSE r.[HintedAt] END,
  [FoundByRun] = COALESCE(m.[FoundByRun], r.[FoundByRun]),
  [ExcusesBefore] = CASE WHEN r.[FoundByRun] IS NULL THEN m.[ExcusesBefore] END,
  [RaisedAt] = @now, [Attempts] = 0, [HeldByRun] = NULL
FROM [StaleKeys] AS m INNER JOIN @raises AS r ON m.[StoreId] = @storeId AND m.[Entity] = r.[Entity] AND m.[IdLength] = r.[IdLength] AND m.[Id] = r.[Id];
INSERT INTO [StaleKeys] ([StoreId], [Entity], [IdLength], [Id], [Sequence], [Lane], [Reason], [Announces], [ExpectedUpdatedAt], [FoundByRun], [DueAt], [DeleteAnnouncedAt], [HintedAt], [MarkedAt], [RaisedAt], [Attempts], [Repaired])
SELECT @storeId, r.[Entity], r.[IdLength], r.[Id], r.[Sequence], r.[Lane], r.[Reason], r.[Announces], r.[ExpectedUpdatedAt], r.[FoundByRun], r.[DueAt], r.[DeleteAnnouncedAt], r.[HintedAt], @now, @now, 0, 0
FROM @raises AS r WHERE NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[StoreId] = @storeId AND m.[Entity] = r.[Entity] AND m.[IdLength] = r.[IdLength] AND m.[Id] = r.[Id]);
UPDATE r SET [Repaired] = r.[Repaired] + c.[Times]
FROM [SyncRuns] AS r
INNER JOIN (SELECT [RepairedOf], COUNT(*) AS [Times] FROM @settled WHERE [RepairedOf] IS NOT NULL GROUP BY [RepairedOf]) AS c
  ON c.[RepairedOf] = r.[Id];
UPDATE u SET [EndedAt] = @now FROM [UnprovenKeys] AS u INNER JOIN @settled AS s ON u.[StoreId] = @storeId AND u.[Entity] = @entity AND u.[FoundByRun] = s.[UnprovenOf] AND u.[ShopifyId] = s.[Id];
INSERT INTO [UnprovenKeys] ([StoreId], [Entity], [FoundByRun], [ShopifyId], [EndedAt])
SELECT @storeId, @entity, s.[UnprovenOf], s.[Id], @now FROM @settled AS s
WHERE s.[UnprovenOf] IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [UnprovenKeys] AS u WHERE u.[StoreId] = @storeId AND u.[Entity] = @entity AND u.[FoundByRun] = s.[UnprovenOf] AND u.[ShopifyId] = s.[Id]);
DECLARE @hour datetime2(3) = DATEADD(hour, DATEPART(hour, @now), CAST(CAST(@now AS date) AS datetime2(3)));
UPDATE [SyncRuns] SET [Seen] = [Seen] + @seen, [Unchanged] = [Unchanged] + @unchanged, [Written] = [Written] + @written, [Deleted] = [Deleted] + @deleted, [Failed] = [Failed] + @failed, [Deferred] = [Deferred] + @deferred, [Unknowable] = [Unknowable] + @unknowable, [Points] = [Points] + @points, [MovedAt] = @now, [FinishedAt] = @now
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [Kind] = N'refresh' AND [StartedAt] = @hour;
IF @@ROWCOUNT = 0
  INSERT INTO [SyncRuns] ([StoreId], [Entity], [Kind], [State], [StartedAt], [MovedAt], [FinishedAt], [Seen], [Unchanged], [Written], [Deleted], [Failed], [Deferred], [Unknowable], [Points], [Repaired])
  VALUES (@storeId, @entity, N'refresh', N'succeeded', @hour, @now, @now, @seen, @unchanged, @written, @deleted, @failed, @deferred, @unknowable, @points, 0);
SELECT [TriggeredAt], [TraceParent], @now AS [RefreshedAt] FROM @answered;
COMMIT TRANSACTION;
