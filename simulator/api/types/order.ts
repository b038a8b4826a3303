/** Orders and what hangs on them. A refund is a plain value without a way back: its order is looked up. */
import type { LineItem, Money, MoneyBag, Order, Refund } from '../../model.ts';
import { numericId } from '../../ordering.ts';
import { emptyPage, pageOf } from '../page.ts';
import type { Reading } from '../reading.ts';
import type { Resolvers } from '../resolver.ts';

const NONE = { count: 0, precision: 'EXACT' } as const;

export const order: Resolvers<Order> = {
  legacyResourceId: ({ id }) => numericId(id),
  customer: ({ customerGid }, _args, reading) =>
    customerGid === null ? null : reading.get('customers', customerGid),
  lineItems: ({ lineItems }, args) => pageOf(lineItems, args),
  refunds: ({ refunds }, { first }) => refunds.slice(0, typeof first === 'number' ? first : undefined),
  subtotalLineItemsQuantity: ({ lineItems }) => lineItems.reduce((sum, { quantity }) => sum + quantity, 0),
  currentSubtotalLineItemsQuantity: ({ lineItems }) =>
    lineItems.reduce((sum, { currentQuantity }) => sum + currentQuantity, 0),
  currentShippingPriceSet: ({ totalShippingPriceSet }) => totalShippingPriceSet,
  totalTipReceivedSet: (order) => nothing(order),
  totalRefundedShippingSet: (order) => nothing(order),
  discountCode: ({ discountCodes }) => discountCodes[0] ?? null,
  dutiesIncluded: () => false,
  estimatedTaxes: () => false,
  fulfillmentsCount: () => NONE,
  transactionsCount: () => NONE,
};

export const lineItem: Resolvers<LineItem> = {
  product: ({ productGid }, _args, reading) =>
    productGid === null ? null : reading.get('products', productGid),
  variant: ({ productGid, variantGid }, _args, reading) => {
    if (productGid === null || variantGid === null) return null;
    const variants = reading.get('products', productGid)?.variants ?? [];
    return variants.find(({ id }) => id === variantGid) ?? null;
  },
};

export const refund: Resolvers<Refund> = {
  legacyResourceId: ({ id }) => numericId(id),
  order: ({ id }, _args, reading) => orderOf(reading, id),
  refundLineItems: ({ id, refundLineItems }, args, reading) => {
    const lineItems = new Map(orderOf(reading, id)?.lineItems.map((item) => [item.id, item]));
    return pageOf(
      refundLineItems.map((line) => ({ ...line, lineItem: lineItems.get(line.lineItemGid) ?? null })),
      args,
    );
  },
  orderAdjustments: () => emptyPage(),
};

/** The refund as the replica has it. */
export function refundOf(reading: Reading, gid: string): Refund | null {
  return orderOf(reading, gid)?.refunds.find(({ id }) => id === gid) ?? null;
}

function orderOf(reading: Reading, refundGid: string): Order | null {
  const owner = reading.shop.orders.ownerOf(refundGid);
  return owner === null ? null : reading.order(owner);
}

function nothing({ currencyCode, presentmentCurrencyCode }: Order): MoneyBag {
  const money = (code: string): Money => ({ amount: '0.0', currencyCode: code });
  return { shopMoney: money(currencyCode), presentmentMoney: money(presentmentCurrencyCode) };
}
