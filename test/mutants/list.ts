/**
 * Deliberate breakages, one at a time: for each rule, what somebody might simplify away. A mutant names the text it
 * replaces, which must stand exactly once in its file, and the suites that must notice.
 */
export interface Mutant {
  readonly rule: string;
  readonly breakage: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly suites: readonly string[];
}

const JUDGE = 'test/judge.test.ts';
const RULES = 'test/rules.test.ts';
const CONVERGENCE = 'test/convergence.test.ts';
const READS = 'test/reads.test.ts';
const SWEEP = 'test/sweep.test.ts';
const DATABASE = 'test/database-sqlite.test.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    rule: 'R1',
    breakage: 'a read of the same second is trusted',
    file: 'src/judge.ts',
    find: 'updatedAt + SECOND_MS + timing.settleMs',
    replace: '0 * updatedAt',
    suites: [CONVERGENCE],
  },
  {
    rule: 'R1',
    breakage: 'SETTLE is one second, less than a replica lags',
    file: 'src/judge.ts',
    find: 'updatedAt + SECOND_MS + timing.settleMs',
    replace: 'updatedAt + SECOND_MS + 1_000',
    suites: [CONVERGENCE],
  },
  {
    rule: 'R1',
    breakage: 'a read is as old as its answer, not its sending',
    file: 'src/shopify/shop-clock.ts',
    find: 'Math.floor(startedAt + ',
    replace: 'Math.floor(receivedAt + ',
    suites: [READS],
  },
  {
    rule: 'R1',
    breakage: 'partial children are written',
    file: 'src/shopify/drain.ts',
    find: "root['updatedAt'] !== node['updatedAt']",
    replace: 'false',
    suites: [READS],
  },
  {
    rule: 'R2',
    breakage: 'the guard against older reads is dropped',
    file: 'src/judge.ts',
    find: 'const behind = standing !== null && read.updatedAt < standing.updatedAt;',
    replace: 'const behind = false;',
    suites: [RULES],
  },
  {
    rule: 'R2',
    breakage: 'an older read clears the mark',
    file: 'src/judge.ts',
    find: "return { row: 'leave', mark: keep(Math.max(standing?.readAt ?? 0, again)), proven: false };",
    replace: "return { row: 'leave', mark: CLEAR, proven: false };",
    suites: [JUDGE],
  },
  {
    rule: 'R2',
    breakage: 'one live answer raises the dead',
    file: 'src/judge.ts',
    find: 'if (first === null || read.sentAt < first + timing.settleMs)',
    replace: 'if (first === null)',
    suites: [JUDGE],
  },
  {
    rule: 'R2',
    breakage: 'the lease token is not checked',
    file: 'db/sqlite/leases.ts',
    find: 'fence.run({ ...lease, now: clock() }).changes === 1',
    replace: 'fence !== undefined',
    suites: [DATABASE],
  },
  {
    rule: 'R4',
    breakage: 'a signal that could not be marked is acknowledged',
    file: 'webhooks/marking.ts',
    find: "await deps.queues.send('signals', { ...signal, attempt: signal.attempt + 1 }, { delayMs });",
    replace: '',
    suites: [RULES],
  },
  {
    rule: 'R4',
    breakage: 'a live answer clears a delete mark',
    file: 'src/judge.ts',
    find: 'if (mark.deleteAnnouncedAgoMs !== null && mark.deleteAnnouncedAgoMs < timing.settleMs) {',
    replace: 'if (mark.deleteAnnouncedAgoMs === -1) {',
    suites: [JUDGE],
  },
  {
    rule: 'R4',
    breakage: 'a null clears the mark of a key that was never mirrored',
    file: 'src/judge.ts',
    find: 'const left = (live ? timing.settleMs : lapseMs(timing)) - waited;',
    replace: 'const left = live ? timing.settleMs - waited : 0;',
    suites: [CONVERGENCE, JUDGE],
  },
  {
    rule: 'R4',
    breakage: 'no second look after a burial',
    file: 'src/judge.ts',
    find: 'mark: left <= 0 ? CLEAR : keep(read.sentAt + left)',
    replace: 'mark: CLEAR',
    suites: [JUDGE],
  },
  {
    rule: 'R4',
    breakage: 'a hint is proved by the first read',
    file: 'src/judge.ts',
    find: 'const hint = mark.hintedAgoMs !== null && mark.hintedAgoMs < timing.settleMs ? mark.hintedAgoMs : null;',
    replace: 'const hint = null as number | null;',
    suites: [CONVERGENCE],
  },
  {
    rule: 'R5',
    breakage: 'between pages the watermark goes to the newest head',
    file: 'reconcile/sweep.ts',
    find: 'heads.filter(({ updatedAt }) => updatedAt < before)',
    replace: 'heads',
    suites: [RULES],
  },
  {
    rule: 'R5',
    breakage: 'the overlap is nothing',
    file: 'reconcile/window.ts',
    find: ': timing.overlapMs;',
    replace: ': 0;',
    suites: [SWEEP],
  },
  {
    rule: 'R5',
    breakage: 'an ignored filter is accepted',
    file: 'reconcile/window.ts',
    find: 'if (outside >= 5 && outside > heads.length / 2)',
    replace: 'if (outside < 0)',
    suites: [RULES],
  },
  {
    rule: 'R5',
    breakage: 'the time in the filter is not quoted',
    file: 'reconcile/window.ts',
    find: "updated_at:>='$",
    replace: 'updated_at:>=$',
    suites: [SWEEP],
  },
  {
    rule: 'R5',
    breakage: 'rows that the index omits are not looked for',
    file: 'reconcile/sweep.ts',
    find: 'live.filter((id) => !returned.has(id))',
    replace: 'live.filter(() => false)',
    suites: [RULES],
  },
  {
    rule: 'R6',
    breakage: 'a mark is cleared without its sequence',
    file: 'db/sqlite/marks.ts',
    find: "and(theMark, eq(StaleKeys.Sequence, sql.placeholder('Sequence')))",
    replace: 'theMark',
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'one null buries',
    file: 'src/judge.ts',
    find: "if (left <= 0) return { row: live ? 'bury' : 'leave', mark: CLEAR, proven: true };",
    replace: "if (live || left <= 0) return { row: live ? 'bury' : 'leave', mark: CLEAR, proven: true };",
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'the brake never holds',
    file: 'src/brake.ts',
    find: 'burials > 100 && burials > 0.2 * live',
    replace: 'false && burials > live',
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'the shop of an answer is not compared',
    file: 'src/shopify/shop.ts',
    find: 'if (id === null || store.shopId === null || id !== store.shopId)',
    replace: "if (id === 'never')",
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'an order outside the visible 60 days is taken for deleted',
    file: 'reconcile/vanished.ts',
    find: 'if (hidden && isTooOld(row.createdAt, page.sentAt)) unknowable++;',
    replace: 'if (hidden && page.sentAt < 0) unknowable++;',
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'a null about an invisible order counts',
    file: 'src/verdict.ts',
    find: 'return mark.row === null || isTooOld(mark.row.createdAt, sentAt);',
    replace: 'return sentAt < 0;',
    suites: [RULES],
  },
  {
    rule: 'R13',
    breakage: 'money passes through a binary float',
    file: 'src/decimal.ts',
    find: "const units = BigInt(whole + fraction.slice(0, 4).padEnd(4, '0'));",
    replace: 'const units = BigInt(Math.round(Number(text) * 10_000));',
    suites: ['test/exact.test.ts'],
  },
  {
    rule: 'R13',
    breakage: 'ids are compared as text',
    file: 'src/ids.ts',
    find: 'a.length - b.length || ',
    replace: '',
    suites: ['test/exact.test.ts'],
  },
  {
    rule: 'R14',
    breakage: 'equal counts as newer',
    file: 'reconcile/compare.ts',
    find: 'if (head.updatedAt > row.updatedAt)',
    replace: 'if (head.updatedAt >= row.updatedAt)',
    suites: [CONVERGENCE],
  },
];
