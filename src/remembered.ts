import type { Monotonic } from './clock.ts';
import { Transient, VaultClosed } from './failures.ts';

/**
 * Values that are expensive to read, remembered by name for ten minutes. However many ask, one reading is under
 * way; while the vault is away or shut, the last known value stays in force, so that this costs no delivery (R4). What can be provoked from outside is bounded: readings asked for by `again` to one a minute,
 * failing ones to one in ten seconds, or a minute where a value is known.
 *
 *     get:   fresh? ─yes─▶ known        again:  asked within a minute? ─yes─▶ as get
 *              └─no─▶ read, one for all           └─no─▶ read, one for all
 */
export interface Remembered<T> {
  get(name: string): Promise<T>;
  /** The known value may be out of date. Answers the same object as before if nothing was read. */
  again(name: string): Promise<T>;
  forget(name: string): void;
}

const FRESH_MS = 10 * 60_000;
const AGAIN_MS = 60_000;
const FAILED_MS = 10_000;

interface Place<T> {
  known: { readonly value: T; readonly at: number } | null;
  /** The latest reading failed with this. */
  failure: unknown;
  triedAt: number;
  /** When `again` last had it read. */
  againAt: number;
  reading: Promise<T> | null;
}

export function createRemembered<T>(deps: {
  readonly monotonic: Monotonic;
  readonly read: (name: string) => Promise<T>;
  /** The value known stays in force, because it could not be read. */
  readonly onKept: (name: string, failure: Error) => void;
}): Remembered<T> {
  const places = new Map<string, Place<T>>();
  const placeOf = (name: string): Place<T> => {
    const place = places.get(name) ?? {
      known: null,
      failure: null,
      triedAt: Number.NEGATIVE_INFINITY,
      againAt: Number.NEGATIVE_INFINITY,
      reading: null,
    };
    places.set(name, place);
    return place;
  };

  const read = async (name: string, place: Place<T>): Promise<T> => {
    place.triedAt = deps.monotonic();
    try {
      const value = await deps.read(name);
      place.known = { value, at: place.triedAt };
      place.failure = null;
      return value;
    } catch (error) {
      place.failure = error;
      // Gone or broken is an answer. Not to be let in is none: the old value stays in force.
      if (!(error instanceof Transient || error instanceof VaultClosed)) place.known = null;
      else if (place.known !== null) deps.onKept(name, error);
      return knownOr(place, error);
    }
  };
  const once = (name: string, place: Place<T>): Promise<T> => {
    place.reading ??= read(name, place).finally(() => {
      place.reading = null;
    });
    return place.reading;
  };

  const get = async (name: string): Promise<T> => {
    const place = placeOf(name);
    const now = deps.monotonic();
    if (place.known !== null && now - place.known.at < FRESH_MS) return place.known.value;
    // Each try may wait for a vault that hangs: whoever has a value does so but once a minute.
    const patienceMs = place.known === null ? FAILED_MS : AGAIN_MS;
    const failedJustNow = place.failure !== null && now - place.triedAt < patienceMs;
    return failedJustNow && place.reading === null ? knownOr(place, place.failure) : await once(name, place);
  };
  return {
    get,
    again: async (name) => {
      const place = placeOf(name);
      const now = deps.monotonic();
      if (now - place.againAt < AGAIN_MS) return await (place.reading ?? get(name));
      place.againAt = now;
      return await once(name, place);
    },
    forget: (name) => {
      places.delete(name);
    },
  };
}

function knownOr<T>(place: Place<T>, failure: unknown): T {
  if (place.known === null) throw failure;
  return place.known.value;
}
