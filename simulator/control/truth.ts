import { z } from 'zod';
import { expectedRows, inOrder } from '../expected.ts';
import type { Kind } from '../model.ts';
import type { Shop } from '../shop.ts';
import { lines } from './answer.ts';

const Path = z.enum(['customers', 'products', 'orders'] satisfies Kind[]);
const Query = z.strictObject({
  after: z.string().regex(/^\d+$/, 'must be a decimal Shopify id').optional(),
  first: z.coerce.number().int().positive().optional(),
  raw: z.literal('1').optional(),
});

/** Rows as a mirror must hold them, or the objects themselves, in order of their ids. */
export function truth(shop: Shop, kindText: string | undefined, query: URLSearchParams): Response {
  const kind = Path.parse(kindText);
  const { after, first, raw } = Query.parse(Object.fromEntries(query));
  const range = { ...(after !== undefined && { after }), ...(first !== undefined && { first }) };
  if (!raw) return lines(expectedRows(shop, kind, range));
  if (kind === 'customers') return lines(inOrder(shop.customers, range));
  if (kind === 'products') return lines(inOrder(shop.products, range));
  return lines(inOrder(shop.orders, range));
}
