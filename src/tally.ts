import type { Tally } from './run.ts';

/** R11: whatever was seen ended somewhere. "Succeeded" with a remainder is a bug, so it is one. */
export const NOTHING: Tally = {
  seen: 0,
  unchanged: 0,
  written: 0,
  deleted: 0,
  failed: 0,
  deferred: 0,
  unknowable: 0,
};

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    seen: a.seen + b.seen,
    unchanged: a.unchanged + b.unchanged,
    written: a.written + b.written,
    deleted: a.deleted + b.deleted,
    failed: a.failed + b.failed,
    deferred: a.deferred + b.deferred,
    unknowable: a.unknowable + b.unknowable,
  };
}

/** One key counted where it ended. */
export const counted = (outcome: Exclude<keyof Tally, 'seen'>): Tally => ({
  ...NOTHING,
  seen: 1,
  [outcome]: 1,
});

/** Throws when the sum does not hold: the code that counted is wrong, not the store. */
export function assertConserved(tally: Tally): Tally {
  const ended =
    tally.unchanged + tally.written + tally.deleted + tally.failed + tally.deferred + tally.unknowable;
  if (ended !== tally.seen) throw new Error(`R11 broken: ${tally.seen} keys seen, ${ended} accounted for`);
  return tally;
}
