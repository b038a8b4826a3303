import type { Timing } from './clock.ts';
import type { Columns } from './entities/column.ts';
import type { Entity } from './entities/entity.ts';
import { isSettled } from './judge.ts';
import { lackTheSame } from './lack.ts';
import type { RefreshCommit, TakenMark, Verdict } from './mark.ts';

/**
 * What only a read of the whole object can find: content that differs under the same `updatedAt`. Tags, consent,
 * spend and unit cost change like that, and so does whatever Shopify changed and forgot to say. It is a gap when
 * only the census asked for the read, for then no webhook had told of it.
 */
export function unversionedGaps(
  entity: Entity,
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
  changed: RefreshCommit['changed'],
  timing: Timing,
): RefreshCommit['gaps'] {
  return verdicts.flatMap(({ row }, i) => {
    const mark = marks[i]!;
    if (row.do !== 'write' || mark.lane !== 'census') return [];
    // A column is different, not merely the hash: an earlier release made that of the same content in another way.
    if (!(changed.get(mark.id) ?? []).some((name) => !isOfSchema(entity, name))) return [];
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
  // A lack that begins or ends changes what a read says, and nothing in Shopify.
  if (!lackTheSame(before.lacks, record.lacks)) return false;
  return isSettled(before, readAt, timing) && record.updatedAt === before.updatedAt;
}

/** `ProductVariants.Barcodes` may differ because the shop's schema tells more than before, and nothing in the shop. */
function isOfSchema(entity: Entity, name: string): boolean {
  const [table, column] = name.includes('.') ? name.split('.') : [entity.table, name];
  const own = entity.table === table ? entity.columns : columnsBelow(entity.children, table!);
  return (own?.[column!]?.newer ?? null) !== null;
}

const columnsBelow = (sets: Entity['children'], table: string): Columns | undefined =>
  sets.find((set) => set.table === table)?.columns ??
  sets.map((set) => columnsBelow(set.children, table)).find((found) => found !== undefined);
