/**
 * Real processes, really killed (R4): whatever was answered with 2xx takes effect, and the mirror converges. On SQLite,
 * or on the server that DATABASE_URL or TEST_DATABASE_URL names.
 */
import { describe, expect, test, vi } from 'vitest';
import { Random } from '../simulator/random.ts';
import { drawnFrom, type Moment } from './kills/moment.ts';
import { DATABASE, SLOWER } from './kills/trial-database.ts';
import { report, tried } from './kills/tried.ts';

vi.setConfig({ testTimeout: 600_000 * SLOWER });

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

describe(`on ${DATABASE}, a host killed twenty times`, () => {
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

describe(`on ${DATABASE}, two hosts on one database`, () => {
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
