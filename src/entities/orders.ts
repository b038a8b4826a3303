import { z } from 'zod';
import { decimalText, tenThousandths } from '../decimal.ts';
import {
  boolean,
  type Column,
  type Columns,
  derived,
  gone,
  id,
  instant,
  integer,
  linked,
  longText,
  money,
  text,
  words,
} from './column.ts';
import type { ChildSet, Entity, TopicKey } from './entity.ts';

/** Where a name may stand. Discount codes stay: they are the merchant's, and the money is not explained without them. */
const PERSONAL = { personal: true };

/** `TotalPrice` in the shop's currency and `TotalPricePresentment` in the buyer's, from one MoneyBag. */
const bothCurrencies = (name: string, field: string): Columns => ({
  [name]: money(`${field}.shopMoney.amount`),
  [`${name}Presentment`]: money(`${field}.presentmentMoney.amount`),
});

/** An order has no status field: cancelled wins over closed (archived), else it is open. */
const status = derived(
  'text',
  ['cancelledAt', 'closedAt'],
  z.tuple([z.string().nullable(), z.string().nullable()]),
  ([cancelledAt, closedAt]) => (cancelledAt !== null ? 'cancelled' : closedAt !== null ? 'closed' : 'open'),
  { length: 50 },
);

const amount = z.string().transform((value, context) => {
  const units = tenThousandths(value);
  if (units === null) context.addIssue({ code: 'custom', message: 'is no amount that fits decimal(19,4)' });
  return units ?? 0n;
});
const allocations = z.array(z.object({ allocatedAmountSet: z.object({ shopMoney: z.object({ amount }) }) }));
const ALLOCATIONS = 'discountAllocations { allocatedAmountSet { shopMoney { amount } } }';
const sum = (list: z.output<typeof allocations>) =>
  list.reduce((total, allocation) => total + allocation.allocatedAmountSet.shopMoney.amount, 0n);

/** All discounts of a line, its own and its share of the order's: `totalDiscountSet` leaves the latter out. */
const totalDiscount: Column = derived('decimal', [ALLOCATIONS], z.tuple([allocations]), ([list]) =>
  decimalText(sum(list)),
);
const lineTotal: Column = derived(
  'decimal',
  ['originalTotalSet.shopMoney.amount', ALLOCATIONS],
  z.tuple([amount, allocations]),
  ([original, list]) => decimalText(original - sum(list)),
);

const refundItems: ChildSet = {
  table: 'RefundItems',
  key: 'ShopifyRefundLineItemId',
  keyFallback: 'ShopifyLineItemId',
  parent: 'RefundId',
  type: 'RefundLineItem',
  field: 'refundLineItems',
  shape: 'connection',
  first: 5,
  columns: {
    ShopifyLineItemId: id('lineItem.id'),
    Quantity: integer('quantity'),
    RestockType: text('restockType', 50),
    ...bothCurrencies('Subtotal', 'subtotalSet'),
    ...bothCurrencies('TotalTax', 'totalTaxSet'),
  },
  children: [],
};

const refunds: ChildSet = {
  table: 'Refunds',
  key: 'ShopifyRefundId',
  parent: 'OrderId',
  type: 'Refund',
  field: 'refunds',
  shape: 'list',
  first: 5,
  columns: {
    Note: longText('note', PERSONAL),
    ...bothCurrencies('TotalRefunded', 'totalRefundedSet'),
    CreatedAt: instant('createdAt'),
    ProcessedAt: instant('processedAt'),
    UpdatedAt: instant('updatedAt'),
  },
  children: [refundItems],
};

/**
 * What was bought is a snapshot of the moment of sale (title, vendor, SKU, price). The handle, type, compare-at
 * price and options are the product's own: they are linked from the mirrored product, not read once per line. A product
 * that is deleted still has its sales: Shopify then answers null for it, and the line keeps the ids.
 */
const items: ChildSet = {
  table: 'OrderItems',
  key: 'ShopifyLineItemId',
  parent: 'OrderId',
  type: 'LineItem',
  field: 'lineItems',
  shape: 'connection',
  first: 20,
  columns: {
    ShopifyProductId: id('product.id', { scope: 'read_products', kept: true }),
    ShopifyVariantId: id('variant.id', { scope: 'read_products', kept: true }),
    IsProductGone: gone('ShopifyProductId', 'product.id', { scope: 'read_products' }),
    ProductId: linked('integer'),
    ProductTitle: text('title', 500),
    Title: text('name', 500),
    VariantTitle: text('variantTitle', 500),
    ProductHandle: linked('text', 255),
    ProductVendor: text('vendor', 255),
    ProductType: linked('text', 255),
    Sku: text('sku', 255),
    Price: money('originalUnitPriceSet.shopMoney.amount'),
    CompareAtPrice: linked('decimal'),
    Quantity: integer('quantity'),
    CurrentQuantity: integer('currentQuantity'),
    TotalPrice: lineTotal,
    TotalDiscount: totalDiscount,
    Option1Name: linked('text', 255),
    Option1Value: linked('text', 255),
    Option2Name: linked('text', 255),
    Option2Value: linked('text', 255),
    Option3Name: linked('text', 255),
    Option3Value: linked('text', 255),
    RequiresShipping: boolean('requiresShipping'),
    Taxable: boolean('taxable'),
    IsGiftCard: boolean('isGiftCard'),
  },
  children: [],
};

const own: TopicKey = { entity: 'orders', path: 'id', own: true, announces: 'presence' };
const named = (path: string): TopicKey => ({ ...own, path, own: false });

/** Orders with items and refunds. The key is the id: numbers and names are not unique even in one store. */
export const orders = {
  name: 'orders',
  called: { en: 'orders', ja: '注文' },
  type: 'Order',
  countField: 'ordersCount',
  table: 'Orders',
  key: 'ShopifyOrderId',
  scope: 'read_orders',
  topicScopes: [],
  sweptAt: '0 15 */1 * * *',
  batch: 100,
  filterByWholeDay: false,
  windowed: true,
  columns: {
    OrderNumber: text('name', 255),
    ShopifyCustomerId: id('customer.id', { scope: 'read_customers' }),
    CustomerId: linked('integer'),
    Email: text('email', 320, PERSONAL),
    ...bothCurrencies('TotalPrice', 'totalPriceSet'),
    ...bothCurrencies('SubtotalPrice', 'subtotalPriceSet'),
    ...bothCurrencies('TotalTax', 'totalTaxSet'),
    ...bothCurrencies('TaxPrice', 'totalTaxSet'),
    ...bothCurrencies('TotalDiscounts', 'totalDiscountsSet'),
    ...bothCurrencies('TotalShipping', 'totalShippingPriceSet'),
    ...bothCurrencies('TotalRefunded', 'totalRefundedSet'),
    ...bothCurrencies('NetPayment', 'netPaymentSet'),
    ...bothCurrencies('CurrentTotalPrice', 'currentTotalPriceSet'),
    Currency: text('currencyCode', 10),
    PresentmentCurrency: text('presentmentCurrencyCode', 10),
    Status: status,
    FinancialStatus: text('displayFinancialStatus', 50),
    FulfillmentStatus: text('displayFulfillmentStatus', 50),
    CancelledAt: instant('cancelledAt'),
    CancelReason: text('cancelReason', 50),
    SourceName: text('sourceName', 255),
    Tags: words('tags', PERSONAL),
    DiscountCodes: words('discountCodes'),
    IsTest: boolean('test'),
    ShopifyProcessedAt: instant('processedAt'),
  },
  children: [items, refunds],
  topics: {
    ORDERS_CREATE: [own],
    ORDERS_UPDATED: [own],
    ORDERS_CANCELLED: [own],
    ORDERS_EDITED: [named('order_edit.order_id')],
    ORDERS_DELETE: [{ ...own, own: false, announces: 'absence' }],
    REFUNDS_CREATE: [named('order_id')],
    ORDER_TRANSACTIONS_CREATE: [named('order_id')],
  },
  links: [
    {
      table: 'Orders',
      by: 'ShopifyCustomerId',
      to: 'Customers',
      toKey: 'ShopifyCustomerId',
      copies: { CustomerId: 'Id' },
    },
    {
      table: 'OrderItems',
      by: 'ShopifyProductId',
      to: 'Products',
      toKey: 'ShopifyProductId',
      copies: { ProductId: 'Id', ProductHandle: 'Handle', ProductType: 'ProductType' },
    },
    {
      table: 'OrderItems',
      by: 'ShopifyVariantId',
      to: 'ProductVariants',
      toKey: 'ShopifyVariantId',
      copies: {
        CompareAtPrice: 'CompareAtPrice',
        Option1Name: 'Option1Name',
        Option1Value: 'Option1Value',
        Option2Name: 'Option2Name',
        Option2Value: 'Option2Value',
        Option3Name: 'Option3Name',
        Option3Value: 'Option3Value',
      },
    },
  ],
  affects: [{ entity: 'customers', column: 'ShopifyCustomerId' }],
  erasedWith: [{ entity: 'customers', column: 'ShopifyCustomerId' }],
} as const satisfies Entity;
