/** What each kind can be sorted by: the sort keys of Shopify's enums that our objects can answer. */
import { BY_ID } from '../collection.ts';
import type { Customer, Kind, Kinds, Order, Product } from '../model.ts';
import type { SortValue } from '../ordering.ts';
import { notSimulated } from './problem.ts';

type SortKeys<T> = Readonly<Record<string, (object: T) => SortValue>>;

const byId = BY_ID.rankOf;
const text = (value: string | null | undefined): string => (value ?? '').toLowerCase();

const customers: SortKeys<Customer> = {
  ID: byId,
  // Relevance is a search engine's secret; like this one, the real key is stable within a query.
  RELEVANCE: byId,
  CREATED_AT: (customer) => customer.createdAt,
  UPDATED_AT: (customer) => customer.updatedAt,
  NAME: ({ lastName, firstName }) => `${text(lastName)}, ${text(firstName)}`,
  LOCATION: ({ defaultAddress }) => `${text(defaultAddress?.country)}, ${text(defaultAddress?.city)}`,
};

const products: SortKeys<Product> = {
  ID: byId,
  RELEVANCE: byId,
  CREATED_AT: (product) => product.createdAt,
  UPDATED_AT: (product) => product.updatedAt,
  PUBLISHED_AT: ({ publishedAt }) => publishedAt ?? 0,
  TITLE: ({ title }) => text(title),
  VENDOR: ({ vendor }) => text(vendor),
  PRODUCT_TYPE: ({ productType }) => text(productType),
  INVENTORY_TOTAL: ({ totalInventory }) => totalInventory,
};

const orders: SortKeys<Order> = {
  ID: byId,
  RELEVANCE: byId,
  CREATED_AT: (order) => order.createdAt,
  UPDATED_AT: (order) => order.updatedAt,
  PROCESSED_AT: (order) => order.processedAt,
  ORDER_NUMBER: ({ number }) => number,
  TOTAL_PRICE: ({ totalPriceSet }) => Number(totalPriceSet.shopMoney.amount),
  CURRENT_TOTAL_PRICE: ({ currentTotalPriceSet }) => Number(currentTotalPriceSet.shopMoney.amount),
  TOTAL_ITEMS_QUANTITY: ({ lineItems }) => lineItems.reduce((sum, { quantity }) => sum + quantity, 0),
  FINANCIAL_STATUS: ({ displayFinancialStatus }) => text(displayFinancialStatus),
  FULFILLMENT_STATUS: ({ displayFulfillmentStatus }) => text(displayFulfillmentStatus),
  CUSTOMER_NAME: ({ shippingAddress }) =>
    `${text(shippingAddress?.lastName)}, ${text(shippingAddress?.firstName)}`,
  DESTINATION: ({ shippingAddress }) => `${text(shippingAddress?.country)}, ${text(shippingAddress?.city)}`,
};

const SORT_KEYS: { readonly [K in Kind]: SortKeys<Kinds[K]> } = { customers, products, orders };

export function sortValue<K extends Kind>(kind: K, sortKey: string): (object: Kinds[K]) => SortValue {
  const keys: SortKeys<Kinds[K]> = SORT_KEYS[kind];
  const rankOf = keys[sortKey];
  if (!rankOf) throw notSimulated(`${kind} sorted by ${sortKey}`);
  return rankOf;
}
