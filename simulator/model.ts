/**
 * The objects of a simulated shop, in the shape of Shopify's GraphQL types: a property is the value of the
 * field of the same name, so that graphql-js resolves most of them by itself. Three conventions:
 *
 * - Times are milliseconds since 1970 (with fractions inside a second, as Shopify keeps microseconds); the
 *   DateTime scalar prints them in whole seconds, as Shopify does. Every `…At` property is such a number.
 * - A reference to another top-level object is its GID in a property ending in `Gid`; the resolver looks the
 *   object up. `null` where Shopify may answer null (a guest's order, a deleted product of a line item).
 * - A nested connection or list is a plain array; the resolver pages through it.
 *
 * Objects are immutable: a change puts a new object into its collection (structural sharing is fine), because
 * replicas and the search index still answer with the earlier version for a while.
 */

export interface Money {
  /** Exact decimal text, with zeros trimmed the way GraphQL does it: "400.0", "1234.56", "12000.0". */
  readonly amount: string;
  readonly currencyCode: string;
}

export interface MoneyBag {
  readonly shopMoney: Money;
  readonly presentmentMoney: Money;
}

export interface Address {
  readonly id: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly company: string | null;
  readonly address1: string | null;
  readonly address2: string | null;
  readonly city: string | null;
  readonly province: string | null;
  readonly provinceCode: string | null;
  readonly country: string | null;
  readonly countryCodeV2: string | null;
  readonly zip: string | null;
  readonly phone: string | null;
}

export interface Customer {
  readonly __typename: 'Customer';
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly defaultEmailAddress: {
    readonly emailAddress: string;
    readonly marketingState: string;
    readonly marketingOptInLevel: string | null;
    readonly marketingUpdatedAt: number | null;
    readonly validFormat: boolean;
  } | null;
  readonly defaultPhoneNumber: {
    readonly phoneNumber: string;
    readonly smsMarketingConsent: {
      readonly state: string;
      readonly optInLevel: string;
      readonly updatedAt: number | null;
      readonly collectedFrom: string;
    };
  } | null;
  readonly defaultAddress: Address | null;
  readonly state: string;
  readonly verifiedEmail: boolean;
  readonly locale: string;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly taxExempt: boolean;
  readonly taxExemptions: readonly string[];
  readonly dataSaleOptOut: boolean;
  /** UnsignedInt64: printed as a string. Computed from the orders without moving `updatedAt` when so configured. */
  readonly numberOfOrders: string;
  readonly amountSpent: Money;
  readonly lastOrderGid: string | null;
}

export interface ProductVariant {
  readonly __typename: 'ProductVariant';
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly title: string;
  readonly sku: string | null;
  readonly barcode: string | null;
  /** All of them where there are several; `barcode` is the first. */
  readonly barcodes?: readonly string[];
  readonly position: number;
  /** Money scalars: plain decimal text. */
  readonly price: string;
  readonly compareAtPrice: string | null;
  readonly taxable: boolean;
  readonly availableForSale: boolean;
  readonly inventoryPolicy: string;
  readonly inventoryQuantity: number | null;
  readonly selectedOptions: readonly { readonly name: string; readonly value: string }[];
  readonly inventoryItem: {
    readonly __typename: 'InventoryItem';
    readonly id: string;
    readonly tracked: boolean;
    readonly requiresShipping: boolean;
    readonly unitCost: Money | null;
    readonly measurement: { readonly weight: { readonly value: number; readonly unit: string } | null };
  };
}

export interface Product {
  readonly __typename: 'Product';
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly publishedAt: number | null;
  readonly handle: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly vendor: string;
  readonly productType: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly isGiftCard: boolean;
  readonly hasOnlyDefaultVariant: boolean;
  readonly totalInventory: number;
  readonly tracksInventory: boolean;
  readonly category: { readonly id: string; readonly fullName: string } | null;
  readonly options: readonly {
    readonly id: string;
    readonly name: string;
    readonly position: number;
    readonly values: readonly string[];
  }[];
  /** Connection `variants`, in order of position. */
  readonly variants: readonly ProductVariant[];
}

export interface LineItem {
  readonly __typename: 'LineItem';
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly variantTitle: string | null;
  readonly sku: string | null;
  readonly vendor: string | null;
  readonly quantity: number;
  readonly currentQuantity: number;
  readonly isGiftCard: boolean;
  readonly requiresShipping: boolean;
  readonly taxable: boolean;
  readonly productGid: string | null;
  readonly variantGid: string | null;
  readonly originalUnitPriceSet: MoneyBag;
  readonly originalTotalSet: MoneyBag;
  readonly discountedTotalSet: MoneyBag;
  readonly totalDiscountSet: MoneyBag;
  readonly discountAllocations: readonly { readonly allocatedAmountSet: MoneyBag }[];
}

export interface RefundLineItem {
  readonly __typename: 'RefundLineItem';
  /** Nullable in Shopify's schema. */
  readonly id: string | null;
  readonly quantity: number;
  readonly restockType: string;
  readonly restocked: boolean;
  /** GID of one of the order's own line items. */
  readonly lineItemGid: string;
  readonly priceSet: MoneyBag;
  readonly subtotalSet: MoneyBag;
  readonly totalTaxSet: MoneyBag;
}

export interface Refund {
  readonly __typename: 'Refund';
  readonly id: string;
  readonly createdAt: number | null;
  readonly processedAt: number;
  readonly updatedAt: number;
  readonly note: string | null;
  readonly totalRefundedSet: MoneyBag;
  /** Connection `refundLineItems`. */
  readonly refundLineItems: readonly RefundLineItem[];
}

export interface Order {
  readonly __typename: 'Order';
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly createdAt: number;
  readonly processedAt: number;
  readonly updatedAt: number;
  readonly cancelledAt: number | null;
  readonly cancelReason: string | null;
  readonly closedAt: number | null;
  readonly closed: boolean;
  readonly confirmed: boolean;
  readonly edited: boolean;
  readonly test: boolean;
  readonly email: string | null;
  readonly phone: string | null;
  readonly customerLocale: string | null;
  readonly customerGid: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly sourceName: string | null;
  readonly displayFinancialStatus: string | null;
  readonly displayFulfillmentStatus: string;
  readonly returnStatus: string;
  readonly currencyCode: string;
  readonly presentmentCurrencyCode: string;
  readonly taxesIncluded: boolean;
  readonly taxExempt: boolean;
  readonly discountCodes: readonly string[];
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
  readonly subtotalPriceSet: MoneyBag | null;
  readonly totalDiscountsSet: MoneyBag | null;
  readonly totalShippingPriceSet: MoneyBag;
  readonly totalTaxSet: MoneyBag | null;
  readonly totalPriceSet: MoneyBag;
  readonly currentSubtotalPriceSet: MoneyBag;
  readonly currentTotalDiscountsSet: MoneyBag;
  readonly currentTotalTaxSet: MoneyBag;
  readonly currentTotalPriceSet: MoneyBag;
  readonly originalTotalPriceSet: MoneyBag;
  readonly totalOutstandingSet: MoneyBag;
  readonly totalReceivedSet: MoneyBag;
  readonly totalRefundedSet: MoneyBag;
  readonly netPaymentSet: MoneyBag;
  /** Connection `lineItems`. */
  readonly lineItems: readonly LineItem[];
  /** A list, not a connection: `refunds(first:)`. */
  readonly refunds: readonly Refund[];
}

/** The three mirrored kinds, by the name of their connection. */
export interface Kinds {
  readonly customers: Customer;
  readonly products: Product;
  readonly orders: Order;
}
export type Kind = keyof Kinds;
export const kinds = ['customers', 'products', 'orders'] as const satisfies readonly Kind[];
