/** Columns whose values move without their object's `updatedAt` (tags, consent, spend; an order's customer after a merge). */
const UNVERSIONED: readonly RegExp[] = [
  /^Customers\/\d+\.(Tags|Accepts\w+|TotalSpent\w*|TotalOrders|LastOrderDate|LastShopifyOrderId)/,
  /^Orders\/\d+\.(Shopify)?CustomerId/,
  /^ProductVariants\/\d+\.UnitCost/,
  /^OrderItems\/\d+\.(Shopify)?(Product|Variant)/,
  /^OrderItems\/\d+\.(CompareAtPrice|Option)/,
];

/** Columns that are copied from the mirrored row of another object, or say whether that object is there. */
const LINKED: readonly RegExp[] = [
  /^Orders\/\d+\.CustomerId/,
  /^OrderItems\/\d+\.((Shopify)?ProductId|ShopifyVariantId|ProductHandle|ProductType|CompareAtPrice|Option)/,
];

export const isUnversioned = (where: string): boolean => UNVERSIONED.some((column) => column.test(where));
export const isLinked = (where: string): boolean => LINKED.some((column) => column.test(where));
