import type { Plan } from './plan.ts';
import { ANSWERS } from './regressions-of-answers.ts';
import { CERTIFICATES } from './regressions-of-certificates.ts';

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

export const REGRESSIONS: readonly Regression[] = [...CERTIFICATES, ...ANSWERS];
