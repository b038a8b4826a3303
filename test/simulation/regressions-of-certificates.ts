import {
  AFTER_SETTLE,
  census,
  change,
  HEADS,
  LAGGING,
  LOST,
  pass,
  spoil,
  TICK,
  TOLD,
  work,
  world,
} from './by-hand.ts';
import type { Regression } from './regressions.ts';

/** What a certificate must not say (R15). */
export const CERTIFICATES: readonly Regression[] = [
  {
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
    item: '1',
    claim: 'a lagging live answer does not end the mark of a vanished row',
    plan: world(
      [1, 1, 0],
      // Time for every read of the first mirror to be proof: nothing but the list speaks against the row.
      [pass(62_000), change('customer-delete', LOST), ...census('customers'), work('refresh', LAGGING), TICK],
    ),
  },
  {
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
    item: '5',
    claim: 'a first mirror whose list hides the old orders is no match, though nobody has noticed yet',
    plan: world(
      [0, 1, 2],
      [{ do: 'scope', scope: 'read_all_orders', granted: false }, work('sweeps'), work('refresh'), TICK],
      { agedDays: 100, mirrored: false },
    ),
  },
  {
    item: '8',
    claim: 'a last order that is out of sight is not none',
    plan: world(
      [1, 1, 2],
      [{ do: 'scope', scope: 'read_all_orders', granted: false }, work('sweeps'), work('refresh'), TICK],
      { agedDays: 100, mirrored: false },
    ),
  },
  {
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
];
