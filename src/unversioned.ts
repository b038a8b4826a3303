import type { Timing } from './clock.ts';
import { settledAt } from './judge.ts';
import { lackTheSame } from './lack.ts';
import type { RefreshCommit, TakenMark, Verdict } from './mark.ts';

/**
 * What only a read of the whole object can find: content that differs under the same `updatedAt`. Tags, consent,
 * spend and unit cost change like that, and so does whatever Shopify changed and forgot to say. It is a gap when
 * only the census asked for the read, for then no webhook had told of it.
 */
export function unversionedGaps(
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
  timing: Timing,
): RefreshCommit['gaps'] {
  return verdicts.flatMap(({ row }, i) => {
    const mark = marks[i]!;
    if (row.do !== 'write' || mark.lane !== 'census') return [];
    if (!isUnversioned(mark, row, timing)) return [];
    return [
      {
        id: mark.id,
        runId: mark.foundByRun,
        reason: 'unversioned' as const,
        changedAt: null,
        seenAt: row.readAt,
        foundBy: 'census' as const,
      },
    ];
  });
}

/** A row whose second was not over when it was read may rightly differ: that is what settle reads are for (R1). */
function isUnversioned(
  { row: before }: TakenMark,
  { record }: Extract<Verdict['row'], { do: 'write' }>,
  timing: Timing,
): boolean {
  if (before === null || before.deletedAt !== null || before.contentHash === null) return false;
  // A lack that begins or ends changes what a read says, and nothing in Shopify.
  if (!lackTheSame(before.lacks, record.lacks)) return false;
  const settled = before.readAt >= settledAt(before.updatedAt, timing);
  return settled && record.updatedAt === before.updatedAt && record.contentHash !== before.contentHash;
}
