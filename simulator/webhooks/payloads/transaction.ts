/** Money that moved on an order: a sale or a refund. */
import type { MoneyBag, Order } from '../../model.ts';
import type { Shop } from '../../shop.ts';
import { restId, restMoney, restTime } from './rest.ts';

export interface Transaction {
  /** GID. */
  readonly id: string;
  readonly kind: 'sale' | 'refund';
  readonly amountSet: MoneyBag;
  readonly at: number;
}

export function transactionBody(shop: Shop, order: Order, transaction: Transaction) {
  return { ...refundTransactionBody(shop, order, transaction), payment_details: paymentDetails };
}

/** Inside `refunds/create` a transaction has no payment details. */
export function refundTransactionBody(shop: Shop, order: Order, { id, kind, amountSet, at }: Transaction) {
  const unsettled = { amount: '0.0', currency: 'XXX' };
  return {
    id: restId(id),
    order_id: restId(order.id),
    kind,
    gateway: order.test ? 'bogus' : 'shopify_payments',
    status: 'success',
    message: 'Transaction approved',
    created_at: restTime(shop, at),
    test: order.test,
    authorization: null,
    location_id: null,
    user_id: null,
    parent_id: null,
    processed_at: restTime(shop, at),
    device_id: null,
    error_code: null,
    source_name: order.sourceName ?? 'web',
    receipt: {},
    amount: restMoney(amountSet.shopMoney),
    currency: amountSet.shopMoney.currencyCode,
    payment_id: `${order.name}.${order.refunds.length + 1}`,
    total_unsettled_set: { presentment_money: unsettled, shop_money: unsettled },
    manual_payment_gateway: false,
    amount_rounding: null,
    admin_graphql_api_id: id,
  };
}

const paymentDetails = {
  credit_card_bin: null,
  avs_result_code: null,
  cvv_result_code: null,
  credit_card_number: '•••• •••• •••• 4242',
  credit_card_company: 'Visa',
  buyer_action_info: null,
  credit_card_name: null,
  credit_card_wallet: null,
  credit_card_expiration_month: null,
  credit_card_expiration_year: null,
  payment_method_name: 'visa',
};
