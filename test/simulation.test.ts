import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { campaign } from './simulation/campaign.ts';
import { Exercised } from './simulation/exercised.ts';
import { generate } from './simulation/generate.ts';
import { Ground } from './simulation/ground.ts';
import { shrink } from './simulation/shrink.ts';
import { simulate } from './simulation/simulate.ts';

/** `npm run simulate` plays thousands of these; here are as many as a test suite can wait for. */
const RUNS = 40;

describe('the simulation', () => {
  test('finds no rule broken, whatever goes wrong', { timeout: 120_000 }, async () => {
    const { failures, counts } = await campaign({ seed: 1, runs: RUNS, threads: 1 }, () => {});
    expect(failures).toEqual([]);
    const exercised = new Exercised();
    exercised.add(counts);
    const faults = Object.values(counts.faults).reduce((a, b) => a + b, 0);
    expect(counts.changes / RUNS).toBeGreaterThanOrEqual(30);
    expect(faults / RUNS).toBeGreaterThanOrEqual(3);
    expect(exercised.never.length).toBeLessThan(30);
  });
});

describe('a run', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.open('runs');
  });
  afterAll(() => ground.close());

  test('is the same story each time', async () => {
    const plan = generate(7);
    const first = await simulate(ground, plan);
    expect(await simulate(ground, plan)).toEqual(first);
  });

  test('that fails is shrunk to the steps that matter', async () => {
    const plan = generate(3);
    const wanted = plan.steps.filter((step) => step.do === 'change').slice(3, 5);
    const fails = async (candidate: typeof plan) =>
      wanted.every(({ seed }) => candidate.steps.some((step) => step.do === 'change' && step.seed === seed));
    const { steps } = await shrink(plan, fails);
    expect(steps.map((step) => step.do === 'change' && step.seed)).toEqual(wanted.map(({ seed }) => seed));
  });
});
