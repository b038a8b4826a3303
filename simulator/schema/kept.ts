/**
 * The object types, interfaces and unions of the cut. A field stays when its type does; enums, scalars and
 * input types need no mention. To simulate more of Shopify, name more here and run `npm run simulator:schema`.
 */
export const KEPT_TYPES: readonly string[] = words(`
  QueryRoot Mutation Node PageInfo Count UserError
  Shop ShopPlan ShopResourceLimits Domain
  App AppInstallation AccessScope ApiVersion
  MoneyBag MoneyV2 MailingAddress Attribute Image SEO TaxLine Weight
  Customer CustomerConnection CustomerEdge CustomerEmailAddress CustomerPhoneNumber CustomerSmsMarketingConsent
  Product ProductConnection ProductEdge ProductOption ProductPriceRangeV2 TaxonomyCategory Media MediaPreviewImage
  ProductVariant ProductVariantConnection ProductVariantEdge SelectedOption InventoryItem InventoryItemMeasurement
  Order OrderConnection OrderEdge OrderApp OrderAttribution Location
  LineItem LineItemConnection LineItemEdge DiscountAllocation
  DiscountApplication DiscountApplicationConnection DiscountApplicationEdge
  DiscountCodeApplication AutomaticDiscountApplication ManualDiscountApplication ScriptDiscountApplication
  PricingValue PricingPercentageValue
  ShippingLine ShippingLineConnection ShippingLineEdge
  Refund RefundLineItem RefundLineItemConnection RefundLineItemEdge Return
  RefundShippingLine RefundShippingLineConnection RefundShippingLineEdge
  OrderAdjustment OrderAdjustmentConnection OrderAdjustmentEdge
  OrderTransaction OrderTransactionConnection OrderTransactionEdge TransactionFee
  Fulfillment FulfillmentTrackingInfo FulfillmentLineItem FulfillmentLineItemConnection FulfillmentLineItemEdge
  Event EventConnection EventEdge BasicEvent
  WebhookSubscription WebhookSubscriptionConnection WebhookSubscriptionEdge
  WebhookSubscriptionCreatePayload WebhookSubscriptionUpdatePayload WebhookSubscriptionDeletePayload
  WebhookHttpEndpoint WebhookEventBridgeEndpoint WebhookPubSubEndpoint WebhookSubscriptionEndpoint
  BulkOperation BulkOperationConnection BulkOperationEdge BulkOperationUserError
  BulkOperationRunQueryPayload BulkOperationCancelPayload
`);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
