/**
 * Fills a shop with two years of trade: Japanese and English customers, products of one to 250 variants, orders
 * of one to 120 lines in two currencies, paid, edited, refunded and cancelled. The same seed gives the same shop.
 *
 * Everything is made in the order of its creation, whatever its kind, because ids ascend with time in Shopify.
 * Customers go into their collection last, when their orders are known, so that a million of them are put once.
 */
import type { Customer, Order } from './model.ts';
import { type Amount, money, parseAmount } from './money.ts';
import { newCustomer } from './population/customers.ts';
import { lived } from './population/lifetimes.ts';
import { newOrder } from './population/orders.ts';
import { Past } from './population/past.ts';
import { newProduct } from './population/products.ts';
import { Random } from './random.ts';
import type { Shop } from './shop.ts';

export interface PopulationSize {
  readonly seed: number | string;
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
}

/** Shopify's first order is #1001. */
const FIRST_ORDER_NUMBER = 1001;
const LINES_MAX = 120;

interface Purchases {
  count: number;
  spent: Amount;
  last: Order;
}

/** Adds the population to an empty shop. Announces nothing: the past is past. */
export function populate(shop: Shop, { seed, ...size }: PopulationSize): void {
  const random = new Random(`${seed}/${shop.profile.domain}`);
  const past = new Past(random.fork('past'), shop.filledAt);
  const customers: Customer[] = [];
  const purchases = new Map<string, Purchases>();
  for (const { kind, index, at } of births(past, size)) {
    if (kind === 'customers') customers.push(newCustomer(shop, random, at, past.updatedAt(at)));
    if (kind === 'products') {
      const product = newProduct(shop, random, {
        createdAt: at,
        updatedAt: past.updatedAt(at),
        large: isEdge(index, 200, size.products),
      });
      shop.products.put(product, product.updatedAt);
    }
    if (kind === 'orders') {
      const order = placeOrder(shop, random, past, { at, index, customers, count: size.orders });
      shop.orders.put(order, order.updatedAt);
      note(purchases, order);
    }
  }
  for (const customer of customers) putCustomer(shop, customer, purchases.get(customer.id));
}

type Births = Omit<PopulationSize, 'seed'>;
interface Birth {
  readonly kind: keyof Births;
  readonly index: number;
  readonly at: number;
}

/** All creations in order of time, the kinds mixed, so that ids of every length occur in every kind. */
function* births(past: Past, size: Births): Generator<Birth> {
  const streams = [
    instants(past, 'customers', size.customers, size.customers),
    instants(past, 'products', size.products, size.products),
    instants(past, 'orders', size.orders, size.orders + firstOrderSlot(size)),
  ];
  const heads = streams.map((stream) => stream.next().value);
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      if (head && (first < 0 || head.at < (heads[first]?.at ?? Infinity))) first = index;
    }
    const birth = heads[first];
    if (!birth) return;
    yield birth;
    heads[first] = streams[first]?.next().value;
  }
}

function* instants(
  past: Past,
  kind: keyof Births,
  count: number,
  slots: number,
): Generator<Birth, undefined> {
  for (let index = 0; index < count; index += 1) {
    yield { kind, index, at: past.createdAt(index + slots - count, slots) };
  }
}

/** Orders begin when there is something to buy. */
function firstOrderSlot({ orders, products }: Births): number {
  return Math.ceil(orders / Math.max(1, products));
}

/** The rare giant: one in `every`, in the middle of them; a smaller population has it as its last. */
function isEdge(index: number, every: number, count: number): boolean {
  return index % every === Math.min(Math.floor(every / 2), count - 1);
}

interface Occasion {
  readonly at: number;
  readonly index: number;
  readonly customers: readonly Customer[];
  readonly count: number;
}

function placeOrder(
  shop: Shop,
  random: Random,
  past: Past,
  { at, index, customers, count }: Occasion,
): Order {
  const guest = customers.length === 0 || random.chance(0.08);
  // Some customers come back again and again: the power leans towards the early ones.
  const customer = guest ? null : (customers[Math.floor(random.next() ** 1.5 * customers.length)] ?? null);
  const lineCount = isEdge(index, 500, count) ? LINES_MAX : random.chance(0.6) ? 1 : random.between(2, 6);
  const number = FIRST_ORDER_NUMBER + index;
  return lived(
    shop,
    random,
    past,
    newOrder(shop, random, { at, number, customer, lineCount, orphans: 0.03 }),
  );
}

function note(purchases: Map<string, Purchases>, order: Order): void {
  if (order.customerGid === null) return;
  const spent = parseAmount(order.netPaymentSet.shopMoney.amount);
  const known = purchases.get(order.customerGid);
  if (!known) {
    purchases.set(order.customerGid, { count: 1, spent, last: order });
    return;
  }
  known.count += 1;
  known.spent += spent;
  known.last = order;
}

function putCustomer(shop: Shop, customer: Customer, bought: Purchases | undefined): void {
  const full = bought
    ? {
        ...customer,
        numberOfOrders: String(bought.count),
        amountSpent: money(bought.spent, shop.profile.currencyCode),
        lastOrderGid: bought.last.id,
      }
    : customer;
  shop.customers.put(full, full.updatedAt);
}
