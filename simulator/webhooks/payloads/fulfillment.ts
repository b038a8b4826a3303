/** One fulfilment per order is enough here; its number is the order's. */
import type { Order } from '../../model.ts';
import type { Shop } from '../../shop.ts';
import { addressBody } from './address.ts';
import { copiedLineBody } from './line.ts';
import { restId, restTime } from './rest.ts';

/** As a list inside an order: empty until something was sent. */
export function fulfillmentsOf(shop: Shop, order: Order) {
  if (order.displayFulfillmentStatus === 'UNFULFILLED') return [];
  const { email: _, destination: __, ...fulfillment } = fulfillmentBody(shop, order);
  return [fulfillment];
}

export function fulfillmentBody(shop: Shop, order: Order) {
  const id = restId(order.id);
  const trackingNumber = `4${String(id).slice(-11).padStart(11, '0')}`;
  const trackingUrl = `https://tracking.example.jp/${trackingNumber}`;
  return {
    id,
    order_id: id,
    status: 'success',
    created_at: restTime(shop, order.updatedAt),
    service: 'manual',
    updated_at: restTime(shop, order.updatedAt),
    tracking_company: 'Yamato (JA)',
    shipment_status: null,
    location_id: null,
    origin_address: null,
    email: order.email,
    destination: order.shippingAddress && addressBody(order.shippingAddress),
    line_items: order.lineItems.map((line) => copiedLineBody(shop, order, line)),
    tracking_number: trackingNumber,
    tracking_numbers: [trackingNumber],
    tracking_url: trackingUrl,
    tracking_urls: [trackingUrl],
    receipt: {},
    name: `${order.name}.1`,
    admin_graphql_api_id: `gid://shopify/Fulfillment/${id}`,
  };
}
