/**
 * What Shopify asks of an app in the name of privacy: by webhooks that no shop subscribes to, since the app itself says
 * where they go. What it asks of the app it may long have done in its own data, or may not do at all.
 */
import type { Customer, Order } from './model.ts';
import type { Shop } from './shop.ts';
import { customerBody } from './webhooks/payloads/customer.ts';
import { orderBody } from './webhooks/payloads/order.ts';
import { restId } from './webhooks/payloads/rest.ts';

export const asks = ['data', 'redact customer', 'redact shop'] as const;
export type Ask = (typeof asks)[number];

/** Somebody wants to know what is held of them. */
export function requestData(shop: Shop, customer: Customer): void {
  const orders_requested = ordersOf(shop, customer).map(({ id }) => restId(id));
  notify(shop, 'customers/data_request', {
    ...shopPart(shop),
    orders_requested,
    customer: personPart(customer),
    data_request: { id: BigInt(shop.nextId()) },
  });
}

/** `forget`: Shopify tells nothing of the person any more either. */
export function redactCustomer(shop: Shop, customer: Customer, forget: boolean): void {
  const orders = ordersOf(shop, customer);
  if (forget) forgetPerson(shop, customer, orders);
  notify(shop, 'customers/redact', {
    ...shopPart(shop),
    customer: personPart(customer),
    orders_to_redact: orders.map(({ id }) => restId(id)),
  });
}

function forgetPerson(shop: Shop, customer: Customer, orders: readonly Order[]): void {
  const nobody = forgotten(customer, shop.clock());
  shop.customers.put(nobody);
  shop.courier.announce('customers/update', customerBody(shop, nobody));
  for (const order of orders) {
    const left = { ...order, email: null, updatedAt: shop.clock() };
    shop.orders.put(left);
    shop.courier.announce('orders/updated', orderBody(shop, left));
  }
}

/** Two days after the app was uninstalled. */
export function redactShop(shop: Shop): void {
  notify(shop, 'shop/redact', shopPart(shop));
}

function notify(shop: Shop, topic: string, payload: object): void {
  const [subscription] = shop.subscriptions.values();
  const uri = shop.appUri ?? subscription?.uri;
  if (uri === undefined)
    throw new Error(`The app of ${shop.profile.domain} has no address: set appUri, or subscribe to a topic.`);
  shop.courier.notify(topic, payload, uri);
}

const shopPart = ({ profile }: Shop) => ({ shop_id: restId(profile.id), shop_domain: profile.domain });

const personPart = ({ id, defaultEmailAddress, defaultPhoneNumber }: Customer) => ({
  id: restId(id),
  email: defaultEmailAddress?.emailAddress ?? null,
  phone: defaultPhoneNumber?.phoneNumber ?? null,
});

const ordersOf = (shop: Shop, { id }: Customer): readonly Order[] =>
  [...shop.orders.values()].filter(({ customerGid }) => customerGid === id);

const forgotten = (customer: Customer, updatedAt: number): Customer => ({
  ...customer,
  firstName: null,
  lastName: null,
  defaultEmailAddress: null,
  defaultPhoneNumber: null,
  defaultAddress: null,
  note: null,
  tags: [],
  updatedAt,
});
