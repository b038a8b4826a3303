import type { Random } from '../../simulator/random.ts';
import type { Lag, Step } from './plan.ts';

/** What marks an object without deleting it, and what may happen to one behind a list that held it. */
const EDIT = { customers: 'customer-tags', orders: 'order-annotate', products: 'product-edit' } as const;
const END = {
  customers: ['customer-delete', 'customer-edit', 'customer-merge'],
  orders: ['order-delete', 'order-annotate'],
  products: ['product-delete', 'product-edit'],
} as const;

/**
 * A census has its list and is held up; keys are read meanwhile, perhaps by a replica that lags; then the census compares.
 * What was deleted may have a mark from an earlier change, whether its end was told or not.
 */
export function besideACensus(random: Random, lag: () => { lag?: Lag }): readonly Step[] {
  const [by, other] = random.pick([[0, 1] as const, [1, 0] as const]);
  const entity = random.pick(['customers', 'orders', 'products'] as const);
  const told = random.chance(0.7) ? { deliveries: 'lost' as const } : {};
  const at = random.pick(['Shopify not asked yet', 'Shopify has answered'] as const);
  return [
    { do: 'change', seed: random.word(), what: EDIT[entity] },
    { do: 'deliver', by },
    { do: 'work', by, queue: 'signals', pick: 0, count: 8 },
    { do: 'pass', ms: random.pick([5_000, 12_000, 31_500]) },
    { do: 'change', seed: random.word(), what: random.pick(END[entity]), ...told },
    { do: 'detect', detector: 'census', entity },
    {
      do: 'work',
      by,
      queue: 'sweeps',
      pick: random.between(0, 3),
      trouble: { kind: 'pause', at, after: random.between(0, 2) },
    },
    { do: 'work', by: other, queue: 'refresh', pick: random.between(0, 3), count: 3, ...lag() },
    { do: 'resume', pick: 0 },
  ];
}
