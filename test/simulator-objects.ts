/** The smallest objects that a simulated shop accepts. */
import type { Customer, MoneyBag, Order, Product, ProductVariant } from '../simulator/model.ts';
import { DAY, HOUR, START } from './simulator-world.ts';

const zero: MoneyBag = {
  shopMoney: { amount: '0.0', currencyCode: 'EUR' },
  presentmentMoney: { amount: '0.0', currencyCode: 'EUR' },
};

export function customer(id: string | number, updatedAt: number, change: Partial<Customer> = {}): Customer {
  return {
    __typename: 'Customer',
    id: `gid://shopify/Customer/${id}`,
    createdAt: START - 90 * DAY,
    updatedAt,
    firstName: 'Aiko',
    lastName: 'Mori',
    defaultEmailAddress: {
      emailAddress: `c${id}@example.com`,
      marketingState: 'SUBSCRIBED',
      marketingOptInLevel: null,
      marketingUpdatedAt: null,
      validFormat: true,
    },
    defaultPhoneNumber: null,
    defaultAddress: null,
    state: 'ENABLED',
    verifiedEmail: true,
    locale: 'ja',
    note: null,
    tags: [],
    taxExempt: false,
    taxExemptions: [],
    dataSaleOptOut: false,
    numberOfOrders: '0',
    amountSpent: { amount: '0.0', currencyCode: 'EUR' },
    lastOrderGid: null,
    ...change,
  };
}

export function order(id: number, createdAt: number, change: Partial<Order> = {}): Order {
  return {
    __typename: 'Order',
    id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    number: id,
    createdAt,
    processedAt: createdAt,
    updatedAt: createdAt,
    cancelledAt: null,
    cancelReason: null,
    closedAt: null,
    closed: false,
    confirmed: true,
    edited: false,
    test: false,
    email: null,
    phone: null,
    customerLocale: null,
    customerGid: null,
    note: null,
    tags: [],
    sourceName: 'web',
    displayFinancialStatus: 'PAID',
    displayFulfillmentStatus: 'UNFULFILLED',
    returnStatus: 'NO_RETURN',
    currencyCode: 'EUR',
    presentmentCurrencyCode: 'EUR',
    taxesIncluded: true,
    taxExempt: false,
    discountCodes: [],
    shippingAddress: null,
    billingAddress: null,
    subtotalPriceSet: zero,
    totalDiscountsSet: zero,
    totalShippingPriceSet: zero,
    totalTaxSet: null,
    totalPriceSet: zero,
    currentSubtotalPriceSet: zero,
    currentTotalDiscountsSet: zero,
    currentTotalTaxSet: zero,
    currentTotalPriceSet: zero,
    originalTotalPriceSet: zero,
    totalOutstandingSet: zero,
    totalReceivedSet: zero,
    totalRefundedSet: zero,
    netPaymentSet: zero,
    lineItems: [],
    refunds: [],
    ...change,
  };
}

export function product(id: number, variants: number): Product {
  return {
    __typename: 'Product',
    id: `gid://shopify/Product/${id}`,
    createdAt: START - DAY,
    updatedAt: START - DAY,
    publishedAt: null,
    handle: `tea-${id}`,
    title: 'Tea',
    descriptionHtml: '',
    vendor: 'Tea & Co',
    productType: 'Tea',
    status: 'ACTIVE',
    tags: [],
    isGiftCard: false,
    hasOnlyDefaultVariant: false,
    totalInventory: 0,
    tracksInventory: true,
    category: null,
    options: [],
    variants: Array.from({ length: variants }, (_, i) => variant(id * 1000 + i, i + 1)),
  };
}

function variant(id: number, position: number): ProductVariant {
  return {
    __typename: 'ProductVariant',
    id: `gid://shopify/ProductVariant/${id}`,
    createdAt: START - DAY,
    updatedAt: START - DAY,
    title: `No. ${position}`,
    sku: null,
    barcode: null,
    position,
    price: '4.5',
    compareAtPrice: null,
    taxable: true,
    availableForSale: true,
    inventoryPolicy: 'DENY',
    inventoryQuantity: 3,
    selectedOptions: [],
    inventoryItem: {
      __typename: 'InventoryItem',
      id: `gid://shopify/InventoryItem/${id}`,
      tracked: true,
      requiresShipping: true,
      unitCost: null,
      measurement: { weight: null },
    },
  };
}

/** Order 5 with refund 50 of one of the two teas in line 51. */
export function refundedOrder(): Order {
  const line = {
    __typename: 'LineItem',
    id: 'gid://shopify/LineItem/51',
    name: 'Tea',
    title: 'Tea',
    variantTitle: null,
    sku: null,
    vendor: null,
    quantity: 2,
    currentQuantity: 1,
    isGiftCard: false,
    requiresShipping: true,
    taxable: true,
    productGid: null,
    variantGid: null,
    originalUnitPriceSet: zero,
    originalTotalSet: zero,
    discountedTotalSet: zero,
    totalDiscountSet: zero,
    discountAllocations: [],
  } as const;
  const refundLine = {
    __typename: 'RefundLineItem',
    id: null,
    quantity: 1,
    restockType: 'RETURN',
    restocked: true,
    lineItemGid: line.id,
    priceSet: zero,
    subtotalSet: zero,
    totalTaxSet: zero,
  } as const;
  const refund = {
    __typename: 'Refund',
    id: 'gid://shopify/Refund/50',
    createdAt: START,
    processedAt: START,
    updatedAt: START,
    note: null,
    totalRefundedSet: zero,
    refundLineItems: [refundLine],
  } as const;
  return order(5, START - HOUR, { lineItems: [line], refunds: [refund] });
}
