import type { Plan } from './plan.ts';
import { ANSWERS } from './regressions-of-answers.ts';
import { CERTIFICATES } from './regressions-of-certificates.ts';

/**
 * Plans that broke a promise, the smallest that were found. `item` is what asked for the cure.
 */
export interface Regression {
  readonly item: string;
  readonly claim: string;
  readonly plan: Plan;
}

export const REGRESSIONS: readonly Regression[] = [...CERTIFICATES, ...ANSWERS];
