import type { Timing } from '../src/clock.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { settledAt } from '../src/judge.ts';
import type { Gap, Lane, Raise } from '../src/mark.ts';
import type { MirrorView } from '../src/record.ts';
import type { Tally } from '../src/run.ts';
import type { Head } from '../src/shopify/heads.ts';
import { NOTHING } from '../src/tally.ts';

/**
 * Comparing heads with the mirror: what both the sweep and the census do with a page. A head that is newer than
 * its row, or has none, or whose row is not settled yet, is marked; a gap is one of these that no delivery had
 * announced.
 */
export interface Comparison {
  readonly raises: readonly Raise[];
  readonly gaps: readonly Gap[];
  readonly tally: Tally;
}

export function compareHeads(
  entity: EntityName,
  heads: readonly Head[],
  mirror: ReadonlyMap<string, MirrorView>,
  by: {
    readonly lane: Lane;
    readonly finder: 'sweep' | 'census';
    /** Shopify's time of the request. */
    readonly sentAt: number;
    readonly timing: Timing;
    /** Heads older than this are marked although they look alike: the index says that they moved (design §4). */
    readonly windowStart: number | null;
    /** Mark every head: the content is to be compared, not the version. */
    readonly everything?: boolean;
  },
): Comparison {
  const raises: Raise[] = [];
  const gaps: Gap[] = [];
  for (const head of heads) {
    const view = mirror.get(head.id) ?? { row: null, marked: false, announcedAt: null };
    const outside = by.windowStart !== null && head.updatedAt < by.windowStart;
    const why = outside ? 'behind' : (staleness(head, view, by.timing) ?? (by.everything ? 'content' : null));
    if (why === null) continue;
    const changedAt = outside ? by.windowStart : head.updatedAt;
    raises.push({
      entity,
      id: head.id,
      lane: by.lane,
      reason: `${by.finder}:${why}`,
      announces: 'presence',
      // Content has no version to be reached: only a read SETTLE after the head proves it, like a hint.
      expectedUpdatedAt: why === 'content' ? null : changedAt,
      dueInMs: why === 'content' ? by.timing.settleMs : 0,
    });
    if (by.lane !== 'backfill' && isGap(head, view, why, by.sentAt - by.timing.settleMs))
      gaps.push({ id: head.id, changedAt: head.updatedAt, foundBy: by.finder, reason: why });
  }
  const deferred = raises.length;
  return {
    raises,
    gaps,
    tally: { ...NOTHING, seen: heads.length, deferred, unchanged: heads.length - deferred },
  };
}

type Staleness = 'missing' | 'newer' | 'buried' | 'unsettled' | 'behind' | 'content';

function staleness(head: Head, { row, marked }: MirrorView, timing: Timing): Staleness | null {
  if (row === null) return 'missing';
  if (head.updatedAt > row.updatedAt) return 'newer';
  if (row.deletedAt !== null) return 'buried';
  // A marked row gets its settle read anyway.
  const settled = row.readAt >= settledAt(row.updatedAt, timing);
  return settled || marked ? null : 'unsettled';
}

/** What changed just now may well be announced yet, and what is marked has been found already. */
function isGap(head: Head, view: MirrorView, why: Staleness, before: number): boolean {
  if (why === 'unsettled' || why === 'behind' || why === 'content' || view.marked) return false;
  const announced = view.announcedAt !== null && view.announcedAt >= head.updatedAt - 1_000;
  return !announced && head.updatedAt < before;
}
