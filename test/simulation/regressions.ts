import type { Plan, Step } from './plan.ts';

/**
 * Plans that broke a promise, smallest first found; each is played with every promise checked, whatever a campaign draws.
 * `item` is what asked for the cure. `open`: it still breaks; the test then says so, and fails once it is cured.
 */
export interface Regression {
  readonly item: string;
  readonly claim: string;
  readonly plan: Plan;
  readonly open?: true;
}

const world = (
  size: readonly [number, number, number],
  steps: readonly Step[],
  more: Partial<Plan> = {},
): Plan => ({
  seed: 1,
  size: { customers: size[0], products: size[1], orders: size[2] },
  mirrored: true,
  shopifyAheadMs: 0,
  secondAheadMs: 0,
  pageSize: null,
  ...more,
  steps: [...steps],
});

type Of<D extends Step['do']> = Extract<Step, { readonly do: D }>;
const change = (what: Of<'change'>['what'], more: Partial<Of<'change'>> = {}): Step => ({
  do: 'change',
  seed: 1,
  what,
  ...more,
});
const work = (queue: Of<'work'>['queue'], more: Partial<Of<'work'>> = {}): Step => ({
  do: 'work',
  by: 0,
  queue,
  pick: 0,
  count: 3,
  ...more,
});
const pass = (ms: number): Step => ({ do: 'pass', ms });
const LOST = { deliveries: 'lost' } as const;
const TICK: Step = { do: 'tick', by: 0 };
/** Delivered and marked, not read. */
const TOLD: readonly Step[] = [{ do: 'deliver', by: 0 }, work('signals')];
const census = (entity: Of<'detect'>['entity'], trouble?: Of<'work'>['trouble']): readonly Step[] => [
  { do: 'detect', detector: 'census', entity },
  work('sweeps', trouble ? { trouble } : {}),
];
const LAGGING = { lag: { replicaMs: [5_000], indexMs: 0 } };
const spoil = (fault: Extract<Of<'work'>['trouble'], { kind: 'spoil' }>['fault'], seed: number, times = 1) =>
  ({ trouble: { kind: 'spoil', fault, seed, times } }) as const;
/** What ends the run is a census of heads: it mends nothing that no version tells. */
const HEADS = { seed: 2 };
const AFTER_SETTLE = 32_500;

export const REGRESSIONS: readonly Regression[] = [
  {
    open: true,
    item: '1',
    claim: 'a vanished row is not passed over because a lagging replica has just shown it live',
    plan: world(
      [1, 1, 0],
      [
        change('customer-tags'),
        ...TOLD,
        pass(AFTER_SETTLE),
        change('customer-delete', LOST),
        ...census('customers', { kind: 'pause', at: 'Shopify has answered' }),
        work('refresh', { by: 1, ...LAGGING }),
        { do: 'resume', pick: 0 },
        TICK,
      ],
    ),
  },
  {
    open: true,
    item: '1',
    claim: 'a lagging live answer does not end the mark of a vanished row',
    plan: world(
      [1, 1, 0],
      [change('customer-delete', LOST), ...census('customers'), work('refresh', LAGGING), TICK],
    ),
  },
  {
    open: true,
    item: '2',
    claim: 'burials that the brake holds outlive a pause of the store',
    plan: world(
      [1, 1, 0],
      [
        pass(AFTER_SETTLE),
        { do: 'vanish', share: 0.95, seed: 1 },
        ...census('customers'),
        { do: 'store', is: 'paused' },
        { do: 'store', is: 'resumed' },
        TICK,
      ],
      { crowd: 130 },
    ),
  },
  {
    open: true,
    item: '2',
    claim: 'burials that the brake holds outlive a census that is given up',
    plan: world(
      [1, 1, 0],
      [
        pass(AFTER_SETTLE),
        { do: 'vanish', share: 0.95, seed: 1 },
        ...census('customers'),
        ...census('customers', { kind: 'crash', at: 'census compared, not concluded' }),
        pass(250_000),
        { do: 'detect', detector: 'content', entity: 'customers' },
        work('sweeps', { pick: 1, count: 1 }),
        TICK,
      ],
      { crowd: 130 },
    ),
  },
  {
    open: true,
    item: '3',
    claim: 'a row that was read under a wrong date is not passed over',
    plan: world(
      [1, 1, 0],
      [
        change('customer-edit'),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh', spoil('jumpedDate', 3)),
        pass(640_000),
        change('customer-delete', LOST),
        pass(AFTER_SETTLE),
        ...census('customers'),
        TICK,
      ],
    ),
  },
  {
    open: true,
    item: '5',
    claim: 'an order that goes out of sight between list and read is no match',
    plan: world(
      [1, 1, 1],
      [
        change('order-archive'),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh'),
        change('order-delete', LOST),
        pass(AFTER_SETTLE),
        ...census('orders'),
        { do: 'scope', scope: 'read_all_orders', granted: false },
        { do: 'upkeep', by: 0 },
        pass(6_000),
        work('refresh', { count: 6 }),
        TICK,
      ],
      { agedDays: 100 },
    ),
  },
  {
    open: true,
    item: '5',
    claim: 'a key that was held and is listed again is held no longer',
    plan: world(
      [1, 1, 0],
      [
        pass(AFTER_SETTLE),
        ...census('customers', { kind: 'spoil', fault: 'shortList', seed: 1, times: 1 }),
        ...census('customers'),
        TICK,
      ],
      { crowd: 130, ...HEADS },
    ),
  },
  {
    open: true,
    item: '5',
    claim: 'a second change within the second is awaited though its key is marked already',
    plan: world(
      [1, 1, 0],
      [
        change('customer-edit'),
        ...TOLD,
        work('refresh'),
        change('customer-edit', { seed: 2, ...LOST }),
        pass(62_000),
        ...census('customers'),
        TICK,
      ],
    ),
  },
  {
    open: true,
    item: '5',
    claim: 'a read that was under way behind the list brings no dead row back',
    plan: world(
      [0, 1, 0],
      [
        change('customer-create'),
        pass(AFTER_SETTLE),
        ...TOLD,
        change('customer-delete', LOST),
        work('refresh', { by: 1, ...LAGGING, trouble: { kind: 'pause', at: 'read, not committed' } }),
        pass(45_000),
        ...census('customers'),
        { do: 'resume', pick: 0 },
        TICK,
      ],
    ),
  },
  {
    open: true,
    item: '8',
    claim: 'a field that failed twice is read again',
    plan: world(
      [1, 1, 0],
      [
        change('customer-edit'),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh', spoil('fieldError', 2, 3)),
        ...census('customers'),
        TICK,
      ],
      HEADS,
    ),
  },
  {
    open: true,
    item: '9',
    claim: 'a list that is null without an error is no answer',
    plan: world(
      [1, 1, 0],
      [
        change('product-edit'),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh', spoil('nullList', 1, 3)),
        ...census('products'),
        TICK,
      ],
      HEADS,
    ),
  },
  {
    open: true,
    item: '10',
    claim: 'an error without a path takes no known value away',
    plan: world(
      [1, 1, 0],
      [
        change('customer-edit'),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh', spoil('pathlessError', 1, 3)),
        ...census('customers'),
        TICK,
      ],
    ),
  },
  {
    open: true,
    item: '14',
    claim: 'one date that is ahead hides no change from the sweeps',
    plan: world(
      [1, 1, 0],
      [
        { do: 'detect', detector: 'sweep', entity: 'customers' },
        work('sweeps', spoil('jumpedDate', 3)),
        pass(5_000),
        change('customer-edit', LOST),
        pass(1_000_000),
        { do: 'detect', detector: 'sweep', entity: 'customers' },
        work('sweeps'),
      ],
    ),
  },
  {
    open: true,
    item: '15',
    claim: 'a version decades ahead freezes no row',
    plan: world(
      [1, 1, 0],
      [change('customer-edit'), ...TOLD, pass(AFTER_SETTLE), work('refresh', spoil('absurdVersion', 1))],
    ),
  },
  {
    open: true,
    item: '17',
    claim: 'an object in the place of another clears nothing',
    plan: world(
      [2, 1, 0],
      [
        change('customer-edit', { seed: 1 }),
        change('customer-edit', { seed: 4 }),
        change('customer-edit', { seed: 5 }),
        ...TOLD,
        pass(AFTER_SETTLE),
        work('refresh', spoil('repeatedNode', 1)),
      ],
    ),
  },
  {
    open: true,
    item: '17',
    claim: 'a head that is listed twice hides no other',
    plan: world(
      [3, 1, 0],
      [work('sweeps', { count: 1, ...spoil('repeatedHead', 1) }), work('refresh'), TICK],
      {
        mirrored: false,
      },
    ),
  },
  {
    open: true,
    item: '18',
    claim: 'a cursor that does not move ends the run',
    plan: world([4, 1, 0], census('customers', { kind: 'spoil', fault: 'stuckCursor', seed: 1, times: 40 }), {
      pageSize: 1,
    }),
  },
  {
    open: true,
    item: '12',
    claim: 'a shop under another name is the same store',
    plan: world(
      [1, 1, 1],
      [
        { do: 'rename', corrected: false },
        change('customer-edit'),
        ...TOLD,
        { do: 'rename', corrected: true },
        TICK,
      ],
    ),
  },
];
