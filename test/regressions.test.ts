import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ground } from './simulation/ground.ts';
import { REGRESSIONS } from './simulation/regressions.ts';
import { simulate } from './simulation/simulate.ts';

describe('a plan that broke a promise once', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.open('regressions');
  });
  afterAll(() => ground.close());

  for (const { item, claim, plan } of REGRESSIONS)
    test(`${claim} (${item})`, { timeout: 30_000 }, async () => {
      expect((await simulate(ground, plan)).violations).toEqual([]);
    });
});
