import type { Timing } from './clock.ts';
import { isAhead, isTime } from './doubtful-time.ts';
import type { Entity } from './entities/entity.ts';
import { earlyMs, type Judgement, judge, lapseMs, retryMs } from './judge.ts';
import { asksAgain } from './lack.ts';
import type { TakenMark, Verdict } from './mark.ts';
import type { Tally } from './run.ts';
import type { KeyRead } from './shopify/read.ts';
import type { Store } from './store.ts';
import { hidesTheOld, isTooOld } from './visibility.ts';

/**
 * From one read to one verdict: first whatever proves nothing (a reject, an unfinished read, an absence that may
 * be mere invisibility), then `judge`. Each key is counted where it ended (R11).
 */
export interface Judged {
  readonly verdict: Verdict;
  readonly outcome: Exclude<keyof Tally, 'seen'>;
  readonly reject: string | null;
}

/** A parked record is tried again this late at most: it is right again as soon as somebody corrected it. */
const REJECT_RETRY_MAX_MS = 3_600_000;
/** And one that lacks something: nobody may ever be told that it can be read again. */
const LACK_RETRY_MAX_MS = 3_600_000;

export function verdictOf(
  store: Store,
  entity: Entity,
  mark: TakenMark,
  read: KeyRead,
  timing: Timing,
): Judged {
  const { id, sequence } = mark;
  const leave = (dueInMs: number): Verdict => ({
    id,
    sequence,
    row: { do: 'leave' },
    mark: {
      do: 'keep',
      dueInMs,
      firstNullAt: mark.firstNullAt,
      firstLiveAt: mark.firstLiveAt,
      attempts: mark.attempts + 1,
      excusesBefore: null,
    },
    proven: false,
  });
  if (read.state === 'unfinished')
    return { verdict: leave(retryMs(mark.attempts)), outcome: 'deferred', reject: null };
  const park = (reason: string): Judged => {
    const wait = Math.min(60_000 * 2 ** Math.min(mark.attempts, 10), REJECT_RETRY_MAX_MS);
    return { verdict: leave(wait), outcome: 'failed', reject: reason };
  };
  if (read.state === 'rejected') return park(read.reason);
  const doubt = read.state === 'live' ? doubtOf(entity, read, timing) : null;
  if (doubt !== null) return park(doubt);
  if (read.state === 'absent' && isUnprovable(store, entity, mark, read.sentAt))
    return unknowable(mark, leave, timing);
  return judged(mark, read, timing);
}

/** A version that cannot be would win every comparison until its time has come (R18). */
function doubtOf(
  { type }: Entity,
  { record, answeredAt }: KeyRead & { state: 'live' },
  timing: Timing,
): string | null {
  const { updatedAt, createdAt } = record;
  if (!isTime(updatedAt) || !isTime(createdAt))
    return `${type}: createdAt or updatedAt is no time that a shop can have: it is read again until Shopify tells another`;
  return isAhead(updatedAt, answeredAt, timing)
    ? `${type}: updatedAt is later than Shopify's own clock: it is read again until Shopify tells another, or that time has come`
    : null;
}

/** R10: a null proves nothing while the scope is missing, nor about orders outside the visible window. */
function isUnprovable(store: Store, entity: Entity, mark: TakenMark, sentAt: number): boolean {
  const scopes = store.settings.scopes;
  if (!scopes.includes(entity.scope)) return true;
  if (!hidesTheOld(entity, store)) return false;
  return mark.row === null || isTooOld(mark.row.createdAt, sentAt);
}

/** A key of known age ends at once; one never mirrored may merely be too new for the replica, so it gets its time. */
function unknowable(mark: TakenMark, leave: (dueInMs: number) => Verdict, timing: Timing): Judged {
  const left = lapseMs(timing) - mark.raisedAgoMs;
  if (mark.row === null && left > 0) {
    const early = earlyMs(timing);
    const wait = mark.raisedAgoMs < early ? early : left;
    return { verdict: leave(wait), outcome: 'deferred', reject: null };
  }
  return { verdict: { ...leave(0), mark: { do: 'clear' } }, outcome: 'unknowable', reject: null };
}

/**
 * R9: without a value that may be told at the next look a read is not done. It is asked for ever more rarely, and never
 * given up.
 */
function unlessLacking(mark: TakenMark, read: KeyRead, judgement: Judgement, timing: Timing): Judgement {
  if (read.state !== 'live' || judgement.row !== 'write' || !asksAgain(read.record.lacks)) return judgement;
  if (judgement.mark.do === 'keep')
    return { ...judgement, mark: { ...judgement.mark, excusesBefore: null }, proven: false };
  const dueInMs = Math.min(earlyMs(timing) * 2 ** Math.min(mark.attempts, 20), LACK_RETRY_MAX_MS);
  const attempts = mark.attempts + 1;
  return {
    row: 'write',
    // What the row lacks it remembers: a certificate counts it, and waits for no value that may never be told (R15).
    mark: {
      ...{ do: 'keep', dueInMs, firstNullAt: null, firstLiveAt: null, attempts },
      excusesBefore: read.sentAt,
    },
    proven: false,
  };
}

function judged(mark: TakenMark, read: KeyRead & { state: 'live' | 'absent' }, timing: Timing): Judged {
  const seen =
    read.state === 'live'
      ? { ...read, unchanged: mark.row !== null && mark.row.contentHash === read.record.contentHash }
      : read;
  const judgement = unlessLacking(mark, read, judge(mark, seen, mark.row, timing), timing);
  const row: Verdict['row'] =
    judgement.row === 'write' && read.state === 'live'
      ? { do: 'write', record: read.record, readAt: read.sentAt }
      : judgement.row === 'bury'
        ? { do: 'bury', at: read.sentAt, announced: mark.deleteAnnouncedAgoMs !== null }
        : { do: 'leave' };
  const verdict: Verdict = {
    id: mark.id,
    sequence: mark.sequence,
    row,
    mark: judgement.mark,
    proven: judgement.proven,
  };
  return { verdict, outcome: outcomeOf(mark, verdict), reject: null };
}

/** A row that was written counts as written even if its mark is kept for a settle read. */
function outcomeOf(mark: TakenMark, { row, mark: after }: Verdict): Exclude<keyof Tally, 'seen'> {
  if (row.do === 'bury') return 'deleted';
  if (row.do === 'write') {
    const same = mark.row?.deletedAt === null && mark.row.contentHash === row.record.contentHash;
    return same ? (after.do === 'keep' ? 'deferred' : 'unchanged') : 'written';
  }
  return after.do === 'keep' ? 'deferred' : 'unchanged';
}
