import type { Random } from '../../simulator/random.ts';
import type { Event } from './faults.ts';
import { SCOPES, type Step } from './plan.ts';

const HOUR_MS = 3_600_000;

/** What befalls a store or a process as steps of a plan; and the steps that take it back. */
export function happening(event: Event, random: Random): readonly [readonly Step[], readonly Step[]] {
  const by = random.pick([0, 1] as const);
  const upkeep: Step = { do: 'upkeep', by: random.pick([0, 1] as const) };
  const perhaps = (step: Step): readonly Step[] => (random.chance(0.6) ? [step] : []);
  switch (event) {
    case 'steppedClock': {
      const ms = random.pick([-3 * HOUR_MS, -20 * 60_000, -45_000, 45_000, 20 * 60_000, 3 * HOUR_MS]);
      const back = random.chance(0.5) ? -ms : 0;
      return [[{ do: 'clock', of: by, ms }], back === 0 ? [] : [{ do: 'clock', of: by, ms: back }]];
    }
    case 'disconnected': {
      const told = random.chance(0.5);
      const errands: Step = { do: 'work', by, queue: 'errands', pick: 0, count: 3 };
      const said: readonly Step[] = told ? [{ do: 'deliver', by }, errands] : [];
      const later: Step = { do: 'pass', ms: random.pick([5_000, 31_000, 640_000]) };
      return [
        [{ do: 'access', granted: false, told }, ...said, ...(told ? [later, errands] : [])],
        [{ do: 'access', granted: true }, ...perhaps(upkeep)],
      ];
    }
    case 'falseUninstall': {
      const trouble = { kind: 'spoil', fault: 'forbidden', seed: 0, times: random.between(1, 2) } as const;
      const errands: Step = { do: 'work', by, queue: 'errands', pick: 0, count: 3 };
      return [
        [
          { do: 'access', granted: true, told: true },
          { do: 'deliver', by },
          { ...errands, trouble },
        ],
        [{ do: 'pass', ms: 640_000 }, errands],
      ];
    }
    case 'storePaused':
      return [[{ do: 'store', is: 'paused' }], [{ do: 'store', is: 'resumed' }]];
    case 'scopeGone': {
      const scope = random.pick([...SCOPES, 'read_all_orders' as const]);
      return [
        [{ do: 'scope', scope, granted: false }, ...perhaps(upkeep)],
        [{ do: 'scope', scope, granted: true }, ...perhaps(upkeep)],
      ];
    }
    case 'renamed':
      return [[{ do: 'rename', corrected: random.chance(0.4) }], [{ do: 'rename', corrected: true }]];
    case 'brakeHeld':
      return brakeHeld(random, by);
  }
}

/**
 * So much is gone, or a census is shown so short a list, that the brake holds; and then a pause, another census, one that
 * takes the place of the first, or an operator's release.
 */
function brakeHeld(random: Random, by: 0 | 1): readonly [readonly Step[], readonly Step[]] {
  const census = (detector: 'census' | 'content'): readonly Step[] => [
    { do: 'detect', detector, entity: 'customers' },
    { do: 'work', by, queue: 'sweeps', pick: random.between(0, 2), count: 2 },
  ];
  const short: readonly Step[] = [
    { do: 'detect', detector: 'census', entity: 'customers' },
    {
      do: 'work',
      by,
      queue: 'sweeps',
      pick: 0,
      count: 2,
      trouble: { kind: 'spoil', fault: 'shortList', seed: random.word(), times: 1 },
    },
  ];
  const gone: readonly Step[] = [
    { do: 'vanish', share: random.pick([0.85, 0.95]), seed: random.word() },
    { do: 'pass', ms: random.pick([200, 45_000]) },
    ...census('census'),
  ];
  const pause: readonly Step[] = [
    { do: 'store', is: 'paused' },
    { do: 'store', is: 'resumed' },
  ];
  const then = random.pick([pause, census('census'), census('content'), [{ do: 'release' } as const]]);
  return [
    [...random.pick([short, gone]), ...then, { do: 'tick', by }],
    random.pick([[], [{ do: 'release' }]]),
  ];
}
