import type { LineItem, MoneyBag, Order, Refund, RefundLineItem } from '../model.ts';
import { fixed, parseAmount } from '../money.ts';
import type { Shop } from '../shop.ts';
import { optionColumns } from './product.ts';
import {
  decimal4,
  decimal4OrNull,
  decimalId,
  type ExpectedRow,
  instant,
  instantOrNull,
  times,
} from './row.ts';

export function orderRow(shop: Shop, order: Order): ExpectedRow {
  const customer = order.customerGid === null ? null : shop.customers.current(order.customerGid);
  return {
    table: 'Orders',
    key: decimalId(order.id),
    row: {
      OrderNumber: order.name,
      ShopifyCustomerId: customer ? decimalId(customer.id) : null,
      Email: order.email,
      ...moneyColumns(order),
      Currency: order.currencyCode,
      PresentmentCurrency: order.presentmentCurrencyCode,
      Status: order.cancelledAt !== null ? 'cancelled' : order.closedAt !== null ? 'closed' : 'open',
      FinancialStatus: order.displayFinancialStatus,
      FulfillmentStatus: order.displayFulfillmentStatus,
      CancelledAt: instantOrNull(order.cancelledAt),
      CancelReason: order.cancelReason,
      SourceName: order.sourceName,
      Tags: order.tags.join(', '),
      DiscountCodes: order.discountCodes.join(', '),
      IsTest: order.test,
      ShopifyProcessedAt: instant(order.processedAt),
      ...times(order),
    },
    children: [...order.lineItems.map((line) => itemRow(shop, line)), ...order.refunds.map(refundRow)],
  };
}

/** Nine amounts, in shop money and, with the suffix, in presentment money. */
function moneyColumns(order: Order): Record<string, string | null> {
  const sets: Record<string, MoneyBag | null> = {
    TotalPrice: order.totalPriceSet,
    SubtotalPrice: order.subtotalPriceSet,
    TotalTax: order.totalTaxSet,
    TaxPrice: order.totalTaxSet,
    TotalDiscounts: order.totalDiscountsSet,
    TotalShipping: order.totalShippingPriceSet,
    TotalRefunded: order.totalRefundedSet,
    NetPayment: order.netPaymentSet,
    CurrentTotalPrice: order.currentTotalPriceSet,
  };
  const columns: Record<string, string | null> = {};
  for (const [name, set] of Object.entries(sets)) {
    columns[name] = decimal4OrNull(set?.shopMoney.amount);
    columns[`${name}Presentment`] = decimal4OrNull(set?.presentmentMoney.amount);
  }
  return columns;
}

function itemRow(shop: Shop, line: LineItem): ExpectedRow {
  const product = line.productGid === null ? null : shop.products.current(line.productGid);
  const variant = product?.variants.find(({ id }) => id === line.variantGid) ?? null;
  const discount = line.discountAllocations.reduce(
    (sum, { allocatedAmountSet }) => sum + parseAmount(allocatedAmountSet.shopMoney.amount),
    0n,
  );
  return {
    table: 'OrderItems',
    key: decimalId(line.id),
    row: {
      ShopifyProductId: product ? decimalId(product.id) : null,
      ShopifyVariantId: variant ? decimalId(variant.id) : null,
      ProductTitle: line.title,
      Title: line.name,
      VariantTitle: line.variantTitle,
      ProductVendor: line.vendor,
      Sku: line.sku,
      Price: decimal4(line.originalUnitPriceSet.shopMoney.amount),
      Quantity: line.quantity,
      CurrentQuantity: line.currentQuantity,
      TotalDiscount: fixed(discount, 4),
      TotalPrice: fixed(parseAmount(line.originalTotalSet.shopMoney.amount) - discount, 4),
      RequiresShipping: line.requiresShipping,
      Taxable: line.taxable,
      IsGiftCard: line.isGiftCard,
    },
    children: [],
    links: {
      ...(product && { ProductHandle: product.handle, ProductType: product.productType }),
      ...(variant && { CompareAtPrice: decimal4OrNull(variant.compareAtPrice), ...optionColumns(variant) }),
    },
  };
}

function refundRow(refund: Refund): ExpectedRow {
  return {
    table: 'Refunds',
    key: decimalId(refund.id),
    row: {
      Note: refund.note,
      TotalRefunded: decimal4(refund.totalRefundedSet.shopMoney.amount),
      TotalRefundedPresentment: decimal4(refund.totalRefundedSet.presentmentMoney.amount),
      CreatedAt: instantOrNull(refund.createdAt),
      ProcessedAt: instant(refund.processedAt),
      UpdatedAt: instant(refund.updatedAt),
    },
    children: told(refund.refundLineItems.map((item) => refundItemRow(decimalId(refund.id), item))),
  };
}

/** Lines without an id that are about one line item are told apart by an ordinal, in the order of what they hold. */
function told(rows: readonly ExpectedRow[]): readonly ExpectedRow[] {
  const times = new Map<string, number>();
  const text = ({ row }: ExpectedRow) => JSON.stringify(row);
  return rows
    .toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
    .map((row) => {
      const nth = (times.get(row.key) ?? 0) + 1;
      times.set(row.key, nth);
      return nth === 1 ? row : { ...row, key: `${row.key}-${nth}` };
    });
}

function refundItemRow(refundId: string, item: RefundLineItem): ExpectedRow {
  const lineItemId = decimalId(item.lineItemGid);
  return {
    table: 'RefundItems',
    // Shopify's schema allows a refund line without an id.
    key: item.id === null ? `${refundId}-${lineItemId}` : decimalId(item.id),
    row: {
      ShopifyLineItemId: lineItemId,
      Quantity: item.quantity,
      RestockType: item.restockType,
      Subtotal: decimal4(item.subtotalSet.shopMoney.amount),
      SubtotalPresentment: decimal4(item.subtotalSet.presentmentMoney.amount),
      TotalTax: decimal4(item.totalTaxSet.shopMoney.amount),
      TotalTaxPresentment: decimal4(item.totalTaxSet.presentmentMoney.amount),
    },
    children: [],
  };
}
