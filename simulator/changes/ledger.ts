/**
 * Which orders belong to which customer, and which number comes next: what a shop's collections cannot answer
 * cheaply and every change of an order asks.
 *
 * It is made when first needed and made anew whenever orders came or went behind its back.
 */
import type { Customer, Order } from '../model.ts';
import { type Amount, money, parseAmount } from '../money.ts';
import type { Shop } from '../shop.ts';

export class Ledger {
  readonly #shop: Shop;
  #orders = new Map<string, Set<string>>();
  #entries = -1;
  #lastNumber = 1000;

  constructor(shop: Shop) {
    this.#shop = shop;
  }

  /** The customer's orders, as they stand now. */
  of(customerGid: string): Order[] {
    this.#refresh();
    const gids = this.#orders.get(customerGid) ?? [];
    return [...gids].flatMap((gid) => this.#shop.orders.current(gid) ?? []);
  }

  /** The number of the next order: one more than the greatest so far. */
  nextOrderNumber(): number {
    this.#refresh();
    return this.#lastNumber + 1;
  }

  /** Call after a new order was put. */
  add(order: Order): void {
    if (this.#entries === this.#shop.orders.size - 1) this.#enter(order);
  }

  /** Call after an order was deleted. */
  remove(order: Order): void {
    if (this.#entries !== this.#shop.orders.size + 1) return;
    this.#entries -= 1;
    if (order.customerGid) this.#orders.get(order.customerGid)?.delete(order.id);
  }

  /** All orders of one customer become another's. */
  hand(fromGid: string, toGid: string): void {
    this.#refresh();
    const moved = this.#orders.get(fromGid) ?? new Set<string>();
    const kept = this.#orders.get(toGid) ?? new Set<string>();
    this.#orders.set(toGid, new Set([...kept, ...moved]));
    this.#orders.delete(fromGid);
  }

  #refresh(): void {
    if (this.#entries === this.#shop.orders.size) return;
    this.#orders = new Map();
    this.#entries = 0;
    for (const order of this.#shop.orders.values()) this.#enter(order);
  }

  #enter(order: Order): void {
    this.#entries += 1;
    this.#lastNumber = Math.max(this.#lastNumber, order.number);
    if (!order.customerGid) return;
    const known = this.#orders.get(order.customerGid);
    if (known) known.add(order.id);
    else this.#orders.set(order.customerGid, new Set([order.id]));
  }
}

export type Purchases = Pick<Customer, 'numberOfOrders' | 'amountSpent' | 'lastOrderGid'>;

/** A customer's totals: all orders count, and what was paid for them less what was given back. */
export function purchasesOf(orders: readonly Order[], currency: string): Purchases {
  let spent: Amount = 0n;
  let last: Order | null = null;
  for (const order of orders) {
    spent += parseAmount(order.netPaymentSet.shopMoney.amount);
    if (!last || order.processedAt >= last.processedAt) last = order;
  }
  return {
    numberOfOrders: String(orders.length),
    amountSpent: money(spent, currency),
    lastOrderGid: last?.id ?? null,
  };
}
