import { setTimeout as sleep } from 'node:timers/promises';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import type { StoreStatus } from '../src/store.ts';
import type { Driftless } from './driftless.ts';

/** Waiting for the service to come to rest, by what its tables and queues say. */
export interface Watch {
  readonly driftless: Driftless;
  readonly storeId: number;
  /** Called at every look. */
  readonly look?: (status: StoreStatus) => void;
  readonly signal: AbortSignal;
}

const LOOK_MS = 200;
/** Ticks are wound by hand while the timers stand still, in place of every minute. */
const TICK_MS = 5_000;

/** Resolves once `done` says so; throws after `limitMs`, or when it is interrupted. */
async function until(
  watch: Watch,
  limitMs: number,
  what: string,
  done: (status: StoreStatus) => Promise<boolean>,
) {
  const { driftless, storeId, signal } = watch;
  const endsAt = performance.now() + limitMs;
  let tickAt = performance.now() + TICK_MS;
  for (;;) {
    signal.throwIfAborted();
    const status = await driftless.service.database.status(storeId);
    watch.look?.(status);
    if (await done(status)) return;
    if (performance.now() > endsAt)
      throw new Error(`${what} took longer than ${limitMs / 1_000} s; ${status.marksWaiting} marks wait`);
    if (performance.now() > tickAt) {
      await driftless.host.runTimer('Tick');
      tickAt = performance.now() + TICK_MS;
    }
    await sleep(LOOK_MS);
  }
}

/** Every entity has its first watermark, and nothing waits to be read. */
export async function mirrored(watch: Watch, limitMs: number): Promise<void> {
  const { database } = watch.driftless.service;
  await until(watch, limitMs, 'the first mirror', async ({ marksWaiting }) => {
    if (marksWaiting > 0 || !watch.driftless.idle()) return false;
    const states = await Promise.all(ENTITY_NAMES.map((name) => database.syncState(watch.storeId, name)));
    return states.every(({ watermark }) => watermark !== null);
  });
}

/**
 * Queues and marks have drained, as far as they will: a key that never was in Shopify keeps its mark for minutes,
 * so a number that has stood still for `stillMs` counts as drained.
 */
export async function drained(watch: Watch, limitMs: number, stillMs: number): Promise<void> {
  let last = -1;
  let since = performance.now();
  await until(watch, limitMs, 'draining', async ({ marksWaiting }) => {
    if (marksWaiting !== last || !watch.driftless.idle()) since = performance.now();
    last = marksWaiting;
    return watch.driftless.idle() && (marksWaiting === 0 || performance.now() - since > stillMs);
  });
}
