/** When a host is killed. Moments are drawn from a seed; what the machine makes of them differs from run to run. */
import { type EventEmitter, on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulator/random.ts';
import type { Host } from './host.ts';
import type { Outside } from './outside.ts';
import type { Events, Shopify } from './shopify.ts';
import { SLOWER } from './trial-database.ts';

export type Moment =
  /** So long after the process was made: while it opens its files and its door. */
  | { readonly at: 'start'; readonly afterMs: number }
  /** So long after it began to listen. */
  | { readonly at: 'life'; readonly afterMs: number }
  /** The instant that Shopify has so many 2xx from now on: their effect is only just durable. */
  | { readonly at: 'answered'; readonly times: number }
  /**
   * When so many requests of a refresh, or of a detector that it was asked to run over all entities, were executed
   * from now on: before, while or after the last answer is committed.
   */
  | { readonly at: Work; readonly times: number; readonly afterMs: number };

type Work = 'refresh' | Detector;
type Detector = 'sweep' | 'census' | 'content';

/** An event that does not come for so long is not waited for: the moment is then as good as any. */
const PATIENCE_MS = 10_000 * SLOWER;
/** Longer than a dead host's lease stands. */
const LEASE_MS = 12_000;
const LOOK_MS = 100;

/** The operations that each of them sends. */
const OPERATIONS: Readonly<Record<Work, RegExp>> = {
  refresh: /^(Read(?!Shop)|Look)/,
  sweep: /^Sweep/,
  census: /^(Census|Count)/,
  content: /^(Census|Count)/,
};

const draws: Readonly<Record<Moment['at'], (random: Random) => Moment>> = {
  start: (random) => ({ at: 'start', afterMs: random.between(0, 1_200) }),
  life: (random) => ({ at: 'life', afterMs: random.between(0, 4_000) }),
  answered: (random) => ({ at: 'answered', times: random.between(1, 60) }),
  refresh: (random) => ({ at: 'refresh', times: random.between(1, 20), afterMs: random.between(0, 30) }),
  sweep: (random) => ({ at: 'sweep', times: random.between(1, 3), afterMs: random.between(0, 15) }),
  census: (random) => ({ at: 'census', times: random.between(1, 6), afterMs: random.between(0, 15) }),
  content: (random) => ({ at: 'content', times: random.between(1, 6), afterMs: random.between(0, 15) }),
};

export const drawn = (at: Moment['at'], random: Random): Moment => draws[at](random);

/** So many moments: each kind in turn, in the order of chance. */
export function drawnFrom(kinds: readonly Moment['at'][], count: number, random: Random): readonly Moment[] {
  const bag: Moment['at'][] = [];
  return Array.from({ length: count }, () => {
    if (bag.length === 0) bag.push(...kinds);
    const [at] = bag.splice(random.between(0, bag.length - 1), 1);
    return drawn(at!, random);
  });
}

/** Resolves when the moment has come. */
export async function comes(moment: Moment, host: Host, shopify: Shopify, outside: Outside): Promise<void> {
  if (moment.at !== 'start') await host.listens();
  switch (moment.at) {
    case 'start':
    case 'life':
      return await pause(moment.afterMs);
    case 'answered':
      return await times(shopify.events, 'answered', /^/, moment.times);
    case 'refresh':
      await times(shopify.events, 'asked', OPERATIONS.refresh, moment.times);
      return await pause(moment.afterMs);
    default:
      await isFree(moment.at, outside);
      await runs(moment.at, moment.times, host, shopify);
      return await pause(moment.afterMs);
  }
}

/** A detector that somebody else is at is put off for long. The dead let go of it when their leases run out. */
async function isFree(detector: Detector, outside: Outside): Promise<void> {
  const kind = detector === 'sweep' ? 'sweep' : 'census';
  const giveUpAt = performance.now() + LEASE_MS;
  while (performance.now() < giveUpAt && (await outside.leased(kind))) await sleep(LOOK_MS);
}

/** Asks for a detector, and waits until it has sent so many requests. */
async function runs(detector: Detector, count: number, host: Host, { events }: Shopify): Promise<void> {
  // Listens before it asks: the first request may be there before the answer.
  const ran = times(events, 'asked', OPERATIONS[detector], count);
  await host.reconcile(detector);
  await ran;
}

/** Resolves when so many such events came, or when patience ran out. */
async function times(
  events: EventEmitter<Events>,
  event: 'answered' | 'asked',
  wanted: RegExp,
  count: number,
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    let seen = 0;
    for await (const [operation = ''] of on(events, event, { signal })) {
      if (wanted.test(String(operation))) seen++;
      if (seen === count) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Nothing at all for 0: a timer takes a millisecond at least. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms);
}
