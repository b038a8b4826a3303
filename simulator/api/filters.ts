/**
 * Which filters each kind knows and what they look at. A name that is not here is an unknown filter, and the
 * real Shopify ignores those without a word: the list comes back as if they had not been asked.
 */
import type { Customer, Kind, Kinds, Order, Product } from '../model.ts';

export type Filter<T> =
  | { readonly type: 'time'; readonly of: (object: T) => number | null; readonly sortKey?: string }
  | { readonly type: 'number'; readonly of: (object: T) => number }
  | { readonly type: 'gid'; readonly of: (object: T) => string | null; readonly sortKey?: string }
  | { readonly type: 'text'; readonly of: (object: T) => readonly (string | null | undefined)[] };

export interface Filters<T> {
  readonly byName: Readonly<Record<string, Filter<T>>>;
  /** What a bare word is looked for in. */
  readonly words: (object: T) => readonly (string | null | undefined)[];
}

const customers: Filters<Customer> = {
  byName: {
    id: { type: 'gid', of: ({ id }) => id, sortKey: 'ID' },
    created_at: { type: 'time', of: ({ createdAt }) => createdAt, sortKey: 'CREATED_AT' },
    updated_at: { type: 'time', of: ({ updatedAt }) => updatedAt, sortKey: 'UPDATED_AT' },
    email: { type: 'text', of: ({ defaultEmailAddress }) => [defaultEmailAddress?.emailAddress] },
    phone: { type: 'text', of: ({ defaultPhoneNumber }) => [defaultPhoneNumber?.phoneNumber] },
    first_name: { type: 'text', of: ({ firstName }) => [firstName] },
    last_name: { type: 'text', of: ({ lastName }) => [lastName] },
    country: {
      type: 'text',
      of: ({ defaultAddress }) => [defaultAddress?.country, defaultAddress?.countryCodeV2],
    },
    state: { type: 'text', of: ({ state }) => [state] },
    tag: { type: 'text', of: ({ tags }) => tags },
    orders_count: { type: 'number', of: ({ numberOfOrders }) => Number(numberOfOrders) },
    total_spent: { type: 'number', of: ({ amountSpent }) => Number(amountSpent.amount) },
  },
  words: ({ firstName, lastName, defaultEmailAddress }) => [
    firstName,
    lastName,
    defaultEmailAddress?.emailAddress,
  ],
};

const products: Filters<Product> = {
  byName: {
    id: { type: 'gid', of: ({ id }) => id, sortKey: 'ID' },
    created_at: { type: 'time', of: ({ createdAt }) => createdAt, sortKey: 'CREATED_AT' },
    updated_at: { type: 'time', of: ({ updatedAt }) => updatedAt, sortKey: 'UPDATED_AT' },
    published_at: { type: 'time', of: ({ publishedAt }) => publishedAt },
    title: { type: 'text', of: ({ title }) => [title] },
    handle: { type: 'text', of: ({ handle }) => [handle] },
    status: { type: 'text', of: ({ status }) => [status] },
    vendor: { type: 'text', of: ({ vendor }) => [vendor] },
    product_type: { type: 'text', of: ({ productType }) => [productType] },
    tag: { type: 'text', of: ({ tags }) => tags },
    sku: { type: 'text', of: ({ variants }) => variants.map(({ sku }) => sku) },
    barcode: { type: 'text', of: ({ variants }) => variants.map(({ barcode }) => barcode) },
    gift_card: { type: 'text', of: ({ isGiftCard }) => [String(isGiftCard)] },
    inventory_total: { type: 'number', of: ({ totalInventory }) => totalInventory },
  },
  words: ({ title, vendor, productType, tags }) => [title, vendor, productType, ...tags],
};

const orders: Filters<Order> = {
  byName: {
    id: { type: 'gid', of: ({ id }) => id, sortKey: 'ID' },
    created_at: { type: 'time', of: ({ createdAt }) => createdAt, sortKey: 'CREATED_AT' },
    updated_at: { type: 'time', of: ({ updatedAt }) => updatedAt, sortKey: 'UPDATED_AT' },
    processed_at: { type: 'time', of: ({ processedAt }) => processedAt, sortKey: 'PROCESSED_AT' },
    name: { type: 'text', of: ({ name }) => [name, name.replace('#', '')] },
    email: { type: 'text', of: ({ email }) => [email] },
    tag: { type: 'text', of: ({ tags }) => tags },
    sku: { type: 'text', of: ({ lineItems }) => lineItems.map(({ sku }) => sku) },
    status: { type: 'text', of: (order) => statusesOf(order) },
    test: { type: 'text', of: ({ test }) => [String(test)] },
    customer_id: { type: 'gid', of: ({ customerGid }) => customerGid },
    financial_status: { type: 'text', of: ({ displayFinancialStatus }) => [displayFinancialStatus] },
    fulfillment_status: { type: 'text', of: ({ displayFulfillmentStatus }) => [displayFulfillmentStatus] },
    return_status: { type: 'text', of: ({ returnStatus }) => [returnStatus] },
    source_name: { type: 'text', of: ({ sourceName }) => [sourceName] },
    discount_code: { type: 'text', of: ({ discountCodes }) => discountCodes.slice(0, 1) },
    total_price: { type: 'number', of: ({ totalPriceSet }) => Number(totalPriceSet.shopMoney.amount) },
    current_total_price: {
      type: 'number',
      of: ({ currentTotalPriceSet }) => Number(currentTotalPriceSet.shopMoney.amount),
    },
  },
  words: ({ name, email, sourceName, shippingAddress }) => [
    name,
    email,
    sourceName,
    shippingAddress?.lastName,
  ],
};

function statusesOf({ closed, cancelledAt }: Order): string[] {
  if (cancelledAt !== null) return ['cancelled'];
  return closed ? ['closed'] : ['open', 'not_closed'];
}

const FILTERS: { readonly [K in Kind]: Filters<Kinds[K]> } = { customers, products, orders };

export const filtersOf = <K extends Kind>(kind: K): Filters<Kinds[K]> => FILTERS[kind];
