import { changesOf } from '../changes.ts';
import type { Shop } from '../shop.ts';
import type { Simulator } from '../simulator.ts';
import { Courier } from '../webhooks/courier.ts';
import { json } from './answer.ts';

/** Counts of everything: what there is, what was asked, what was sent, what happened. */
export function stats(simulator: Simulator, shop: Shop): Response {
  const { customers, products, orders, courier, subscriptions } = shop;
  return json({
    now: shop.clock(),
    size: { customers: customers.size, products: products.size, orders: orders.size },
    subscriptions: subscriptions.size,
    changes: changesOf(shop).length,
    api: simulator.stats(shop.profile.domain),
    webhooks: courier instanceof Courier ? { ...courier.stats, nextDueAt: courier.nextDueAt } : null,
  });
}
