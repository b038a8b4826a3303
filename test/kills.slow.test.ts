/** Real processes, really killed (R4): whatever was answered with 2xx takes effect, and the mirror converges. */
import { describe, expect, test } from 'vitest';
import { Random } from '../simulator/random.ts';
import { drawnFrom, type Moment } from './kills/moment.ts';
import { report, tried } from './kills/tried.ts';

const SIZE = { customers: 1_500, products: 200, orders: 1_500 };
const MIRRORING: readonly Moment['at'][] = ['start', 'life', 'answered', 'refresh'];
const MIRRORED: readonly Moment['at'][] = [
  'start',
  'life',
  'answered',
  'refresh',
  'sweep',
  'census',
  'content',
];

describe('a host killed twenty times', () => {
  test.each([1, 2])('keeps what its 2xx promised, and converges (seed %i)', async (seed) => {
    const random = new Random(`${seed}/moments`);
    const outcome = await tried({
      size: SIZE,
      seed,
      hosts: 1,
      inMirror: drawnFrom(MIRRORING, 5, random),
      later: drawnFrom(MIRRORED, 15, random),
      calmMs: 0,
      settleMs: 2_000,
      leasesEnd: false,
    });
    report(outcome);
    expect(outcome.kills).toBe(20);
    expect(outcome.deaths.mirror).toBeGreaterThan(0);
    expect(outcome.deaths.refresh).toBeGreaterThan(0);
    expect(outcome.effects.refreshed).toBeGreaterThan(100);
  });
});

describe('two hosts on one database file', () => {
  test('converge as well as one', async () => {
    const outcome = await tried({
      size: SIZE,
      seed: 1,
      hosts: 2,
      inMirror: [],
      later: [],
      calmMs: 15_000,
      settleMs: 2_000,
      leasesEnd: false,
    });
    report(outcome);
  });

  test('converge although one or the other is killed ten times', async () => {
    const random = new Random('two/moments');
    const outcome = await tried({
      size: SIZE,
      seed: 2,
      hosts: 2,
      inMirror: drawnFrom(MIRRORING, 3, random),
      later: drawnFrom(MIRRORED, 7, random),
      calmMs: 0,
      settleMs: 2_000,
      leasesEnd: false,
    });
    report(outcome);
    expect(outcome.kills).toBe(10);
  });
});
