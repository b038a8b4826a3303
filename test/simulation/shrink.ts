import type { Plan, Step } from './plan.ts';

/**
 * The smallest plan that still fails, by delta debugging: halves, quarters, single steps are left out as long as
 * what is left fails; then each remaining step loses what it can do without.
 */
export type Fails = (plan: Plan) => Promise<boolean>;

const TRIES_MAX = 600;

export async function shrink(plan: Plan, fails: Fails): Promise<Plan> {
  let triesLeft = TRIES_MAX;
  let smallest = plan;
  const smaller = async (candidate: Plan): Promise<boolean> => {
    if (triesLeft-- <= 0 || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  for (let chunk = Math.ceil(plan.steps.length / 2); chunk >= 1; chunk = Math.floor(chunk / 2))
    for (let from = smallest.steps.length - chunk; from > -chunk; from -= chunk)
      await smaller({ ...smallest, steps: without(smallest.steps, Math.max(0, from), chunk) });
  for (const change of SIMPLER_WORLDS) await smaller({ ...smallest, ...change });
  for (let i = 0; i < smallest.steps.length; i++)
    for (const simpler of simplerSteps(smallest.steps[i]!))
      await smaller({ ...smallest, steps: smallest.steps.with(i, simpler) });
  for (let i = smallest.steps.length - 1; i >= 0; i--)
    await smaller({ ...smallest, steps: without(smallest.steps, i, 1) });
  return smallest;
}

const without = (steps: readonly Step[], from: number, count: number): Step[] => [
  ...steps.slice(0, from),
  ...steps.slice(from + count),
];

const SIMPLER_WORLDS: readonly Partial<Plan>[] = [
  { mirrored: true },
  { shopifyAheadMs: 0 },
  { secondAheadMs: 0 },
  { pageSize: null },
];

/** The step without one of the things that may be missing, or with less of it. */
function simplerSteps(step: Step): readonly Step[] {
  switch (step.do) {
    case 'change': {
      const { deliveries: _, ...reliable } = step;
      return step.deliveries === undefined ? [] : [reliable];
    }
    case 'work': {
      const { trouble: _, ...untroubled } = step;
      const { lag: __, ...prompt } = step;
      const first = { ...step, pick: 0 };
      const one = { ...step, count: 1 };
      return [...(step.trouble ? [untroubled] : []), ...(step.lag ? [prompt] : []), first, one];
    }
    case 'deliver':
    case 'tick':
    case 'resume': {
      const { trouble: _, ...untroubled } = step;
      return step.trouble ? [untroubled] : [];
    }
    default:
      return [];
  }
}
