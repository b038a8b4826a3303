/** What happened to an order between the day it was placed and today: paid, sent, edited, taken back. */
import {
  archive,
  cancel,
  edit,
  fulfil,
  goodwill,
  pay,
  type RefundDetails,
  type Removal,
  refund,
  touch,
  withMore,
} from '../changes/order-steps.ts';
import type { Order } from '../model.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { cancelReasons, refundNotes } from './catalogue.ts';
import type { Past } from './past.ts';

type Step = (order: Order, at: number) => Order;

/** The order as it stands today. */
export function lived(shop: Shop, random: Random, past: Past, placed: Order): Order {
  let order = placed;
  for (const { step, daysMax } of plan(shop, random)) {
    const at = past.next(order.updatedAt, daysMax);
    if (at === null) return order;
    order = step(order, at);
  }
  const imported = past.importAfter(order.updatedAt);
  return imported === null ? order : touch(order, imported, { tags: [...order.tags, 'imported'] });
}

function plan(shop: Shop, random: Random): { step: Step; daysMax: number }[] {
  const steps: { step: Step; daysMax: number }[] = [];
  const details = (restockType: string) => refundDetails(shop, random, restockType);
  if (random.chance(0.04)) steps.push({ step: (order, at) => edit(order, grown(order), at), daysMax: 1 });
  if (random.chance(0.9)) steps.push({ step: pay, daysMax: 2 });
  if (random.chance(0.03)) {
    const reason = random.pick(cancelReasons);
    return [...steps, { step: (order, at) => cancel(order, reason, details('CANCEL'), at), daysMax: 5 }];
  }
  if (random.chance(0.8)) steps.push({ step: (o, at) => fulfil(o, !random.chance(0.05), at), daysMax: 4 });
  const returns = random.chance(0.08) ? random.between(1, 3) : 0;
  for (let index = 0; index < returns; index += 1) {
    const whole = random.chance(0.3);
    const takeBack: Step = (order, at) => {
      const removals = returned(order, random, whole);
      return removals.length > 0 ? refund(order, removals, details('RETURN'), at) : order;
    };
    steps.push({ step: takeBack, daysMax: 40 });
  }
  if (random.chance(0.01))
    steps.push({ step: (o, at) => goodwill(o, 10n, details('NO_RESTOCK'), at), daysMax: 9 });
  if (random.chance(0.4)) steps.push({ step: archive, daysMax: 60 });
  return steps;
}

/** Which lines come back: all that is left, or some of one line. */
export function returned(order: Order, random: Random, whole: boolean): Removal[] {
  const left = order.lineItems.filter((line) => line.currentQuantity > 0);
  if (left.length === 0) return [];
  if (whole) return left.map((line) => ({ lineId: line.id, quantity: line.currentQuantity }));
  const line = random.pick(left);
  return [{ lineId: line.id, quantity: random.between(1, line.currentQuantity) }];
}

/** One more of the first line. */
export function grown(order: Order): Order['lineItems'] {
  return order.lineItems.map((line, index) => (index === 0 ? withMore(line, 1) : line));
}

export function refundDetails(shop: Shop, random: Random, restockType: string): RefundDetails {
  return {
    id: `gid://shopify/Refund/${shop.nextId()}`,
    note: random.pick(refundNotes),
    restockType,
    lineId: () => (random.chance(0.85) ? `gid://shopify/RefundLineItem/${shop.nextId()}` : null),
    createdAtKnown: random.chance(0.98),
  };
}
