import type { Log } from './log.ts';
import { type Message, QUEUE_NAMES, type QueueName, type Queues } from './queues.ts';

/**
 * Messages that failed too often. An outage brings none here (R4), so each is a bug of ours, or a message of another
 * release. Nothing is given up: it is tried again with growing delay, in the end once a day, for ever, because a later
 * release may take what this one refuses; and each time it is said aloud, for somebody has to mend the bug.
 *
 * Rejected: leaving them to an operator, who would have to know of them before they are of no use any more.
 */
const PER_TICK = 32;
const FIRST_DELAY_MS = 60_000;
const DELAY_MAX_MS = 24 * 3_600_000;

export async function redrivePoison(deps: { readonly queues: Queues; readonly log: Log }): Promise<void> {
  for (const queue of QUEUE_NAMES) await redrive(deps, queue);
}

async function redrive(
  { queues, log }: Parameters<typeof redrivePoison>[0],
  queue: QueueName,
): Promise<void> {
  let [again, mostTimes, unreadable] = [0, 0, 0];
  for (const poisoned of await queues.poisoned(queue, PER_TICK)) {
    const message = messageOf(poisoned.text);
    if (message === null) {
      unreadable++;
      await poisoned.hide(DELAY_MAX_MS);
      continue;
    }
    const times = timesOf(message);
    // Sent before it is removed: a process that dies in between doubles it, which does no harm.
    await queues.send(queue, { ...message, redriven: times + 1 }, { delayMs: delayMsOf(times) });
    await poisoned.remove();
    again++;
    mostTimes = Math.max(mostTimes, times + 1);
  }
  if (again > 0) log('poisonTriedAgain', { Queue: queue, Messages: again, Times: mostTimes });
  if (unreadable > 0) log('poisonUnreadable', { Queue: queue, Messages: unreadable });
}

/** 1, 4, 16 minutes … one day. */
const delayMsOf = (times: number): number =>
  Math.min(FIRST_DELAY_MS * 4 ** Math.min(times, 10), DELAY_MAX_MS);

/** How often it was taken from here before; it is told in the message, since nothing else outlives the move. */
const timesOf = ({ redriven }: Message): number =>
  typeof redriven === 'number' && Number.isInteger(redriven) && redriven > 0 ? redriven : 0;

function messageOf(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
