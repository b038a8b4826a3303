-- SQLite

select "Id", "ShopifyOrderId", "DeletedAt", "ErasedAt", "OrderNumber", "ShopifyCustomerId", "CustomerId", "Email", cast("TotalPrice" as text), cast("TotalPricePresentment" as text), cast("SubtotalPrice" as text), cast("SubtotalPricePresentment" as text), cast("TotalTax" as text), cast("TotalTaxPresentment" as text), cast("TaxPrice" as text), cast("TaxPricePresentment" as text), cast("TotalDiscounts" as text), cast("TotalDiscountsPresentment" as text), cast("TotalShipping" as text), cast("TotalShippingPresentment" as text), cast("TotalRefunded" as text), cast("TotalRefundedPresentment" as text), cast("NetPayment" as text), cast("NetPaymentPresentment" as text), cast("CurrentTotalPrice" as text), cast("CurrentTotalPricePresentment" as text), "Currency", "PresentmentCurrency", "Status", "FinancialStatus", "FulfillmentStatus", "CancelledAt", "CancelReason", "SourceName", "Tags", "DiscountCodes", "IsTest", "ShopifyProcessedAt", "CreatedAt", "UpdatedAt", "ShopifyCreatedAt", "ShopifyUpdatedAt" from "Orders" where (("Orders"."StoreId" = ?) and (("Orders"."IdLength", "Orders"."ShopifyOrderId") > (?, ?))) order by "Orders"."IdLength" asc, "Orders"."ShopifyOrderId" asc limit ?;

select "Id", "ShopifyLineItemId", "OrderId", "ShopifyProductId", "ShopifyVariantId", "IsProductGone", "ProductId", "ProductTitle", "Title", "VariantTitle", "ProductHandle", "ProductVendor", "ProductType", "Sku", cast("Price" as text), cast("CompareAtPrice" as text), "Quantity", "CurrentQuantity", cast("TotalPrice" as text), cast("TotalDiscount" as text), "Option1Name", "Option1Value", "Option2Name", "Option2Value", "Option3Name", "Option3Value", "RequiresShipping", "Taxable", "IsGiftCard" from "OrderItems" where "OrderItems"."OrderId" in (select value from json_each(?)) order by "OrderItems"."OrderId" asc, length("OrderItems"."ShopifyLineItemId"), "OrderItems"."ShopifyLineItemId" asc;

select "Id", "ShopifyRefundId", "OrderId", "Note", cast("TotalRefunded" as text), cast("TotalRefundedPresentment" as text), "CreatedAt", "ProcessedAt", "UpdatedAt" from "Refunds" where "Refunds"."OrderId" in (select value from json_each(?)) order by "Refunds"."OrderId" asc, length("Refunds"."ShopifyRefundId"), "Refunds"."ShopifyRefundId" asc;

select "Id", "ShopifyRefundLineItemId", "RefundId", "ShopifyLineItemId", "Quantity", "RestockType", cast("Subtotal" as text), cast("SubtotalPresentment" as text), cast("TotalTax" as text), cast("TotalTaxPresentment" as text) from "RefundItems" where "RefundItems"."RefundId" in (select value from json_each(?)) order by "RefundItems"."RefundId" asc, length("RefundItems"."ShopifyRefundLineItemId"), "RefundItems"."ShopifyRefundLineItemId" asc;

-- SQL Server, in one round trip, with
-- @clock datetime2(3), @storeId bigint, @limit bigint, @firstLength bigint, @firstAfter nvarchar(4000),
-- @firstThrough nvarchar(4000), @lastLength bigint, @lastThrough nvarchar(4000)

SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @now datetime2(3) = COALESCE(@clock, SYSUTCDATETIME());
DECLARE @page TABLE ([Id] bigint NOT NULL PRIMARY KEY);
INSERT INTO @page ([Id])
  SELECT TOP (@limit) [Id] FROM (
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyOrderId] AS [Text] FROM [Orders]
      WHERE [StoreId] = @storeId AND [IdLength] = CAST(@firstLength AS int) AND [ShopifyOrderId] > @firstAfter AND [ShopifyOrderId] <= @firstThrough
      ORDER BY [IdLength], [ShopifyOrderId]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyOrderId] AS [Text] FROM [Orders]
      WHERE [StoreId] = @storeId AND [IdLength] > CAST(@firstLength AS int) AND [IdLength] < CAST(@lastLength AS int)
      ORDER BY [IdLength], [ShopifyOrderId]
    ) AS p
    UNION ALL
    SELECT [Id], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [Id], [IdLength], [ShopifyOrderId] AS [Text] FROM [Orders]
      WHERE [StoreId] = @storeId AND [IdLength] = CAST(@lastLength AS int) AND [ShopifyOrderId] <= @lastThrough
      ORDER BY [IdLength], [ShopifyOrderId]
    ) AS p
  ) AS parts
  ORDER BY [IdLength], [Text];
SELECT
  t.[Id], t.[ShopifyOrderId], t.[DeletedAt], t.[ErasedAt], t.[OrderNumber], t.[ShopifyCustomerId],
  t.[CustomerId], t.[Email], CAST(t.[TotalPrice] AS varchar(40)) AS [TotalPrice],
  CAST(t.[TotalPricePresentment] AS varchar(40)) AS [TotalPricePresentment],
  CAST(t.[SubtotalPrice] AS varchar(40)) AS [SubtotalPrice],
  CAST(t.[SubtotalPricePresentment] AS varchar(40)) AS [SubtotalPricePresentment],
  CAST(t.[TotalTax] AS varchar(40)) AS [TotalTax],
  CAST(t.[TotalTaxPresentment] AS varchar(40)) AS [TotalTaxPresentment],
  CAST(t.[TaxPrice] AS varchar(40)) AS [TaxPrice],
  CAST(t.[TaxPricePresentment] AS varchar(40)) AS [TaxPricePresentment],
  CAST(t.[TotalDiscounts] AS varchar(40)) AS [TotalDiscounts],
  CAST(t.[TotalDiscountsPresentment] AS varchar(40)) AS [TotalDiscountsPresentment],
  CAST(t.[TotalShipping] AS varchar(40)) AS [TotalShipping],
  CAST(t.[TotalShippingPresentment] AS varchar(40)) AS [TotalShippingPresentment],
  CAST(t.[TotalRefunded] AS varchar(40)) AS [TotalRefunded],
  CAST(t.[TotalRefundedPresentment] AS varchar(40)) AS [TotalRefundedPresentment],
  CAST(t.[NetPayment] AS varchar(40)) AS [NetPayment],
  CAST(t.[NetPaymentPresentment] AS varchar(40)) AS [NetPaymentPresentment],
  CAST(t.[CurrentTotalPrice] AS varchar(40)) AS [CurrentTotalPrice],
  CAST(t.[CurrentTotalPricePresentment] AS varchar(40)) AS [CurrentTotalPricePresentment],
  t.[Currency], t.[PresentmentCurrency], t.[Status], t.[FinancialStatus], t.[FulfillmentStatus],
  t.[CancelledAt], t.[CancelReason], t.[SourceName], t.[Tags], t.[DiscountCodes], t.[IsTest],
  t.[ShopifyProcessedAt], t.[CreatedAt], t.[UpdatedAt], t.[ShopifyCreatedAt], t.[ShopifyUpdatedAt]
FROM [Orders] AS t
WHERE t.[Id] IN (SELECT [Id] FROM @page)
ORDER BY t.[IdLength], t.[ShopifyOrderId];
SELECT
  t.[Id], t.[ShopifyLineItemId], t.[OrderId], t.[ShopifyProductId], t.[ShopifyVariantId],
  t.[IsProductGone], t.[ProductId], t.[ProductTitle], t.[Title], t.[VariantTitle], t.[ProductHandle],
  t.[ProductVendor], t.[ProductType], t.[Sku], CAST(t.[Price] AS varchar(40)) AS [Price],
  CAST(t.[CompareAtPrice] AS varchar(40)) AS [CompareAtPrice], t.[Quantity], t.[CurrentQuantity],
  CAST(t.[TotalPrice] AS varchar(40)) AS [TotalPrice],
  CAST(t.[TotalDiscount] AS varchar(40)) AS [TotalDiscount], t.[Option1Name], t.[Option1Value],
  t.[Option2Name], t.[Option2Value], t.[Option3Name], t.[Option3Value], t.[RequiresShipping],
  t.[Taxable], t.[IsGiftCard]
FROM [OrderItems] AS t
WHERE t.[OrderId] IN (SELECT [Id] FROM @page)
ORDER BY t.[OrderId], LEN(t.[ShopifyLineItemId]), t.[ShopifyLineItemId];
SELECT
  t.[Id], t.[ShopifyRefundId], t.[OrderId], t.[Note],
  CAST(t.[TotalRefunded] AS varchar(40)) AS [TotalRefunded],
  CAST(t.[TotalRefundedPresentment] AS varchar(40)) AS [TotalRefundedPresentment], t.[CreatedAt],
  t.[ProcessedAt], t.[UpdatedAt]
FROM [Refunds] AS t
WHERE t.[OrderId] IN (SELECT [Id] FROM @page)
ORDER BY t.[OrderId], LEN(t.[ShopifyRefundId]), t.[ShopifyRefundId];
SELECT
  t.[Id], t.[ShopifyRefundLineItemId], t.[RefundId], t.[ShopifyLineItemId], t.[Quantity],
  t.[RestockType], CAST(t.[Subtotal] AS varchar(40)) AS [Subtotal],
  CAST(t.[SubtotalPresentment] AS varchar(40)) AS [SubtotalPresentment],
  CAST(t.[TotalTax] AS varchar(40)) AS [TotalTax],
  CAST(t.[TotalTaxPresentment] AS varchar(40)) AS [TotalTaxPresentment]
FROM [RefundItems] AS t
WHERE t.[RefundId] IN (SELECT [Id] FROM [Refunds] WHERE [OrderId] IN (SELECT [Id] FROM @page))
ORDER BY t.[RefundId], LEN(t.[ShopifyRefundLineItemId]), t.[ShopifyRefundLineItemId];
