import { expect, test } from 'vitest';
import { campaign } from './fuzz/campaign.ts';
import { KINDS } from './fuzz/kinds.ts';

/** `npm run fuzz` in short. */

test('spoiled deliveries are refused or harmless, in process and over HTTP', async () => {
  const outcome = await campaign({ requests: 2_500, seed: 1, warmUp: 1_000, say: () => {} });
  expect(outcome.broken).toEqual([]);
  expect(outcome.overHttp).toBe(48);
  expect([...KINDS.keys()].filter((kind) => !outcome.counts.has(kind))).toEqual([]);
  // The door was open all the time.
  expect([...outcome.counts.get('headers: as sent')!.keys()]).toEqual([200]);
  expect([...outcome.counts.get('headers: wrong secret')!.keys()]).toEqual([401]);
  console.log(
    `${outcome.requests} requests, ${Math.round(outcome.perSecond)} a second, ${outcome.signals} signals`,
  );
});
