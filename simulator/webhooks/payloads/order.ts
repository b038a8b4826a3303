/** The body that all topics of an order share, and the edit's own. */
import type { LineItem, Order } from '../../model.ts';
import { bag, parseAmount } from '../../money.ts';
import type { Shop } from '../../shop.ts';
import { addressBody } from './address.ts';
import { embeddedCustomerBody } from './customer.ts';
import { fulfillmentsOf } from './fulfillment.ts';
import { lineBody, taxLineBody } from './line.ts';
import { refundBody } from './refund.ts';
import { restBag, restId, restMoney, restTags, restTime, restTimeOrNull } from './rest.ts';

export function orderBody(shop: Shop, order: Order) {
  const customer = order.customerGid === null ? null : shop.customers.current(order.customerGid);
  return {
    ...headFields(shop, order),
    ...statusFields(shop, order),
    ...moneyFields(order),
    ...unusedFields,
    billing_address: order.billingAddress && addressBody(order.billingAddress),
    customer: customer && embeddedCustomerBody(shop, customer),
    discount_applications: order.discountCodes.map(discountApplication),
    discount_codes: order.discountCodes.map((code) => ({
      code,
      amount: restMoney(order.totalDiscountsSet?.shopMoney ?? none(order).shopMoney),
      type: 'percentage',
    })),
    fulfillments: fulfillmentsOf(shop, order),
    line_items: order.lineItems.map((line) => lineBody(shop, order, line)),
    refunds: order.refunds.map((refund) => refundBody(shop, order, refund)),
    shipping_address: order.shippingAddress && addressBody(order.shippingAddress),
    shipping_lines: shippingLines(order),
    tax_lines: order.totalTaxSet ? [taxLineBody(order, order.totalTaxSet)] : [],
  };
}

const none = (order: Order) => bag(0n, order.currencyCode, 0n, order.presentmentCurrencyCode);

function headFields(shop: Shop, order: Order) {
  const id = restId(order.id);
  const token = id.toString(16).padStart(32, '0');
  return {
    id,
    admin_graphql_api_id: order.id,
    contact_email: order.email,
    created_at: restTime(shop, order.createdAt),
    customer_locale: order.customerLocale,
    email: order.email,
    merchant_business_entity_id: Buffer.from(shop.profile.id).toString('base64url'),
    name: order.name,
    note: order.note,
    number: order.number - 1000,
    order_number: order.number,
    order_status_url: `https://${shop.profile.domain}/orders/${token}`,
    phone: order.phone,
    processed_at: restTime(shop, order.processedAt),
    source_name: order.sourceName,
    tags: restTags(order.tags),
    test: order.test,
    token,
    updated_at: restTime(shop, order.updatedAt),
  };
}

const fulfillmentStatuses: Readonly<Record<string, string>> = {
  FULFILLED: 'fulfilled',
  PARTIALLY_FULFILLED: 'partial',
};

function statusFields(shop: Shop, order: Order) {
  return {
    buyer_accepts_marketing: false,
    cancel_reason: order.cancelReason?.toLowerCase() ?? null,
    cancelled_at: restTimeOrNull(shop, order.cancelledAt),
    closed_at: restTimeOrNull(shop, order.closedAt),
    confirmed: order.confirmed,
    duties_included: false,
    estimated_taxes: false,
    financial_status: order.displayFinancialStatus?.toLowerCase() ?? null,
    fulfillment_status: fulfillmentStatuses[order.displayFulfillmentStatus] ?? null,
    payment_gateway_names: [order.test ? 'bogus' : 'shopify_payments'],
    tax_exempt: order.taxExempt,
    taxes_included: order.taxesIncluded,
  };
}

function moneyFields(order: Order) {
  const zero = none(order);
  const lineItemsPrice = linesPrice(order);
  const left = order.lineItems.some((line) => line.currentQuantity > 0);
  return {
    currency: order.currencyCode,
    presentment_currency: order.presentmentCurrencyCode,
    current_shipping_price_set: restBag(left ? order.totalShippingPriceSet : zero),
    ...priced('current_subtotal_price', order.currentSubtotalPriceSet),
    ...priced('current_total_discounts', order.currentTotalDiscountsSet),
    ...priced('current_total_price', order.currentTotalPriceSet),
    ...priced('current_total_tax', order.currentTotalTaxSet),
    ...priced('subtotal_price', order.subtotalPriceSet ?? zero),
    ...priced('total_discounts', order.totalDiscountsSet ?? zero),
    ...priced('total_line_items_price', lineItemsPrice),
    ...priced('total_price', order.totalPriceSet),
    ...priced('total_tax', order.totalTaxSet ?? zero),
    total_outstanding: restMoney(order.totalOutstandingSet.shopMoney),
    total_shipping_price_set: restBag(order.totalShippingPriceSet),
    total_cash_rounding_payment_adjustment_set: restBag(zero),
    total_cash_rounding_refund_adjustment_set: restBag(zero),
    total_tip_received: restMoney(zero.shopMoney),
    total_weight: 0,
  };
}

/** An amount in shop money, and the same in both currencies under the name with `_set`. */
function priced(name: string, set: Order['totalPriceSet']) {
  return { [name]: restMoney(set.shopMoney), [`${name}_set`]: restBag(set) };
}

function linesPrice(order: Order) {
  const sum = (side: 'shopMoney' | 'presentmentMoney') =>
    order.lineItems.reduce((total, line) => total + parseAmount(line.originalTotalSet[side].amount), 0n);
  return bag(sum('shopMoney'), order.currencyCode, sum('presentmentMoney'), order.presentmentCurrencyCode);
}

function discountApplication(code: string) {
  return {
    target_type: 'line_item',
    type: 'discount_code',
    value: '10.0',
    value_type: 'percentage',
    allocation_method: 'across',
    target_selection: 'all',
    code,
  };
}

/** Shipping has no object of its own here; its line bears the order's number. */
function shippingLines(order: Order) {
  const set = restBag(order.totalShippingPriceSet);
  const price = set.shop_money.amount;
  const line = {
    id: restId(order.id),
    carrier_identifier: null,
    code: 'Standard',
    current_discounted_price_set: set,
    discounted_price: price,
    discounted_price_set: set,
    is_removed: false,
    phone: null,
    price,
    price_set: set,
    requested_fulfillment_service_id: null,
    source: 'shopify',
    title: '宅配便',
    tax_lines: [],
    discount_allocations: [],
  };
  return [line];
}

/** Fields that Shopify sends and that stay empty in these shops. */
const unusedFields = {
  app_id: null,
  browser_ip: null,
  cart_token: null,
  checkout_token: null,
  client_details: null,
  confirmation_number: null,
  current_total_additional_fees_set: null,
  current_total_duties_set: null,
  device_id: null,
  landing_site: null,
  landing_site_ref: null,
  line_item_groups: [],
  location_id: null,
  merchant_of_record_app_id: null,
  note_attributes: [],
  original_total_additional_fees_set: null,
  original_total_duties_set: null,
  payment_terms: null,
  po_number: null,
  reference: null,
  referring_site: null,
  returns: [],
  source_identifier: null,
  source_url: null,
  user_id: null,
};

/** What an edit did, line by line. */
export function orderEditBody(shop: Shop, before: Order, after: Order, editGid: string) {
  const quantities = new Map(before.lineItems.map((line) => [line.id, line.currentQuantity]));
  const delta = (line: LineItem) => line.currentQuantity - (quantities.get(line.id) ?? 0);
  const entry = (line: LineItem) => ({ id: restId(line.id), delta: Math.abs(delta(line)) });
  const nothing = { additions: [], removals: [] };
  return {
    order_edit: {
      id: restId(editGid),
      app_id: null,
      created_at: restTime(shop, after.updatedAt),
      committed_at: restTime(shop, after.updatedAt),
      notify_customer: false,
      order_id: restId(after.id),
      staff_note: '',
      user_id: null,
      line_items: {
        additions: after.lineItems.filter((line) => delta(line) > 0).map(entry),
        removals: after.lineItems.filter((line) => delta(line) < 0).map(entry),
      },
      discounts: { line_item: nothing },
      shipping_lines: nothing,
    },
  };
}
