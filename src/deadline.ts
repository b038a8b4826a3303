import type { z } from 'zod';
import type { Log } from './log.ts';
import type { Message, QueueName, Queues } from './queues.ts';
import { hostTrace, type Invocation, type Telemetry } from './telemetry.ts';

/**
 * Our own end of an invocation. Azure ends it at ten minutes by restarting the whole process, and every other
 * invocation in it dies too; nobody warns the one that is too long. Slices are minutes shorter, but waiting for a place,
 * or for an answer that never comes, has no end of its own. So ours ends itself at eight: it is no longer waited for.
 * What the abandoned work may still do is harmless: every write checks its lease.
 */
export const DEADLINE_MS = 8 * 60_000;

/** Aborts `signal` after so long, unless it is disposed of before. */
export type Alarm = (ms: number) => Disposable & { readonly signal: AbortSignal };

/** Thrown by whoever had to wait for something until the deadline. */
export class Late extends Error {
  override readonly name = 'Late';
}

export async function within<T>(alarm: Alarm, work: (over: AbortSignal) => Promise<T>): Promise<T | 'late'> {
  using bell = alarm(DEADLINE_MS);
  const { promise: over, resolve } = Promise.withResolvers<'late'>();
  bell.signal.addEventListener('abort', () => resolve('late'), { once: true });
  // Caught here as well, because what fails after the deadline has nobody left to tell.
  const working = work(bell.signal).catch((error: unknown) => {
    if (error instanceof Late || bell.signal.aborted) return 'late' as const;
    throw error;
  });
  return await Promise.race([working, over]);
}

/** So that a message which hangs each time is no endless loop at full speed. */
const AGAIN_AFTER_MS = 30_000;

interface Present {
  readonly queues: Queues;
  readonly alarm: Alarm;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

/**
 * The handler of a queue. At the deadline the message is sent again and then acknowledged: it is neither lost, nor
 * counted as failed.
 */
export const queueHandler =
  <S extends Present, M extends Message>(
    service: () => Promise<S>,
    queue: QueueName,
    schema: z.ZodType<M>,
    handle: (service: S, message: M, over: AbortSignal) => Promise<void>,
  ) =>
  async (json: unknown, invocation: Invocation): Promise<void> => {
    const present = await service();
    const message = schema.parse(json);
    const end = await present.telemetry.within(hostTrace(invocation), () =>
      within(present.alarm, (over) => handle(present, message, over)),
    );
    if (end !== 'late') return;
    present.log('invocationLate', { Queue: queue });
    await present.queues.send(queue, message, { delayMs: AGAIN_AFTER_MS });
  };
