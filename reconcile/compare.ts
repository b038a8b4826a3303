import type { Findings } from '../src/certificate.ts';
import type { Timing } from '../src/clock.ts';
import { isAhead } from '../src/doubtful-time.ts';
import type { EntityName } from '../src/entities/registry.ts';
import type { Gap, GapReason } from '../src/gap.ts';
import { isSettled } from '../src/judge.ts';
import type { Lane, Raise } from '../src/mark.ts';
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
  readonly found: Findings;
  readonly tally: Tally;
}

export interface ComparedBy {
  readonly lane: Lane;
  readonly finder: 'sweep' | 'census';
  /** Shopify's time of the request. */
  readonly sentAt: number;
  readonly timing: Timing;
  /** Heads older than this are marked although they look alike: the index says that they moved (design §4). */
  readonly windowStart: number | null;
  /** Mark every head: the content is to be compared, not the version. */
  readonly everything?: boolean;
  /** Ids whose rows have another number of children than Shopify says. */
  readonly miscounted?: ReadonlySet<string>;
}

type Staleness =
  | Exclude<GapReason, 'vanished' | 'unversioned'>
  | 'unsettled'
  | 'behind'
  | 'content'
  | 'doubtful';

export function compareHeads(
  entity: EntityName,
  heads: readonly Head[],
  mirror: ReadonlyMap<string, MirrorView>,
  by: ComparedBy,
): Comparison {
  const raises: Raise[] = [];
  const gaps: Gap[] = [];
  const whys: Staleness[] = [];
  for (const head of heads) {
    const view = mirror.get(head.id) ?? UNKNOWN;
    const why = staleness(head, view, by);
    if (why === null) continue;
    whys.push(why);
    raises.push({
      entity,
      id: head.id,
      lane: by.lane,
      reason: `${by.finder}:${why}`,
      announces: 'presence',
      // Content has no version to be reached: only a read SETTLE after the head proves it, like a hint.
      expectedUpdatedAt: expectedBy(why, head, by),
      dueInMs: why === 'content' ? by.timing.settleMs : 0,
    });
    const gap = by.lane === 'backfill' ? null : gapOf(head, view, why, by);
    if (gap !== null) gaps.push(gap);
  }
  const deferred = raises.length;
  return {
    raises,
    gaps,
    found: findings(whys),
    tally: { ...NOTHING, seen: heads.length, deferred, unchanged: heads.length - deferred },
  };
}

function expectedBy(why: Staleness, head: Head, by: ComparedBy): number | null {
  if (why === 'content' || why === 'doubtful') return null;
  return why === 'behind' ? by.windowStart : head.updatedAt;
}

const UNKNOWN: MirrorView = { row: null, marked: false, announcedAt: null };

/** Why the key must be read, null if it need not be. */
export function staleness(head: Head, { row, marked }: MirrorView, by: ComparedBy): Staleness | null {
  // A version that cannot be is not newer, and never comes: the read is a reject until Shopify says another (R18).
  if (isAhead(head.updatedAt, by.sentAt, by.timing)) return isSweepOf(marked, by) ? null : 'doubtful';
  if (by.windowStart !== null && head.updatedAt < by.windowStart) return 'behind';
  if (row === null) return 'missing';
  if (head.updatedAt > row.updatedAt) return 'newer';
  if (row.deletedAt !== null) return 'buried';
  // A marked row gets its settle read anyway.
  if (!isSettled(row, by.sentAt, by.timing) && !marked) return 'unsettled';
  if (by.miscounted?.has(head.id)) return 'children';
  return by.everything ? 'content' : null;
}

/** Each sweep finds it again: what is parked already keeps its back-off. */
const isSweepOf = (marked: boolean, by: ComparedBy): boolean => marked && by.finder === 'sweep';

/** What changed just now may well be announced yet, and what is marked has been found already. */
function gapOf(head: Head, view: MirrorView, why: Staleness, by: ComparedBy): Gap | null {
  if (!isFound(why) || view.marked) return null;
  const gap = { id: head.id, reason: why, seenAt: by.sentAt, foundBy: by.finder };
  if (head.updatedAt >= by.sentAt - by.timing.settleMs) return null;
  // The children changed without the head, at a time that nobody tells.
  if (why === 'children') return { ...gap, changedAt: null };
  const announced = view.announcedAt !== null && view.announcedAt >= head.updatedAt - 1_000;
  return announced ? null : { ...gap, changedAt: head.updatedAt };
}

/** A change that somebody should have announced. */
const isFound = (why: Staleness): why is Extract<Staleness, GapReason> =>
  why !== 'unsettled' && why !== 'behind' && why !== 'content' && why !== 'doubtful';

function findings(whys: readonly Staleness[]): Findings {
  const are = (wanted: Staleness) => whys.filter((why) => why === wanted).length;
  const [missing, newer] = [are('missing'), are('newer')];
  return { missing, newer, vanished: 0, other: whys.length - missing - newer };
}
