import type { CloudEvent, WaitingEvent } from './change-event.ts';
import type { Monotonic } from './clock.ts';
import type { Database } from './database.ts';
import type { Log } from './log.ts';
import { halves, parcelsOf } from './parcel.ts';
import type { Store } from './store.ts';

/**
 * Empties the outbox into the topic: oldest first, in requests of bounded size, at least once. Events of one key are
 * sent in their order: whatever comes behind one that was not accepted stays behind it. What is slow or broken here
 * delays no refresh: the commit is done, and whoever sends is called by a message of its own.
 *
 *     taken ──accepted──▶ sent
 *       │  ╲──too large──▶ halved; one that is too large by itself ──▶ refused
 *       └──anything else──▶ waiting again; the topic is left alone for a while
 */
export interface EventTopic {
  /** One request. All of the events are accepted, or none. */
  publish(events: readonly CloudEvent[]): Promise<Published>;
}

export type Published =
  | { readonly state: 'accepted' }
  | { readonly state: 'too large' }
  /** Passes by itself. */
  | { readonly state: 'busy'; readonly why: string; readonly retryAfterMs: number }
  /** Passes when the operator does what `why` says. */
  | { readonly state: 'closed'; readonly why: string };

export interface Outbox {
  /** `more`: the slice is over. `paused`: the topic took nothing; the next tick tries again. */
  dispatch(store: Store): Promise<'empty' | 'more' | 'paused'>;
}

interface Deps {
  readonly database: Pick<Database, 'takeEvents' | 'settleEvents'>;
  readonly topic: EventTopic;
  readonly monotonic: Monotonic;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly log: Log;
}

/** Event Grid takes 5,000 in one request. */
const EVENTS_MAX = 500;
const ROUNDS_MAX = 100;
const SLICE_MS = 20_000;
/** Far more than a slice and the last request's tries take: events have two senders only if one was held up. */
const LEASE_MS = 5 * 60_000;
const TRIES = 3;
/** A longer wait is a pause. */
const WAIT_MAX_MS = 2_000;
const PAUSE_MS = 5_000;
const PAUSE_MAX_MS = 5 * 60_000;

export function createOutbox(deps: Deps): Outbox {
  const pause = createPause(deps);
  return {
    dispatch: async (store) => {
      const endsAt = deps.monotonic() + SLICE_MS;
      for (let rounds = 0; rounds < ROUNDS_MAX && deps.monotonic() < endsAt; rounds++) {
        if (pause.holds()) return 'paused';
        const events = await deps.database.takeEvents(store.id, EVENTS_MAX, LEASE_MS);
        if (events.length === 0) return 'empty';
        const { sent, refused, stopped } = await send(deps, store, events, endsAt);
        const ids = events.map(({ id }) => id);
        await deps.database.settleEvents(store.id, ids, { sent, refused });
        if (refused.length > 0) deps.log('eventsTooLarge', { StoreId: store.id, Events: refused.length });
        if (stopped !== null) pause.begin(stopped, events.length - sent.length - refused.length);
        else if (sent.length > 0) pause.end();
      }
      return 'more';
    },
  };
}

type Stopped = Extract<Published, { readonly state: 'busy' | 'closed' }>;

/** In order, and no further than the first request that is not accepted. */
async function send(deps: Deps, store: Store, events: readonly WaitingEvent[], endsAt: number) {
  const sent: number[] = [];
  const refused: number[] = [];
  let stopped: Stopped | null = null;
  const parcels = parcelsOf(events, store);
  while (parcels.length > 0 && stopped === null && deps.monotonic() < endsAt) {
    const parcel = parcels.shift()!;
    const published = await publish(deps, parcel.cloudEvents);
    if (published.state === 'accepted') sent.push(...parcel.ids);
    else if (published.state !== 'too large') stopped = published;
    else if (parcel.ids.length > 1) parcels.unshift(...halves(parcel));
    else refused.push(...parcel.ids);
  }
  return { sent, refused, stopped };
}

/** What passes by itself within moments is tried again. */
async function publish(deps: Deps, events: readonly CloudEvent[]): Promise<Published> {
  for (let attempt = 1; ; attempt++) {
    const published = await deps.topic.publish(events);
    if (published.state !== 'busy' || attempt === TRIES) return published;
    const waitMs = Math.max(published.retryAfterMs, 250 * 2 ** (attempt - 1) * (1 + deps.random()));
    if (waitMs > WAIT_MAX_MS) return published;
    await deps.sleep(waitMs);
  }
}

/** The topic is one for all stores: whoever finds it closed spares the others the same. */
function createPause({ monotonic, log }: Pick<Deps, 'monotonic' | 'log'>) {
  let until = Number.NEGATIVE_INFINITY;
  let lengthMs = 0;
  return {
    holds: () => monotonic() < until,
    begin: (stopped: Stopped, waiting: number) => {
      const askedMs = stopped.state === 'busy' ? stopped.retryAfterMs : 0;
      lengthMs = Math.min(Math.max(askedMs, lengthMs * 2, PAUSE_MS), PAUSE_MAX_MS);
      until = monotonic() + lengthMs;
      log(stopped.state === 'closed' ? 'eventsRefused' : 'eventsWait', {
        Events: waiting,
        DelayMs: lengthMs,
        Cause: stopped.why,
      });
    },
    end: () => {
      lengthMs = 0;
    },
  };
}
