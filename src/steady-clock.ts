import type { Clock, Monotonic } from './clock.ts';

/**
 * The time of day for whatever is due at a time: it never goes back. It goes by the monotonic clock and follows the
 * machine's: when that one is set, the difference is worked off at a tenth of the pace. So what is due in ten minutes is
 * due in nine to eleven, whatever becomes of the machine's clock: nothing waits until an hour has come round again, and
 * nothing that happened a second ago looks hours old. Where nobody asks how old something is, it may leap forward: what
 * was due while a machine was asleep is due at once.
 *
 * Rejected: moving all due times when a step is seen (each of two processes on one file would, and a dozen columns are
 * times); a clock that stands still until the machine's has caught up (what is due waits as long).
 */
export interface SteadyClock {
  readonly now: Clock;
  /** Others who go by the same times have seen this one already. */
  atLeast(time: number): void;
}

export interface SteadyClockDeps {
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly forward: 'slowly' | 'at once';
}

const SLEW = 0.1;

export function createSteadyClock({ clock, monotonic, forward }: SteadyClockDeps): SteadyClock {
  let last = { now: clock(), at: monotonic() };
  const now = (): number => {
    const at = monotonic();
    const passed = Math.max(0, at - last.at);
    const least = last.now + passed * (1 - SLEW);
    const most = forward === 'slowly' ? last.now + passed * (1 + SLEW) : Number.POSITIVE_INFINITY;
    last = { now: Math.min(Math.max(clock(), least), most), at };
    return Math.floor(last.now);
  };
  return {
    now,
    atLeast: (time) => {
      if (time > now()) last = { ...last, now: time };
    },
  };
}
