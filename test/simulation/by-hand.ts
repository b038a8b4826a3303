import type { Plan, Step } from './plan.ts';

/** Plans written by hand: a world of a given size, and the steps that are said again and again. */
export const world = (
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
export const change = (what: Of<'change'>['what'], more: Partial<Of<'change'>> = {}): Step => ({
  do: 'change',
  seed: 1,
  what,
  ...more,
});
export const work = (queue: Of<'work'>['queue'], more: Partial<Of<'work'>> = {}): Step => ({
  do: 'work',
  by: 0,
  queue,
  pick: 0,
  count: 3,
  ...more,
});
export const pass = (ms: number): Step => ({ do: 'pass', ms });
export const LOST = { deliveries: 'lost' } as const;
export const TICK: Step = { do: 'tick', by: 0 };
/** Delivered and marked, not read. */
export const TOLD: readonly Step[] = [{ do: 'deliver', by: 0 }, work('signals')];
export const census = (entity: Of<'detect'>['entity'], trouble?: Of<'work'>['trouble']): readonly Step[] => [
  { do: 'detect', detector: 'census', entity },
  work('sweeps', trouble ? { trouble } : {}),
];
export const LAGGING = { lag: { replicaMs: [5_000], indexMs: 0 } };
export const spoil = (
  fault: Extract<Of<'work'>['trouble'], { kind: 'spoil' }>['fault'],
  seed: number,
  times = 1,
) => ({ trouble: { kind: 'spoil', fault, seed, times } }) as const;
/** What ends the run is a census of heads: it mends nothing that no version tells. */
export const HEADS = { seed: 2 };
export const AFTER_SETTLE = 32_500;
