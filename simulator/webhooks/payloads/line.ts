/** Line items as orders, refunds and fulfilments carry them. */
import { amountOf, currentLineTotal, type Side, taxOn, taxPercent } from '../../changes/totals.ts';
import type { LineItem, Order } from '../../model.ts';
import { bag } from '../../money.ts';
import type { Shop } from '../../shop.ts';
import { restBag, restId, restIdOrNull, restMoney } from './rest.ts';

const GRAMS = 100;

/** In an order: with what is left of it. */
export function lineBody(shop: Shop, order: Order, line: LineItem) {
  return {
    ...copiedLineBody(shop, order, line),
    attributed_staffs: [],
    current_quantity: line.currentQuantity,
    sales_line_item_group_id: null,
  };
}

/** In a refund or a fulfilment. */
export function copiedLineBody(shop: Shop, order: Order, line: LineItem) {
  const product = line.productGid === null ? null : shop.products.current(line.productGid);
  const variant = product?.variants.find(({ id }) => id === line.variantGid);
  const fulfilled = order.displayFulfillmentStatus === 'FULFILLED';
  return {
    id: restId(line.id),
    admin_graphql_api_id: line.id,
    fulfillable_quantity: fulfilled ? 0 : line.currentQuantity,
    fulfillment_service: 'manual',
    fulfillment_status: fulfilled ? 'fulfilled' : null,
    gift_card: line.isGiftCard,
    grams: line.requiresShipping ? GRAMS : 0,
    name: line.name,
    price: restMoney(line.originalUnitPriceSet.shopMoney),
    price_set: restBag(line.originalUnitPriceSet),
    product_exists: product !== null,
    product_id: restIdOrNull(product?.id ?? null),
    properties: [],
    quantity: line.quantity,
    requires_shipping: line.requiresShipping,
    sku: line.sku,
    taxable: line.taxable,
    title: line.title,
    total_discount: restMoney(line.totalDiscountSet.shopMoney),
    total_discount_set: restBag(line.totalDiscountSet),
    variant_id: restIdOrNull(variant?.id ?? null),
    variant_inventory_management: variant?.inventoryItem.tracked ? 'shopify' : null,
    variant_title: line.variantTitle,
    vendor: line.vendor,
    tax_lines: taxLines(order, line),
    duties: [],
    discount_allocations: line.discountAllocations.map(({ allocatedAmountSet }, index) => ({
      amount: restMoney(allocatedAmountSet.shopMoney),
      discount_application_index: index,
      amount_set: restBag(allocatedAmountSet),
    })),
  };
}

function taxLines(order: Order, line: LineItem) {
  const tax = (side: Side) => taxOn(order, line, currentLineTotal(line, side), side);
  const set = bag(
    tax('shopMoney'),
    order.currencyCode,
    tax('presentmentMoney'),
    order.presentmentCurrencyCode,
  );
  if (amountOf(set, 'shopMoney') === 0n) return [];
  return [taxLineBody(order, set)];
}

export function taxLineBody(order: Order, set: Order['totalPriceSet']) {
  return {
    channel_liable: false,
    price: restMoney(set.shopMoney),
    price_set: restBag(set),
    rate: Number(taxPercent(order.currencyCode)) / 100,
    title: order.currencyCode === 'JPY' ? 'CT' : 'Sales Tax',
  };
}
