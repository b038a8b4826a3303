/**
 * The retry policy that a registration may give a timer (`retry: { strategy: 'fixedDelay', … }`), carried out in
 * memory as Azure does. Queues have no use for it: their retries are host.json's.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { RetryContext, RetryPolicy } from './contract.ts';

/** The first attempt has no retry context. Rejects as the last attempt did; `signal` ends the waiting for another. */
export async function withRetries(
  policy: RetryPolicy | undefined,
  signal: AbortSignal,
  attempt: (retry: RetryContext | undefined) => Promise<unknown>,
): Promise<void> {
  const maxRetryCount = policy?.maxRetryCount ?? 0;
  for (let retryCount = 0; ; retryCount++) {
    try {
      await attempt(retryCount > 0 ? { retryCount, maxRetryCount } : undefined);
      return;
    } catch (thrown) {
      const spent = maxRetryCount >= 0 && retryCount >= maxRetryCount;
      if (!policy || spent) throw thrown;
      await sleep(delayMs(policy, retryCount), undefined, { signal }).catch(() => {});
      if (signal.aborted) throw thrown;
    }
  }
}

function delayMs(policy: RetryPolicy, failures: number): number {
  if (policy.retryStrategy === 'fixedDelay') return (policy.delayInterval?.seconds ?? 0) * 1_000;
  const leastSeconds = policy.minimumInterval?.seconds ?? 1;
  const mostSeconds = policy.maximumInterval?.seconds ?? leastSeconds;
  return Math.min(leastSeconds * 2 ** failures, mostSeconds) * 1_000;
}
