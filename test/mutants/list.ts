import { ANNOUNCING } from './announcing.ts';
import { ANSWERS } from './answers.ts';
import { AZURE } from './azure.ts';
import { CLOCKS } from './clocks.ts';
import { PRIVACY } from './privacy.ts';
import { PROOF } from './proof.ts';
import { SECRETS_MUTANTS } from './secrets.ts';
import { SIMULATION } from './simulation.ts';
import { STORES_MUTANTS } from './stores.ts';
import { WITHHELD_MUTANTS } from './withheld.ts';

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
const STORES = 'test/stores-at-once.test.ts';
const BRAKE = 'test/brake.test.ts';
const CLOCK = 'test/shop-clock.test.ts';
const CENSUS = 'test/census.test.ts';
const LONG_READS = 'test/long-reads.test.ts';
const SCOPES = 'test/scopes.test.ts';
const MERGE = 'test/merge.test.ts';
const UPKEEP = 'test/upkeep.test.ts';
const CERTIFICATE = 'test/certificate.test.ts';
const GAP = 'test/gap.test.ts';
const SLICE = 'test/slice.test.ts';
const EVENTS = 'test/orders-of-events.test.ts';

export const MUTANTS: readonly Mutant[] = [
  ...SECRETS_MUTANTS,
  ...STORES_MUTANTS,
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
    file: 'src/shopify/answer-times.ts',
    find: '[shopClock.at(startedAt), shopClock.at(receivedAt)]',
    replace: '[shopClock.at(receivedAt), shopClock.at(receivedAt)]',
    suites: [CLOCK],
  },
  {
    rule: 'R1',
    breakage: 'partial children are written',
    file: 'src/shopify/drain.ts',
    find: "root?.['updatedAt'] !== node['updatedAt']",
    replace: 'false',
    suites: [READS],
  },
  {
    rule: 'R2',
    breakage: 'the guard against older reads is dropped',
    file: 'src/judge.ts',
    find: 'const behind = version !== null && read.updatedAt < version;',
    replace: 'const behind = false;',
    suites: [RULES],
  },
  {
    rule: 'R2',
    breakage: 'an older read clears the mark',
    file: 'src/judge.ts',
    find: "return { row: 'leave', mark: keep(Math.max(readAt ?? 0, again)), proven: false };",
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
    find: 'statement.run({ ...lease, now }).changes === 1',
    replace: 'statement !== undefined',
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
    find: 'const hint = hintedAgoMs !== null && hintedAgoMs < timing.settleMs ? hintedAgoMs : null;',
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
    find: 'live.filter((id) => !returned?.has(id))',
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
    find: 'if (store.shopId === null || id !== store.shopId)',
    replace: "if (id === 'never')",
    suites: [RULES],
  },
  {
    rule: 'R10',
    breakage: 'an order outside the visible 60 days is taken for deleted',
    file: 'reconcile/sighting.ts',
    find: 'hidesTheOld(sight.entity, sight.store) && isTooOld(row.createdAt, sight.sentAt)',
    replace: 'hidesTheOld(sight.entity, sight.store) && isTooOld(row.createdAt, 0)',
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
    rule: 'R1',
    breakage: 'an answer that is a little fast counts for minutes',
    file: 'src/shopify/shop-clock.ts',
    find: 'if (both.low > both.high) return believe(answer, receivedAt);',
    replace: '',
    suites: [CLOCK],
  },
  {
    rule: 'R1',
    breakage: 'content that a census asked for is proved by the first read',
    file: 'reconcile/merge.ts',
    find: "why === 'content' || why === 'doubtful' ? null : head.updatedAt,\n    dueInMs: why === 'content' ? timing.settleMs : 0,",
    replace: 'head.updatedAt,\n    dueInMs: timing.settleMs * 0,',
    suites: [CENSUS],
  },
  {
    rule: 'R1',
    breakage: 'a plain census that stopped half way stands in for a content census',
    file: 'reconcile/census.ts',
    find: "position?.kind === 'census' && kind === 'content'",
    replace: "position?.kind === 'never' && kind === 'content'",
    suites: [CENSUS],
  },
  {
    rule: 'R1',
    breakage: 'a census that is asked for while another runs is dropped',
    file: 'reconcile/work.ts',
    find: "if (end === 'busy') await again(RETRY_MS);",
    replace: '',
    suites: [CENSUS],
  },
  {
    rule: 'R1',
    breakage: 'a long read does not renew its lease',
    file: 'src/shopify/read.ts',
    find: 'if (!(await stillMine())) {',
    replace: 'if (ids.length === 0) {',
    suites: [LONG_READS],
  },
  {
    rule: 'R3',
    breakage: 'a merge is looked up once',
    file: 'webhooks/marking.ts',
    find: 'await echo(deps, signal);',
    replace: '',
    suites: [MERGE],
  },
  {
    rule: 'R4',
    breakage: 'missing subscriptions are mended, and nobody catches up',
    file: 'webhooks/subscriptions.ts',
    find: 'if (unheard.length > 0) await owe(entitiesOf(unheard));',
    replace: '',
    suites: [UPKEEP],
  },
  {
    rule: 'R6',
    breakage: 'what a census found gone is cleared by an older read',
    file: 'db/sqlite/sightings.ts',
    find: '        Sequence: incoming(StaleKeys.Sequence),\n        HeldByRun: sql',
    replace: '        HeldByRun: sql',
    suites: [CENSUS],
  },
  {
    rule: 'R7',
    breakage: 'an interrupted sweep begins again',
    file: 'reconcile/work.ts',
    find: '{ at: end, attempt }',
    replace: '{ attempt }',
    suites: [STORES],
  },
  {
    rule: 'R7',
    breakage: 'the store inside comes before those that wait',
    file: 'src/gate.ts',
    find: 'if (waiting.length === 0 && hasRoom(storeId))',
    replace: 'if (hasRoom(storeId))',
    suites: [STORES],
  },
  {
    rule: 'R7',
    breakage: 'one object that cannot be served fails its batch',
    file: 'src/batch.ts',
    find: 'error instanceof TooCostly || error instanceof Unserved',
    replace: 'error instanceof TooCostly',
    suites: [LONG_READS],
  },
  {
    rule: 'R9',
    breakage: 'a granted scope fills nothing',
    file: 'src/shop-noted.ts',
    find: 'if (owed <= (contentPaid[entity] ?? 0)',
    replace: 'if (owed >= 0',
    suites: [SCOPES, 'test/scopes-back.test.ts'],
  },
  {
    rule: 'R10',
    breakage: 'before an order is buried the scopes are not asked',
    file: 'src/batch.ts',
    find: 'if (entity.windowed && judgedKeys.some(',
    replace: 'if (entity.windowed && [].some(',
    suites: [SCOPES],
  },
  {
    rule: 'R10',
    breakage: 'the brake of a refresh holds for an hour',
    file: 'src/brake.ts',
    find: '!isHeld && !trips(',
    replace: '!trips(',
    suites: [BRAKE],
  },
  {
    rule: 'R10',
    breakage: 'a release lasts for ever',
    file: 'src/brake.ts',
    find: 'now < (settings.brakeReleased[entity] ?? 0)',
    replace: 'now > 0 && (settings.brakeReleased[entity] ?? 0) > 0',
    suites: [BRAKE],
  },
  {
    rule: 'R10',
    breakage: 'a census takes back what was said of the brake while it ran',
    file: 'src/brake.ts',
    find: 'brakeHeld: [...standing, entity]',
    replace: 'brakeHeld: [entity]',
    suites: [BRAKE],
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
  {
    rule: 'R1',
    breakage: 'settling is judged on another second than the row has',
    file: 'src/judge.ts',
    find: 'const settled = settledAt(read.updatedAt, timing);',
    replace: 'const settled = settledAt(standing?.updatedAt ?? 0, timing);',
    suites: [CONVERGENCE, JUDGE],
  },
  {
    rule: 'R1',
    breakage: 'the children of a product are not counted by a census',
    file: 'reconcile/sighting.ts',
    find: '([table, n]) => row.childCounts[table] !== n',
    replace: '([table, n]) => row.childCounts[table] === -n',
    suites: [CERTIFICATE],
  },
  {
    rule: 'R1',
    breakage: 'the nightly share takes any rows, not those that were read longest ago',
    file: 'db/sqlite/ranges.ts',
    find: '.orderBy(asc(table.ReadAt))',
    replace: '.orderBy(asc(table.IdLength))',
    suites: [SLICE],
  },
  {
    rule: 'R2',
    breakage: 'a burial removes the row, and leaves no tombstone',
    file: 'db/sqlite/rows.ts',
    find: ".update(table)\n    .set({ ...placeholders('DeletedAt', 'SyncedAt'), IsActive: false })",
    replace: '.delete(table)',
    suites: [DATABASE],
  },
  {
    rule: 'R4',
    breakage: 'half of a commit that failed is kept',
    file: 'db/sqlite/connection.ts',
    find: "client.exec('ROLLBACK')",
    replace: "client.exec('COMMIT')",
    suites: [DATABASE],
  },
  {
    rule: 'R5',
    breakage: 'the watermark moves, and the marks of its page are not written',
    file: 'db/sqlite/detection.ts',
    find: 'raise(connection, storeId, commit.raises, commit.census ? runId : null);',
    replace: 'if (commit.census) raise(connection, storeId, commit.raises, runId);',
    suites: [DATABASE, SWEEP],
  },
  {
    rule: 'R6',
    breakage: 'a sequence repeats itself',
    file: 'db/sqlite/marks.ts',
    find: 'Sequence: connection.nonce(),\n      Lane',
    replace: "Sequence: 'the same',\n      Lane",
    suites: [DATABASE],
  },
  {
    rule: 'R10',
    breakage: 'a null without a delete delivery is believed at once where no row is known',
    file: 'src/judge.ts',
    find: '? earlyMs(timing) : left;\n  return {\n    row:',
    replace: '? left : left;\n  return {\n    row:',
    suites: [JUDGE],
  },
  {
    rule: 'R11',
    breakage: 'a certificate does not wait for what was found',
    file: 'db/sqlite/certificates.ts',
    find: 'lte(StaleKeys.FoundByRun, Certificates.RunId)',
    replace: 'lte(StaleKeys.FoundByRun, -1)',
    suites: [CERTIFICATE],
  },
  {
    rule: 'R11',
    breakage: 'a certificate says "matched" whatever Shopify counts',
    file: 'src/certificate.ts',
    find: 'counted !== null && listed < counted',
    replace: 'counted === -1 && listed < counted',
    suites: [CERTIFICATE],
  },
  {
    rule: 'R11',
    breakage: 'what was announced within five minutes counts as a gap',
    file: 'src/gap.ts',
    find: "if (tookMs.some((ms) => ms <= IN_FLIGHT_MS)) return 'in flight';",
    replace: '',
    suites: [GAP],
  },
  {
    rule: 'R9',
    breakage: 'an order that came before its customer is never linked to it',
    file: 'src/batch.ts',
    find: 'if (touched.length > 0) await database.link(store.id, lease.entity, touched);',
    replace: '',
    suites: [EVENTS],
  },
  ...ANNOUNCING,
  ...ANSWERS,
  ...AZURE,
  ...CLOCKS,
  ...PRIVACY,
  ...PROOF,
  ...SIMULATION,
  ...WITHHELD_MUTANTS,
];
