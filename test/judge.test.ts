import { describe, expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../src/clock.ts';
import {
  isSettled,
  type JudgedMark,
  type Judgement,
  judge,
  lapseMs,
  type Read,
  settledAt,
} from '../src/judge.ts';
import type { RowState } from '../src/record.ts';

/**
 * The whole judgement as a table: every read × every row × every mark. It is typed so that a case that is left
 * out does not compile. Times are relative to U, the second of the row's `updatedAt`.
 */
const U = Date.parse('2026-11-23T10:00:00Z');
const { settleMs: SETTLE } = DEFAULT_TIMING;
/** What a wrong clock may have told. */
const FUTURE = Date.parse('2030-01-01T00:00:00Z');
/** Long after U: its second is settled. */
const LATER = U + 10 * 60_000;

type ReadCase = 'absent' | 'same' | 'newer' | 'older' | 'same, sent before the row was read';
type RowCase =
  | 'none'
  | 'live'
  | 'unsettled'
  | 'buried'
  | 'of the future'
  | 'read in the future'
  | 'buried in the future';
type MarkCase =
  | 'plain'
  | 'expects more'
  | 'expected more long ago'
  | 'expects what cannot be'
  | 'first null in the future'
  | 'first live in the future'
  | 'hinted just now'
  | 'hinted a while ago'
  | 'deleted just now'
  | 'deleted a while ago'
  | 'first null just now'
  | 'first null SETTLE ago'
  | 'first null LAPSE ago'
  | 'first live SETTLE ago';
type Outcome = `${Judgement['row']}, ${'clear' | 'keep' | 'keep null' | 'keep live'}${'' | ', unproven'}`;

const sentAt = LATER;
const reads: Record<ReadCase, Read> = {
  absent: { state: 'absent', sentAt },
  same: { state: 'live', updatedAt: U, sentAt, unchanged: false },
  newer: { state: 'live', updatedAt: LATER - 5_000, sentAt, unchanged: false },
  older: { state: 'live', updatedAt: U - 60_000, sentAt, unchanged: false },
  'same, sent before the row was read': { state: 'live', updatedAt: U, sentAt, unchanged: false },
};
const row = (more: Partial<RowState>): RowState => ({
  updatedAt: U,
  createdAt: U - 86_400_000,
  readAt: LATER - 60_000,
  deletedAt: null,
  contentHash: null,
  lacks: null,
  ...more,
});
const rowOf = (rowCase: RowCase, readCase: ReadCase): RowState | null => {
  if (rowCase === 'none') return null;
  const readAt = readCase === 'same, sent before the row was read' ? sentAt + 1_000 : LATER - 60_000;
  if (rowCase === 'of the future') return row({ updatedAt: FUTURE, readAt });
  if (rowCase === 'read in the future') return row({ readAt: FUTURE });
  if (rowCase === 'buried in the future') return row({ deletedAt: FUTURE, readAt });
  if (rowCase === 'buried') return row({ deletedAt: LATER - 120_000, readAt });
  return rowCase === 'unsettled' ? row({ updatedAt: LATER - 10_000, readAt }) : row({ readAt });
};
const plain: JudgedMark = {
  raisedAgoMs: lapseMs(DEFAULT_TIMING) + 1,
  deleteAnnouncedAgoMs: null,
  hintedAgoMs: null,
  expectedUpdatedAt: null,
  firstNullAt: null,
  firstLiveAt: null,
  attempts: 0,
};
const marks: Record<MarkCase, JudgedMark> = {
  plain,
  'expects more': { ...plain, expectedUpdatedAt: LATER + 20_000, raisedAgoMs: 1_000 },
  'expected more long ago': { ...plain, expectedUpdatedAt: LATER + 20_000 },
  'expects what cannot be': { ...plain, expectedUpdatedAt: FUTURE, raisedAgoMs: 1_000 },
  'first null in the future': { ...plain, firstNullAt: FUTURE },
  'first live in the future': { ...plain, firstLiveAt: FUTURE },
  'hinted just now': { ...plain, hintedAgoMs: 1_000, raisedAgoMs: 1_000 },
  'hinted a while ago': { ...plain, hintedAgoMs: SETTLE },
  'deleted just now': { ...plain, deleteAnnouncedAgoMs: 1_000, raisedAgoMs: 1_000 },
  'deleted a while ago': { ...plain, deleteAnnouncedAgoMs: SETTLE },
  'first null just now': { ...plain, firstNullAt: sentAt - 1_000 },
  'first null SETTLE ago': { ...plain, firstNullAt: sentAt - SETTLE },
  'first null LAPSE ago': { ...plain, firstNullAt: sentAt - lapseMs(DEFAULT_TIMING) },
  'first live SETTLE ago': { ...plain, firstLiveAt: sentAt - SETTLE },
};

/** What holds whatever the mark, and what the named marks change. */
type Row = { readonly always: Outcome } & { readonly [K in MarkCase]?: Outcome };
const ABSENT_LIVE: Row = {
  always: 'leave, keep null, unproven',
  'deleted just now': 'bury, keep',
  'deleted a while ago': 'bury, clear',
  'first null SETTLE ago': 'bury, clear',
  'first null LAPSE ago': 'bury, clear',
};
/** As over no row: a time of the future is none. */
const WRITTEN: Row = {
  always: 'write, clear',
  'hinted just now': 'write, keep',
  'expects what cannot be': 'write, keep',
  'expects more': 'write, keep, unproven',
  'deleted just now': 'write, keep, unproven',
};
const WRITTEN_NEWER: Row = {
  always: 'write, keep',
  'expects more': 'write, keep, unproven',
  'deleted just now': 'write, keep, unproven',
};
/** As over any tombstone: two live answers. */
const REVIVED: Row = { always: 'leave, keep live, unproven', 'first live SETTLE ago': 'write, clear' };
const table: Record<ReadCase, Record<RowCase, Row>> = {
  absent: {
    none: {
      always: 'leave, keep null, unproven',
      'deleted just now': 'leave, keep',
      'deleted a while ago': 'leave, clear',
      'first null LAPSE ago': 'leave, clear',
    },
    live: {
      always: 'leave, keep null, unproven',
      'deleted just now': 'bury, keep',
      'deleted a while ago': 'bury, clear',
      'first null SETTLE ago': 'bury, clear',
      'first null LAPSE ago': 'bury, clear',
    },
    unsettled: {
      always: 'leave, keep null, unproven',
      'deleted just now': 'bury, keep',
      'deleted a while ago': 'bury, clear',
      'first null SETTLE ago': 'bury, clear',
      'first null LAPSE ago': 'bury, clear',
    },
    buried: {
      always: 'leave, clear',
      'deleted just now': 'leave, keep',
      'deleted a while ago': 'leave, clear',
    },
    'of the future': ABSENT_LIVE,
    'read in the future': ABSENT_LIVE,
    'buried in the future': {
      always: 'leave, clear',
      'deleted just now': 'leave, keep',
      'deleted a while ago': 'leave, clear',
    },
  },
  same: {
    none: {
      always: 'write, clear',
      'hinted just now': 'write, keep',
      'expects what cannot be': 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    live: {
      always: 'write, clear',
      'hinted just now': 'write, keep',
      'expects what cannot be': 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    unsettled: { always: 'leave, keep, unproven' },
    buried: { always: 'leave, keep live, unproven', 'first live SETTLE ago': 'write, clear' },
    'of the future': WRITTEN,
    'read in the future': WRITTEN,
    'buried in the future': REVIVED,
  },
  newer: {
    none: {
      always: 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    live: {
      always: 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    unsettled: {
      always: 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    buried: { always: 'leave, keep live, unproven', 'first live SETTLE ago': 'write, keep' },
    'of the future': WRITTEN_NEWER,
    'read in the future': WRITTEN_NEWER,
    'buried in the future': { ...REVIVED, 'first live SETTLE ago': 'write, keep' },
  },
  older: {
    none: {
      always: 'write, clear',
      'hinted just now': 'write, keep',
      'expects what cannot be': 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    live: { always: 'leave, keep, unproven' },
    unsettled: { always: 'leave, keep, unproven' },
    buried: { always: 'leave, keep live, unproven', 'first live SETTLE ago': 'write, clear' },
    'of the future': WRITTEN,
    'read in the future': { always: 'leave, keep, unproven' },
    'buried in the future': REVIVED,
  },
  'same, sent before the row was read': {
    none: {
      always: 'write, clear',
      'hinted just now': 'write, keep',
      'expects what cannot be': 'write, keep',
      'expects more': 'write, keep, unproven',
      'deleted just now': 'write, keep, unproven',
    },
    live: { always: 'leave, keep, unproven' },
    unsettled: { always: 'leave, keep, unproven' },
    buried: { always: 'leave, keep live, unproven', 'first live SETTLE ago': 'write, clear' },
    'of the future': WRITTEN,
    'read in the future': WRITTEN,
    'buried in the future': REVIVED,
  },
};

const tell = ({ row: becomes, mark, proven }: Judgement): string => {
  const evidence =
    mark.do === 'clear' ? '' : mark.firstNullAt !== null ? ' null' : mark.firstLiveAt !== null ? ' live' : '';
  return `${becomes}, ${mark.do}${evidence}${proven ? '' : ', unproven'}`;
};

describe.each(Object.keys(table) as ReadCase[])('a read that is %s', (readCase) => {
  describe.each(Object.keys(table[readCase]) as RowCase[])('over a row that is %s', (rowCase) => {
    test.each(Object.keys(marks) as MarkCase[])('with a mark: %s', (markCase) => {
      const expected = table[readCase][rowCase][markCase] ?? table[readCase][rowCase].always;
      const got = judge(marks[markCase], reads[readCase], rowOf(rowCase, readCase), DEFAULT_TIMING);
      expect(tell(got)).toBe(expected);
    });
  });
});

describe('when a kept mark is looked at again', () => {
  const dueIn = (judgement: Judgement) => (judgement.mark.do === 'keep' ? judgement.mark.dueInMs : null);

  test('a settle read is sent once SETTLE has passed since the second of the row ended', () => {
    const judgement = judge(
      plain,
      { state: 'live', updatedAt: U, sentAt: U + 400, unchanged: false },
      null,
      DEFAULT_TIMING,
    );
    expect(dueIn(judgement)).toBe(1_000 + SETTLE - 400 + 1_000);
  });

  test('no time of the row or the mark puts it off by more than LAPSE', () => {
    for (const offMs of [-86_400_000, 20_000, 86_400_000, 10 * 365 * 86_400_000])
      for (const over of [
        null,
        row({ readAt: LATER + offMs }),
        row({ updatedAt: LATER + offMs, readAt: LATER + offMs }),
        row({ deletedAt: LATER + offMs }),
      ])
        for (const read of Object.values(reads))
          for (const mark of [
            plain,
            { ...plain, firstNullAt: LATER + offMs },
            { ...plain, firstLiveAt: LATER + offMs },
            { ...plain, expectedUpdatedAt: LATER + offMs, raisedAgoMs: 0 },
            // A database whose clock was set back.
            { ...plain, raisedAgoMs: -offMs, hintedAgoMs: -offMs, deleteAnnouncedAgoMs: -offMs },
          ]) {
            const waitMs = dueIn(judge(mark, read, over, DEFAULT_TIMING));
            expect(waitMs ?? 0).toBeLessThanOrEqual(lapseMs(DEFAULT_TIMING) + 1_000);
          }
  });

  test('the settle test is made on the row, never on an older read', () => {
    const standing = row({ updatedAt: U + 100_000, readAt: U + 100_500 });
    const late: Read = { state: 'live', updatedAt: U, sentAt: U + 101_000, unchanged: false };
    expect(judge(plain, late, standing, DEFAULT_TIMING)).toMatchObject({
      row: 'leave',
      mark: { do: 'keep' },
    });
  });

  test('a hint that changed nothing is looked into early, and its deliveries are not done yet', () => {
    const mark = { ...marks['hinted just now'] };
    const read: Read = { state: 'live', updatedAt: U, sentAt, unchanged: true };
    expect(judge(mark, read, row({}), DEFAULT_TIMING)).toMatchObject({
      proven: false,
      mark: { do: 'keep', dueInMs: SETTLE / 6 + 1_000 },
    });
  });

  test('a key that was never mirrored costs three reads before it is let go', () => {
    let mark: JudgedMark = { ...plain, raisedAgoMs: 0 };
    let now = U;
    let looks = 0;
    for (; looks < 10; looks++) {
      const { mark: after } = judge(mark, { state: 'absent', sentAt: now }, null, DEFAULT_TIMING);
      if (after.do === 'clear') break;
      now += after.dueInMs;
      mark = { ...mark, ...after, raisedAgoMs: now - U };
    }
    expect(looks + 1).toBe(3);
    expect(now - U).toBeGreaterThanOrEqual(lapseMs(DEFAULT_TIMING));
  });

  test('an absence right after another raise buries nothing, however old the first null is', () => {
    const mark = { ...marks['first null LAPSE ago'], raisedAgoMs: 1_000 };
    expect(judge(mark, reads.absent, row({}), DEFAULT_TIMING).row).toBe('leave');
  });

  test('a live answer before the burial does not begin a resurrection', () => {
    const buried = row({ deletedAt: LATER });
    const early: Read = { state: 'live', updatedAt: U, sentAt: LATER - 1, unchanged: false };
    expect(judge(plain, early, buried, DEFAULT_TIMING).mark).toMatchObject({ do: 'keep', firstLiveAt: null });
  });
});

test('a row is settled by a read that is SETTLE younger than its second, and not later than the request', () => {
  const settled = settledAt(U, DEFAULT_TIMING);
  const is = (readAt: number) => isSettled({ updatedAt: U, readAt }, LATER, DEFAULT_TIMING);
  expect([settled - 1, settled, LATER, LATER + SETTLE, LATER + SETTLE + 1, FUTURE].map(is)).toEqual([
    ...[false, true, true, true, false, false],
  ]);
});
