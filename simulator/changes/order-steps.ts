/**
 * What can happen to an order, as pure steps from one order to the next. The population uses them to give
 * its orders a past, the changes to give them a future, so both obey the same rules.
 *
 * Every step moves `updatedAt`: Shopify announces each of these by `orders/updated`.
 */
import type { LineItem, Order, Refund, RefundLineItem } from '../model.ts';
import { type Amount, bag, parseAmount, smallest } from '../money.ts';
import { amountOf, currentLineTotal, type Side, taxOn, withTotals } from './totals.ts';

/** `updatedAt` never stands still: two changes in one millisecond are a microsecond apart. */
export function later(previous: number, at: number): number {
  return at > previous ? at : previous + 0.001;
}

export function touch(order: Order, at: number, change: Partial<Order>): Order {
  return { ...order, ...change, updatedAt: later(order.updatedAt, at) };
}

/** The customer pays all that is outstanding. */
export function pay(order: Order, at: number): Order {
  const paid = (side: Side) =>
    amountOf(order.totalReceivedSet, side) + amountOf(order.totalOutstandingSet, side);
  return withTotals(touch(order, at, { totalReceivedSet: bagOf(order, paid) }));
}

export function fulfil(order: Order, whole: boolean, at: number): Order {
  return touch(order, at, { displayFulfillmentStatus: whole ? 'FULFILLED' : 'PARTIALLY_FULFILLED' });
}

/** Shopify calls it archiving; the fields say closed. */
export function archive(order: Order, at: number): Order {
  return touch(order, at, { closed: true, closedAt: later(order.updatedAt, at) });
}

/** An order edit. What was ordered originally stays visible in `originalTotalPriceSet`. */
export function edit(order: Order, lineItems: readonly LineItem[], at: number): Order {
  const fulfilled = order.displayFulfillmentStatus === 'FULFILLED';
  const displayFulfillmentStatus = fulfilled ? 'PARTIALLY_FULFILLED' : order.displayFulfillmentStatus;
  return withTotals(touch(order, at, { edited: true, lineItems, displayFulfillmentStatus }));
}

/** More of a line that is already there. */
export function withMore(line: LineItem, more: number): LineItem {
  const quantity = line.quantity + more;
  const { shopMoney, presentmentMoney } = line.originalUnitPriceSet;
  const total = (money: { amount: string }) => parseAmount(money.amount) * BigInt(quantity);
  const originalTotalSet = bag(
    total(shopMoney),
    shopMoney.currencyCode,
    total(presentmentMoney),
    presentmentMoney.currencyCode,
  );
  const discount = parseAmount(line.totalDiscountSet.shopMoney.amount);
  const presentmentDiscount = parseAmount(line.totalDiscountSet.presentmentMoney.amount);
  const discountedTotalSet = bag(
    parseAmount(originalTotalSet.shopMoney.amount) - discount,
    shopMoney.currencyCode,
    parseAmount(originalTotalSet.presentmentMoney.amount) - presentmentDiscount,
    presentmentMoney.currencyCode,
  );
  return {
    ...line,
    quantity,
    currentQuantity: line.currentQuantity + more,
    originalTotalSet,
    discountedTotalSet,
  };
}

export interface Removal {
  readonly lineId: string;
  readonly quantity: number;
}

export interface RefundDetails {
  readonly id: string;
  readonly note: string | null;
  /** NO_RESTOCK, RETURN or CANCEL. */
  readonly restockType: string;
  /** The id of a refund line; Shopify's schema allows null. */
  readonly lineId: () => string | null;
  /** Shopify's `Refund.createdAt` is nullable. */
  readonly createdAtKnown: boolean;
}

/** Takes quantities off lines and gives back what was paid for them, never more than was paid. */
export function refund(
  order: Order,
  removals: readonly Removal[],
  details: RefundDetails,
  at: number,
): Order {
  const removed = new Map(removals.map(({ lineId, quantity }) => [lineId, quantity]));
  const lineItems = order.lineItems.map((line) => without(line, removed.get(line.id) ?? 0));
  const emptied = withTotals({ ...order, lineItems });
  const refundLineItems = lineItems.flatMap((after, index) => {
    const before = order.lineItems[index];
    return before && before !== after ? [refundLine(order, before, after, details)] : [];
  });
  const giveBack = (side: Side) => {
    const over = amountOf(order.netPaymentSet, side) - amountOf(emptied.currentTotalPriceSet, side);
    return over > 0n ? over : 0n;
  };
  return withRefund({ ...order, lineItems }, refundLineItems, bagOf(order, giveBack), details, at);
}

/** A gesture: money back without goods. `percent` of what was paid. */
export function goodwill(order: Order, percent: bigint, details: RefundDetails, at: number): Order {
  const part = (side: Side): Amount => {
    const unit = smallest(order.netPaymentSet[side].currencyCode);
    const amount = (amountOf(order.netPaymentSet, side) * percent) / 100n;
    return amount - (amount % unit);
  };
  return withRefund(order, [], bagOf(order, part), details, at);
}

/** Everything left is taken back and refunded; an unpaid order is void. */
export function cancel(order: Order, reason: string, details: RefundDetails, at: number): Order {
  const removals = order.lineItems
    .filter((line) => line.currentQuantity > 0)
    .map((line) => ({ lineId: line.id, quantity: line.currentQuantity }));
  const cancelledAt = later(order.updatedAt, at);
  return refund(
    { ...order, cancelledAt, cancelReason: reason, closed: true, closedAt: cancelledAt },
    removals,
    { ...details, restockType: 'CANCEL' },
    at,
  );
}

function without(line: LineItem, quantity: number): LineItem {
  return quantity === 0 ? line : { ...line, currentQuantity: line.currentQuantity - quantity };
}

function refundLine(order: Order, before: LineItem, after: LineItem, details: RefundDetails): RefundLineItem {
  const subtotal = (side: Side) => currentLineTotal(before, side) - currentLineTotal(after, side);
  const tax = (side: Side) =>
    taxOn(order, before, currentLineTotal(before, side), side) -
    taxOn(order, after, currentLineTotal(after, side), side);
  return {
    __typename: 'RefundLineItem',
    id: details.lineId(),
    quantity: before.currentQuantity - after.currentQuantity,
    restockType: details.restockType,
    restocked: details.restockType !== 'NO_RESTOCK',
    lineItemGid: before.id,
    priceSet: before.originalUnitPriceSet,
    subtotalSet: bagOf(order, subtotal),
    totalTaxSet: bagOf(order, tax),
  };
}

function withRefund(
  order: Order,
  refundLineItems: readonly RefundLineItem[],
  totalRefundedSet: Refund['totalRefundedSet'],
  details: RefundDetails,
  at: number,
): Order {
  const made: Refund = {
    __typename: 'Refund',
    id: details.id,
    createdAt: details.createdAtKnown ? at : null,
    processedAt: at,
    updatedAt: at,
    note: details.note,
    totalRefundedSet,
    refundLineItems,
  };
  return withTotals(touch(order, at, { refunds: [...order.refunds, made] }));
}

function bagOf(order: Order, amount: (side: Side) => Amount) {
  const shop = amount('shopMoney');
  const single = order.currencyCode === order.presentmentCurrencyCode;
  const presentment = single ? shop : amount('presentmentMoney');
  return bag(shop, order.currencyCode, presentment, order.presentmentCurrencyCode);
}
