import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../src/clock.ts';
import { createSteadyClock, type SteadyClockDeps } from '../../src/steady-clock.ts';

/**
 * The clock of a SQLite file: steady, and one for all processes that have the file open, also for one that starts after
 * the machine's clock was set back. The latest time that anybody wrote at stands in the file's header (`user_version`,
 * which SQLite leaves to the application): whoever writes goes on from there. It is a number of seconds, and looked at
 * once in a second.
 */
export interface FileClock {
  readonly now: Clock;
  /** Goes on from the latest time in the file. */
  hear(client: DatabaseSync): void;
  /** The same, and tells the others: in every transaction that writes, under its lock. */
  meet(client: DatabaseSync): void;
}

/** A header holds 31 bits: until 2088. */
const SINCE = Date.UTC(2020, 0);
const LOOK_EVERY_MS = 1_000;

export function createFileClock(options: SteadyClockDeps): FileClock {
  const { monotonic } = options;
  const steady = createSteadyClock(options);
  let metAt = Number.NEGATIVE_INFINITY;
  const hear = (client: DatabaseSync): number => {
    const told = Number(client.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (told > 0) steady.atLeast(SINCE + told * 1_000);
    return told;
  };
  return {
    now: steady.now,
    hear,
    meet: (client) => {
      if (monotonic() - metAt < LOOK_EVERY_MS) return;
      metAt = monotonic();
      const told = hear(client);
      const present = Math.floor((steady.now() - SINCE) / 1_000);
      if (present > told) client.exec(`PRAGMA user_version = ${present}`);
    },
  };
}

/** A clock that a test moves by hand is taken as it is. */
export const plainClock = (clock: Clock): FileClock => ({ now: clock, hear: () => {}, meet: () => {} });
