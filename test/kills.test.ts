/**
 * Real processes, really killed: the short version of `kills.slow.test.ts`. On SQLite, or on the server that
 * DATABASE_URL or TEST_DATABASE_URL names.
 */
import { expect, test } from 'vitest';
import { DATABASE, SLOWER } from './kills/trial-database.ts';
import { report, tried } from './kills/tried.ts';

test(
  `on ${DATABASE}: killed in its first mirror, after a 2xx and in a census, a host loses nothing`,
  async () => {
    const outcome = await tried({
      size: { customers: 80, products: 15, orders: 80 },
      seed: 1,
      hosts: 1,
      inMirror: [{ at: 'refresh', times: 3, afterMs: 0 }],
      later: [
        { at: 'answered', times: 20 },
        { at: 'census', times: 2, afterMs: 0 },
      ],
      calmMs: 0,
      settleMs: 500,
      leasesEnd: true,
    });
    report(outcome);
    expect(outcome.kills).toBe(3);
    expect(outcome.deaths.mirror).toBe(1);
  },
  120_000 * SLOWER,
);
