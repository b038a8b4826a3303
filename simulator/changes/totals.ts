/**
 * The arithmetic of an order, in one place: from what is true of an order (its lines, discounts, shipping,
 * payments, refunds) to the eleven totals that Shopify shows. Whatever happens to an order, its totals are
 * computed anew from its facts, so they always agree.
 *
 * Rounding is down to the smallest amount of the currency, per line, for discounts, taxes and remaining
 * quantities alike. The two currencies of an order are computed side by side with the same formulas, as
 * Shopify does; the presentment side is not a conversion of the shop side's totals.
 */
import type { LineItem, MoneyBag, Order } from '../model.ts';
import { type Amount, bag, parseAmount, smallest } from '../money.ts';

export type Side = 'shopMoney' | 'presentmentMoney';

/** Consumption tax in Japan; elsewhere a flat sales tax. In per cent. */
export function taxPercent(currency: string): bigint {
  return currency === 'JPY' ? 10n : 8n;
}

export function amountOf(set: MoneyBag, side: Side): Amount {
  return parseAmount(set[side].amount);
}

/** What the line costs after all its discounts, for the quantity that was ordered. */
function lineTotal(line: LineItem, side: Side): Amount {
  let total = amountOf(line.originalTotalSet, side);
  for (const { allocatedAmountSet } of line.discountAllocations) total -= amountOf(allocatedAmountSet, side);
  return total;
}

/** What it costs for the quantity that is left after edits and returns. */
export function currentLineTotal(line: LineItem, side: Side): Amount {
  const total = lineTotal(line, side);
  if (line.currentQuantity === line.quantity) return total;
  const unit = smallest(line.originalUnitPriceSet[side].currencyCode);
  return roundDown((total * BigInt(line.currentQuantity)) / BigInt(line.quantity), unit);
}

/** The tax on an amount of a line: part of it where prices include tax, on top of it elsewhere. */
export function taxOn(order: Order, line: LineItem, amount: Amount, side: Side): Amount {
  if (order.taxExempt || !line.taxable) return 0n;
  const percent = taxPercent(order.currencyCode);
  const base = order.taxesIncluded ? 100n + percent : 100n;
  return roundDown((amount * percent) / base, smallest(line.originalUnitPriceSet[side].currencyCode));
}

interface Totals {
  subtotal: Amount;
  discounts: Amount;
  tax: Amount;
  total: Amount;
  currentSubtotal: Amount;
  currentDiscounts: Amount;
  currentTax: Amount;
  currentTotal: Amount;
  refunded: Amount;
  net: Amount;
  outstanding: Amount;
}

/** The order with all totals and its financial status as its facts demand. */
export function withTotals(order: Order): Order {
  const shop = totalsOf(order, 'shopMoney');
  const single = order.currencyCode === order.presentmentCurrencyCode;
  const presentment = single ? shop : totalsOf(order, 'presentmentMoney');
  const set = (name: keyof Totals): MoneyBag =>
    bag(shop[name], order.currencyCode, presentment[name], order.presentmentCurrencyCode);
  // Orders that came by an old import have no value where others have a zero.
  const orNull = (name: keyof Totals) =>
    order.sourceName === 'import' && shop[name] === 0n ? null : set(name);
  return {
    ...order,
    subtotalPriceSet: orNull('subtotal'),
    totalDiscountsSet: orNull('discounts'),
    totalTaxSet: orNull('tax'),
    totalPriceSet: set('total'),
    currentSubtotalPriceSet: set('currentSubtotal'),
    currentTotalDiscountsSet: set('currentDiscounts'),
    currentTotalTaxSet: set('currentTax'),
    currentTotalPriceSet: set('currentTotal'),
    totalOutstandingSet: set('outstanding'),
    totalRefundedSet: set('refunded'),
    netPaymentSet: set('net'),
    displayFinancialStatus: financialStatus(order, shop),
  };
}

function totalsOf(order: Order, side: Side): Totals {
  const sums = {
    subtotal: 0n,
    discounts: 0n,
    tax: 0n,
    currentSubtotal: 0n,
    currentDiscounts: 0n,
    currentTax: 0n,
  };
  for (const line of order.lineItems) addLine(sums, order, line, side);
  const shipping = amountOf(order.totalShippingPriceSet, side);
  const received = amountOf(order.totalReceivedSet, side);
  const { refunded, goodwill } = refundsOf(order, side);
  const left = order.lineItems.some((line) => line.currentQuantity > 0);
  const onTop = order.taxesIncluded ? 0n : 1n;
  const remaining = sums.currentSubtotal + (left ? shipping : 0n) + onTop * sums.currentTax - goodwill;
  const currentTotal = remaining > 0n ? remaining : 0n;
  const net = received - refunded;
  return {
    ...sums,
    total: sums.subtotal + shipping + onTop * sums.tax,
    currentTotal,
    refunded,
    net,
    outstanding: currentTotal > net ? currentTotal - net : 0n,
  };
}

type LineSums = Pick<
  Totals,
  'subtotal' | 'discounts' | 'tax' | 'currentSubtotal' | 'currentDiscounts' | 'currentTax'
>;

function addLine(sums: LineSums, order: Order, line: LineItem, side: Side): void {
  const total = lineTotal(line, side);
  const current = currentLineTotal(line, side);
  const unit = amountOf(line.originalUnitPriceSet, side);
  sums.subtotal += total;
  sums.discounts += amountOf(line.originalTotalSet, side) - total;
  sums.tax += taxOn(order, line, total, side);
  sums.currentSubtotal += current;
  sums.currentDiscounts += unit * BigInt(line.currentQuantity) - current;
  sums.currentTax += taxOn(order, line, current, side);
}

/** A refund without lines is a gesture: it lessens what the order costs, because no quantity shows it. */
function refundsOf(order: Order, side: Side): { refunded: Amount; goodwill: Amount } {
  let refunded = 0n;
  let goodwill = 0n;
  for (const refund of order.refunds) {
    const amount = amountOf(refund.totalRefundedSet, side);
    refunded += amount;
    if (refund.refundLineItems.length === 0) goodwill += amount;
  }
  return { refunded, goodwill };
}

/** Imported orders have no status until money moves. */
function financialStatus(order: Order, { refunded, net, outstanding }: Totals): string | null {
  const received = net + refunded;
  if (order.cancelledAt !== null && received === 0n) return 'VOIDED';
  if (refunded > 0n) return net <= 0n ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  if (outstanding === 0n) return 'PAID';
  if (received > 0n) return 'PARTIALLY_PAID';
  return order.sourceName === 'import' ? null : 'PENDING';
}

function roundDown(amount: Amount, unit: Amount): Amount {
  return amount - (amount % unit);
}
