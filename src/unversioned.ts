import type { Timing } from './clock.ts';
import { withheldOf } from './consequences.ts';
import type { Entity } from './entities/entity.ts';
import { isSettled } from './judge.ts';
import type { RefreshCommit, TakenMark, Verdict } from './mark.ts';
import type { Store } from './store.ts';

/**
 * What only a read of the whole object can find: content that differs under the same `updatedAt`. Tags, consent,
 * spend and unit cost change like that, and so does whatever Shopify changed and forgot to say. It is a gap when
 * only the census asked for the read, for then no webhook had told of it.
 */
export function unversionedGaps(
  store: Store,
  entity: Entity,
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
  withheld: readonly string[],
  timing: Timing,
): RefreshCommit['gaps'] {
  // A scope that was granted or lost changes what every read says, and nothing in Shopify.
  if (withheldOf(store, entity).join() !== [...withheld].sort().join()) return [];
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
  { record, readAt }: Extract<Verdict['row'], { do: 'write' }>,
  timing: Timing,
): boolean {
  if (before === null || before.deletedAt !== null || before.contentHash === null) return false;
  const settled = isSettled(before, readAt, timing);
  return settled && record.updatedAt === before.updatedAt && record.contentHash !== before.contentHash;
}
