import type { Timing } from './clock.ts';
import { isAhead } from './doubtful-time.ts';
import type { TakenMark, Verdict } from './mark.ts';
import type { RowState } from './record.ts';

/**
 * All judgement about one key, as one pure function: what becomes of its row and of its mark, given the mark that
 * was taken, what Shopify answered, and the row as it stands. SQL only carries it out, so that two databases
 * cannot become two policies. R1, R2 and R10 live here and nowhere else.
 *
 * Times are Shopify's: `sentAt` is when the first request of the read was sent, `updatedAt` has whole seconds.
 * Ages (`…AgoMs`) were measured by the database's clock when the mark was taken; the two are never compared.
 * A time of the row or of the mark that lies SETTLE after the read was sent was written under a wrong clock, and counts
 * as none (R18). No delay is longer than LAPSE, whatever the times say.
 *
 *   read            row      mark                          → row       mark
 *   absent          live     a delete delivery said so     → bury      once more SETTLE after the announcement
 *   absent          buried                                 → leave     clear (a delete mark: as above)
 *   absent          live     nobody said so                → bury on the second absence SETTLE after the first
 *   absent          none     nobody said so                → leave     let go after LAPSE of nothing but absences
 *   live            buried                                 → write on the second live answer SETTLE after the first
 *   live, older     live                                   → leave     keep: it proves nothing
 *   live            any      expects a greater updatedAt   → write     keep, try again soon
 *   live            any      deleted < SETTLE ago          → write     keep until SETTLE after the announcement
 *   live            any      hinted < SETTLE ago           → write     keep until SETTLE after the hint
 *   live            any                                    → write     clear once the row's second is settled
 */

export type Read =
  | {
      readonly state: 'live';
      readonly updatedAt: number;
      readonly sentAt: number;
      /** The row has this very content already. */
      readonly unchanged: boolean;
    }
  | { readonly state: 'absent'; readonly sentAt: number };

export type JudgedMark = Pick<
  TakenMark,
  | 'raisedAgoMs'
  | 'deleteAnnouncedAgoMs'
  | 'hintedAgoMs'
  | 'expectedUpdatedAt'
  | 'firstNullAt'
  | 'firstLiveAt'
  | 'attempts'
>;

export interface Judgement {
  readonly row: 'write' | 'bury' | 'leave';
  readonly mark: Verdict['mark'];
  /** The answer is what the key's deliveries and gaps were about. */
  readonly proven: boolean;
}

/** Nothing but absences, or an expected version that never shows, for this many SETTLEs (10 minutes): let go. */
const LAPSE_SETTLES = 20;
/** Shopify's clock is read from a header of whole seconds: look a second later rather than twice. */
const GRAIN_MS = 1_000;
const SECOND_MS = 1_000;

/** From when on a read proves the second of `updatedAt`: SETTLE after that second has ended (R1). */
export const settledAt = (updatedAt: number, timing: Timing): number =>
  updatedAt + SECOND_MS + timing.settleMs;

/** The read of the row proves its second. A `ReadAt` that is later than the request it is compared with is none (R15). */
export const isSettled = (
  { updatedAt, readAt }: Pick<RowState, 'updatedAt' | 'readAt'>,
  sentAt: number,
  timing: Timing,
): boolean => !isAhead(readAt, sentAt, timing) && readAt >= settledAt(updatedAt, timing);

export const lapseMs = (timing: Timing): number => LAPSE_SETTLES * timing.settleMs;

/** A second look this soon finds what an ordinarily lagging replica did not show yet. */
export const earlyMs = (timing: Timing): number => timing.settleMs / 6;

/** First retry after half a second (a replica's usual lag), doubling to a minute. */
export const retryMs = (attempts: number): number => Math.min(500 * 2 ** Math.min(attempts, 10), 60_000);

export function judge(mark: JudgedMark, read: Read, row: RowState | null, timing: Timing): Judgement {
  return read.state === 'absent' ? judgeAbsent(mark, read, row, timing) : judgeLive(mark, read, row, timing);
}

function judgeAbsent(
  mark: JudgedMark,
  read: Read & { state: 'absent' },
  row: RowState | null,
  timing: Timing,
): Judgement {
  const live = row !== null && row.deletedAt === null;
  const keep = keeper(mark, read.sentAt, timing);
  if (mark.deleteAnnouncedAgoMs !== null) {
    const left = timing.settleMs - mark.deleteAnnouncedAgoMs;
    return { row: live ? 'bury' : 'leave', mark: left <= 0 ? CLEAR : keep(read.sentAt + left), proven: true };
  }
  if (row !== null && !live) return { row: 'leave', mark: CLEAR, proven: true };
  const first = believed(mark.firstNullAt, read, timing) ?? read.sentAt;
  const waited = Math.min(read.sentAt - first, mark.raisedAgoMs);
  const left = (live ? timing.settleMs : lapseMs(timing)) - waited;
  if (left <= 0) return { row: live ? 'bury' : 'leave', mark: CLEAR, proven: true };
  // A key that was never mirrored: one early second look for a lagging replica, then only the last. Three reads
  // for each raise, whoever replays a signed body under another shop (R8).
  const early = !live && waited < earlyMs(timing) ? earlyMs(timing) : left;
  return {
    row: 'leave',
    mark: keep(read.sentAt + Math.min(left, early), { firstNullAt: first }),
    proven: false,
  };
}

function judgeLive(
  mark: JudgedMark,
  read: Read & { state: 'live' },
  row: RowState | null,
  timing: Timing,
): Judgement {
  const keep = keeper(mark, read.sentAt, timing);
  if (row !== null && row.deletedAt !== null) {
    const buriedAt = believed(row.deletedAt, read, timing) ?? read.sentAt;
    const first = believed(mark.firstLiveAt, read, timing) ?? (read.sentAt >= buriedAt ? read.sentAt : null);
    if (first === null || read.sentAt < first + timing.settleMs)
      return {
        row: 'leave',
        mark: keep((first ?? buriedAt) + timing.settleMs, { firstLiveAt: first }),
        proven: false,
      };
  }
  const standing = row !== null && row.deletedAt === null ? row : null;
  const version = believed(standing?.updatedAt ?? null, read, timing);
  const readAt = believed(standing?.readAt ?? null, read, timing);
  const behind = version !== null && read.updatedAt < version;
  const older = behind || (readAt !== null && read.updatedAt === version && read.sentAt < readAt);
  // R2: an older read neither writes nor clears, also when only its time of sending tells that it is older.
  if (older) {
    const again = read.sentAt + retryMs(mark.attempts);
    return { row: 'leave', mark: keep(Math.max(readAt ?? 0, again)), proven: false };
  }
  // R1: from here on the row will have this very second, so its settling is judged on what the row becomes.
  const settled = settledAt(read.updatedAt, timing);
  const expected = believed(mark.expectedUpdatedAt, read, timing);
  if (expected !== null && expected > read.updatedAt && mark.raisedAgoMs < lapseMs(timing))
    return { row: 'write', mark: keep(read.sentAt + retryMs(mark.attempts)), proven: false };
  if (mark.deleteAnnouncedAgoMs !== null && mark.deleteAnnouncedAgoMs < timing.settleMs) {
    const left = timing.settleMs - mark.deleteAnnouncedAgoMs;
    const early = mark.deleteAnnouncedAgoMs < earlyMs(timing) ? earlyMs(timing) : left;
    return { row: 'write', mark: keep(read.sentAt + Math.min(left, early)), proven: false };
  }
  // A hint told no version: a replica that lags may have shown the state before it.
  const hintedAgoMs = hintAgeOf(mark, expected);
  const hint = hintedAgoMs !== null && hintedAgoMs < timing.settleMs ? hintedAgoMs : null;
  if (hint !== null && hint < earlyMs(timing) && read.unchanged)
    return { row: 'write', mark: keep(read.sentAt + earlyMs(timing)), proven: false };
  const until = hint === null ? settled : Math.max(settled, read.sentAt + timing.settleMs - hint);
  if (read.sentAt >= until) return { row: 'write', mark: CLEAR, proven: true };
  const excusesBefore = hint === null ? read.updatedAt : null;
  return { row: 'write', mark: keep(until, { excusesBefore }), proven: true };
}

const CLEAR = { do: 'clear' } as const;

const believed = (time: number | null, { sentAt }: Read, timing: Timing): number | null =>
  time === null || isAhead(time, sentAt, timing) ? null : time;

/** A raise that told a version which cannot be has told none: it is a hint. */
const hintAgeOf = (mark: JudgedMark, expected: number | null): number | null =>
  mark.expectedUpdatedAt === null || expected !== null
    ? mark.hintedAgoMs
    : Math.min(mark.hintedAgoMs ?? Number.POSITIVE_INFINITY, mark.raisedAgoMs);

/** Keeps the mark until Shopify's time `until`. A live answer wipes FirstNullAt, an absence wipes FirstLiveAt. */
const keeper =
  (mark: JudgedMark, sentAt: number, timing: Timing) =>
  (
    until: number,
    evidence: {
      firstNullAt?: number | null;
      firstLiveAt?: number | null;
      excusesBefore?: number | null;
    } = {},
  ): Verdict['mark'] => {
    const waitMs = Math.min(Math.max(0, until - sentAt), lapseMs(timing));
    return {
      do: 'keep',
      dueInMs: waitMs + (waitMs >= GRAIN_MS ? GRAIN_MS : 0),
      firstNullAt: evidence.firstNullAt ?? null,
      firstLiveAt: evidence.firstLiveAt ?? null,
      attempts: mark.attempts + 1,
      excusesBefore: evidence.excusesBefore ?? null,
    };
  };
