import type { Mutant } from './list.ts';

/** Certificates (R15): each clause taken away. */
const SOUNDNESS = 'test/soundness.test.ts';
const CERTIFICATE = 'test/certificate.test.ts';
const DATABASE = 'test/database-sqlite.test.ts';
const SIGHTING = 'test/sighting.test.ts';
const VERIFY = 'test/verify.test.ts';

export const PROOF: readonly Mutant[] = [
  {
    rule: 'R15',
    breakage: 'a live row that is younger than the list is passed over',
    file: 'reconcile/sighting.ts',
    find: 'else if (isYounger(row, sight)) unlisted.push(row.id);',
    replace: 'else if (isYounger(row, sight)) continue;',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a live answer at once proves a key that was not listed',
    file: 'db/sqlite/sightings.ts',
    find: "{ Reason: 'census:vanished', DueAt: null, HintedAt: now, HeldByRun: runId }",
    replace: "{ Reason: 'census:vanished', DueAt: null, HintedAt: null, HeldByRun: runId }",
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a key that is marked already counts as equal',
    file: 'reconcile/sighting.ts',
    find: 'else if (!isEqual) touched.push({ id: head.id, unlisted: false });',
    replace: '',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a mark without row and head is not touched',
    file: 'reconcile/sighting.ts',
    find: 'else touched.push({ id, unlisted: true });',
    replace: 'else continue;',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a mark that is touched keeps its sequence',
    file: 'db/sqlite/sightings.ts',
    find: '        Sequence: incoming(StaleKeys.Sequence),\n',
    replace: '',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a ReadAt of the future makes a row young',
    file: 'reconcile/sighting.ts',
    find: 'readAt >= sentAt && readAt <= sentAt + timing.settleMs;',
    replace: 'readAt >= sentAt && timing.settleMs > 0;',
    suites: [SIGHTING],
  },
  {
    rule: 'R15',
    breakage: 'a ReadAt of the future settles a row',
    file: 'src/judge.ts',
    find: '!isAhead(readAt, sentAt, timing) && readAt >= settledAt',
    replace: 'sentAt > 0 && readAt >= settledAt',
    suites: [SIGHTING],
  },
  {
    rule: 'R15',
    breakage: 'what goes out of sight before it is read counts as read',
    file: 'db/sqlite/marks.ts',
    find: 'unprovenOf: proven ? null : foundByRun,',
    replace: 'unprovenOf: proven ? foundByRun : null,',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a new epoch throws the held marks away',
    file: 'db/sqlite/stores.ts',
    find: '  forgetProgress(connection, storeId);\n',
    replace:
      "  forgetProgress(connection, storeId);\n  connection.client.exec('delete from StaleKeys where HeldByRun is not null');\n",
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a held key that is listed again stays held',
    file: 'reconcile/sighting.ts',
    find: "else if (mark?.held) stale.push({ head, why: 'held', row });",
    replace: '',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'a certificate waits for whatever only lacks its settle read',
    file: 'db/sqlite/certificates.ts',
    find: '  or(isNull(StaleKeys.ExcusesBefore), lte(StaleKeys.ExcusesBefore, Certificates.FromAt)),\n',
    replace: '',
    suites: [SOUNDNESS],
  },
  {
    rule: 'R15',
    breakage: 'what was read before a census found the key counts for that census',
    file: 'db/sqlite/sightings.ts',
    find: '        ExcusesBefore: null,\n',
    replace: '',
    suites: [DATABASE],
  },
  {
    rule: 'R15',
    breakage: 'a blind census may say matched',
    file: 'src/certificate.ts',
    find: 'const blind = planted !== null && detected !== null && detected < planted;',
    replace: 'const blind = false;',
    suites: [CERTIFICATE, VERIFY],
  },
  {
    rule: 'R15',
    breakage: 'the test of a census is passed by whoever finds anything',
    file: 'reconcile/selftest.ts',
    find: 'missed.size === expected.size &&',
    replace: 'missed.size >= 0 &&',
    suites: [VERIFY],
  },
  {
    rule: 'R15',
    breakage: 'a digest does not know the versions of its keys',
    file: 'src/range-digest.ts',
    find: 'new Date(updatedAt).toISOString().slice(0, 19)',
    replace: 'new Date(updatedAt * 0).toISOString().slice(0, 19)',
    suites: [VERIFY],
  },
  {
    rule: 'R15',
    breakage: 'what the brake holds is never read once it is out of sight',
    file: 'reconcile/sighting.ts',
    find: 'if (outOfSight && mark?.held) unlisted.push(row.id);\n    else if',
    replace: 'if',
    suites: ['test/census-edges.test.ts'],
  },
  {
    rule: 'R9',
    breakage: 'a value that was told is denied for good by a denial of minutes',
    file: 'src/denial.ts',
    find: 'known?.told || (known === undefined && wasTold)',
    replace: 'known?.told',
    suites: ['test/lack.test.ts'],
  },
];
