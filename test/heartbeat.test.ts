/** Leases on one machine end with their process, and no sooner than their holder was promised. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openSqlite } from '../db/sqlite/open.ts';
import { withHeartbeat } from '../local/heartbeat.ts';

const TEN_MINUTES = 600_000;
const START = Date.parse('2026-11-23T09:00:00Z');

beforeEach(() => vi.useFakeTimers({ now: START, toFake: ['Date', 'setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

/** A database with a store, as two processes see it: one whose heart can stop, and another. */
async function two() {
  let nonces = 0;
  const other = await openSqlite(':memory:', { clock: Date.now, nonce: () => `n${++nonces}` });
  onTestFinished(() => other.close());
  const { id } = await other.activateStore({ domain: 'a.myshopify.com', secretName: 'env:SHOPIFY' });
  const beating = withHeartbeat({ ...other, close: async () => {} }, Date.now);
  const acquire = (database: typeof other, ms = TEN_MINUTES) =>
    database.acquireLease(id, 'orders', 'census', ms);
  return { other, beating, acquire };
}

test('a lease stands as long as its holder was promised, while the process lives', async () => {
  const { other, beating, acquire } = await two();
  expect(await acquire(beating)).not.toBeNull();
  await vi.advanceTimersByTimeAsync(TEN_MINUTES - 5_000);
  expect(await acquire(other)).toBeNull();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await acquire(other)).not.toBeNull();
});

test('a lease ends within seconds of its process', async () => {
  const { other, beating, acquire } = await two();
  await acquire(beating);
  await vi.advanceTimersByTimeAsync(60_000);
  await beating.close();
  expect(await acquire(other)).toBeNull();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await acquire(other)).not.toBeNull();
});

test('a released lease is not taken up again', async () => {
  const { other, beating, acquire } = await two();
  const lease = await acquire(beating);
  expect(await beating.releaseLease(lease!)).toBe(true);
  const next = await acquire(other, 1_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(next).not.toBeNull();
  expect(await acquire(other)).not.toBeNull();
});

test('a lease kept for a mark that fell due goes on', async () => {
  const { other, beating, acquire } = await two();
  const lease = await acquire(beating);
  const mark = {
    entity: 'orders',
    id: '1',
    lane: 'sweep',
    reason: 'sweep:newer',
    announces: 'presence',
    expectedUpdatedAt: null,
    dueInMs: 0,
  } as const;
  await other.mark(lease!.storeId, [mark]);
  expect(await beating.releaseLease(lease!, { unlessDue: true })).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await acquire(other)).toBeNull();
});

test('a short promise is not made longer', async () => {
  const { other, beating, acquire } = await two();
  await acquire(beating, 3_000);
  await vi.advanceTimersByTimeAsync(3_500);
  expect(await acquire(other)).not.toBeNull();
});
