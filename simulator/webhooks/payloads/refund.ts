import type { LineItem, Order, Refund, RefundLineItem } from '../../model.ts';
import { bag, parseAmount } from '../../money.ts';
import type { Shop } from '../../shop.ts';
import { copiedLineBody } from './line.ts';
import { restBag, restId, restNumber, restTime } from './rest.ts';
import { refundTransactionBody } from './transaction.ts';

export function refundBody(shop: Shop, order: Order, refund: Refund) {
  const none = bag(0n, order.currencyCode, 0n, order.presentmentCurrencyCode);
  const paid = parseAmount(refund.totalRefundedSet.shopMoney.amount) > 0n;
  return {
    id: restId(refund.id),
    order_id: restId(order.id),
    created_at: restTime(shop, refund.createdAt ?? refund.processedAt),
    note: refund.note,
    user_id: null,
    processed_at: restTime(shop, refund.processedAt),
    duties: [],
    total_duties_set: restBag(none),
    return: null,
    refund_shipping_lines: [],
    restock: refund.refundLineItems.some(({ restocked }) => restocked),
    admin_graphql_api_id: refund.id,
    order_adjustments: refund.refundLineItems.length === 0 ? [adjustmentBody(order, refund)] : [],
    refund_line_items: refund.refundLineItems.flatMap((line) => refundLineBody(shop, order, refund, line)),
    transactions: paid ? [refundTransactionBody(shop, order, transactionOf(refund))] : [],
  };
}

/** The transaction of a refund; its number is the refund's. */
export function transactionOf(refund: Refund) {
  return {
    id: refund.id.replace('/Refund/', '/OrderTransaction/'),
    kind: 'refund',
    amountSet: refund.totalRefundedSet,
    at: refund.processedAt,
  } as const;
}

function refundLineBody(shop: Shop, order: Order, refund: Refund, line: RefundLineItem) {
  const lineItem = order.lineItems.find(({ id }) => id === line.lineItemGid);
  return lineItem ? [bodyOf(shop, order, refund, line, lineItem)] : [];
}

/** `subtotal` and `total_tax` are numbers here, alone among all money in webhooks. */
function bodyOf(shop: Shop, order: Order, refund: Refund, line: RefundLineItem, lineItem: LineItem) {
  return {
    // REST always has an id. Where the GraphQL object has none, the refund's own stands in.
    id: restId(line.id ?? refund.id),
    quantity: line.quantity,
    line_item_id: restId(line.lineItemGid),
    location_id: null,
    restock_type: line.restockType.toLowerCase(),
    subtotal: restNumber(line.subtotalSet.shopMoney),
    total_tax: restNumber(line.totalTaxSet.shopMoney),
    subtotal_set: restBag(line.subtotalSet),
    total_tax_set: restBag(line.totalTaxSet),
    line_item: copiedLineBody(shop, order, lineItem),
  };
}

function adjustmentBody(order: Order, refund: Refund) {
  const none = bag(0n, order.currencyCode, 0n, order.presentmentCurrencyCode);
  const amount = restBag(refund.totalRefundedSet);
  return {
    id: restId(refund.id),
    order_id: restId(order.id),
    refund_id: restId(refund.id),
    amount: `-${amount.shop_money.amount}`,
    tax_amount: restBag(none).shop_money.amount,
    kind: 'refund_discrepancy',
    reason: 'Refund discrepancy',
    amount_set: amount,
    tax_amount_set: restBag(none),
  };
}
