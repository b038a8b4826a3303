/**
 * The truth: the rows that a perfect mirror of a shop holds, made straight from the shop's objects. It imports
 * nothing from the product, so that a mistake of the product's decoders cannot hide in it. It is the full truth:
 * a mirror whose app lacks a scope may know less.
 *
 * Spelling: money as text with four decimals, times in whole seconds with Z, ids as decimal text.
 */

import { BY_ID, type Collection, type Versioned } from './collection.ts';
import { customerRow } from './expected/customer.ts';
import { orderRow } from './expected/order.ts';
import { productRow } from './expected/product.ts';
import type { ExpectedRow } from './expected/row.ts';
import type { Kind } from './model.ts';
import type { Shop } from './shop.ts';

export interface Range {
  /** Decimal id: only rows after it. */
  readonly after?: string;
  /** At most so many. */
  readonly first?: number;
}

/** The rows of one kind in order of their ids, made one by one as they are asked for. */
export function* expectedRows(shop: Shop, kind: Kind, range: Range = {}): Generator<ExpectedRow> {
  if (kind === 'customers') for (const one of inOrder(shop.customers, range)) yield customerRow(shop, one);
  if (kind === 'products') for (const one of inOrder(shop.products, range)) yield productRow(one);
  if (kind === 'orders') for (const one of inOrder(shop.orders, range)) yield orderRow(shop, one);
}

/** The row of one live object; null when there is none. */
export function expectedRow(shop: Shop, kind: Kind, gid: string): ExpectedRow | null {
  if (kind === 'customers') return map(shop.customers.current(gid), (one) => customerRow(shop, one));
  if (kind === 'products') return map(shop.products.current(gid), productRow);
  return map(shop.orders.current(gid), (one) => orderRow(shop, one));
}

const map = <T, R>(value: T | null, make: (value: T) => R): R | null => (value === null ? null : make(value));

/** The current objects of a collection from an id on. */
export function* inOrder<T extends Versioned & { readonly createdAt: number }>(
  collection: Collection<T>,
  { after, first = Infinity }: Range,
): Generator<T> {
  const from = after === undefined ? null : { value: Number(after), id: after };
  let left = first;
  for (const { object } of collection.walk({ ...BY_ID, asOf: Infinity, from, reverse: false })) {
    if (left <= 0) return;
    left -= 1;
    yield object;
  }
}
