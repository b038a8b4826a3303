import {
  AFTER_SETTLE,
  census,
  change,
  HEADS,
  LOST,
  pass,
  spoil,
  TICK,
  TOLD,
  work,
  world,
} from './by-hand.ts';
import type { Regression } from './regressions.ts';

/** Answers that are not believed, clocks and names (R8, R9, R17, R18). */
export const ANSWERS: readonly Regression[] = [
  {
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
    item: '15',
    claim: 'a version decades ahead freezes no row',
    plan: world(
      [1, 1, 0],
      [change('customer-edit'), ...TOLD, pass(AFTER_SETTLE), work('refresh', spoil('absurdVersion', 1))],
    ),
  },
  {
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
    item: '18',
    claim: 'a cursor that does not move ends the run',
    plan: world([4, 1, 0], census('customers', { kind: 'spoil', fault: 'stuckCursor', seed: 1, times: 40 }), {
      pageSize: 1,
    }),
  },
  {
    item: '13',
    claim: 'one refusal does not end the mirror of a store',
    plan: world(
      [1, 1, 0],
      [
        { do: 'access', granted: true, told: true },
        { do: 'deliver', by: 0 },
        work('errands', spoil('forbidden', 1, 3)),
      ],
    ),
  },
  {
    item: '13',
    claim: 'a look in which every token is refused does not end the mirror of a store',
    plan: world(
      [1, 1, 0],
      [
        { do: 'access', granted: true, told: true },
        { do: 'deliver', by: 0 },
        work('errands', { trouble: { kind: 'api', fault: 'tokenRevoked', times: 4 } }),
        TICK,
      ],
    ),
  },
  {
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
