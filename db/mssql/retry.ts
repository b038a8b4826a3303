import { hash } from 'node:crypto';
import type { Nonce } from '../../src/clock.ts';
import { failureOf } from './failures.ts';

/**
 * What the server itself undid is tried again, a few times and with growing waits that differ from one process to the
 * next: whoever lost a deadlock must not meet the winner again. A batch of which nobody knows whether it took effect
 * (the connection broke, or it took too long) is not: its caller is told, and goes on as after a crash.
 */
const TRIES_MAX = 4;

interface Patience {
  readonly nonce: Nonce;
  readonly wait: (ms: number) => Promise<void>;
}

/** `name` is what errors call the statement: their own text may contain data. */
export async function attempt<T>(patience: Patience, name: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      const { error, tryAgainMs } = failureOf(thrown, name);
      if (tryAgainMs === null || tries === TRIES_MAX) throw error;
      await patience.wait(tryAgainMs * 2 ** (tries - 1) * spread(patience.nonce()));
    }
  }
}

/** Between one half and one and a half. */
const spread = (nonce: string): number =>
  0.5 + Number.parseInt(hash('sha1', nonce).slice(0, 8), 16) / 2 ** 32;
