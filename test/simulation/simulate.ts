import { Announced } from './announced.ts';
import { type Counts, Exercised } from './exercised.ts';
import type { Ground } from './ground.ts';
import type { Plan } from './plan.ts';
import { checkNow, comeToRest, connect, recover } from './recovery.ts';
import { perform } from './steps.ts';
import { TinyWorld } from './world.ts';

/** One run: a plan played to its end, the rules checked after every step, and what was exercised. */
export interface Outcome {
  /** Empty when every rule held. */
  readonly violations: readonly string[];
  readonly counts: Counts;
}

export async function simulate(ground: Ground, plan: Plan): Promise<Outcome> {
  const exercised = new Exercised();
  exercised.counts.runs = 1;
  const world = new TinyWorld(plan, ground, exercised);
  const announced = new Announced(world.shop);
  const { found } = world.violations;
  try {
    await connect(world);
    world.answers.pageSize = plan.pageSize;
    if (plan.mirrored) await comeToRest(world);
    for (const step of plan.steps) {
      exercised.counts.steps++;
      await perform(world, announced, step);
      await checkNow(world);
      if (found.length > 0) break;
    }
    if (found.length === 0) await recover(world, announced);
  } catch (error) {
    world.violations.add('bug', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  exercised.fault('fenced', world.rules.fenced);
  exercised.fault('brakeHeld', world.rules.held);
  return { violations: found, counts: exercised.counts };
}
