import type { Timing } from '../src/clock.ts';
import { isAhead } from '../src/doubtful-time.ts';
import type { EntityName } from '../src/entities/registry.ts';
import type { Gap, GapReason } from '../src/gap.ts';
import { isSettled } from '../src/judge.ts';
import type { Raise } from '../src/mark.ts';
import type { MirrorView } from '../src/record.ts';
import type { Tally } from '../src/run.ts';
import type { Head } from '../src/shopify/heads.ts';
import { NOTHING } from '../src/tally.ts';
import type { Why } from './sighting.ts';

/**
 * A sweep's page of heads against the mirror. A head that is newer than its row, or has none, or whose row is not settled
 * yet, is marked; a gap is one of these that no delivery had announced.
 */
export interface Comparison {
  readonly raises: readonly Raise[];
  readonly gaps: readonly Gap[];
  readonly tally: Tally;
}

export interface ComparedBy {
  /** Shopify's time of the request. */
  readonly sentAt: number;
  readonly timing: Timing;
  /** Heads older than this are marked although they look alike: the index says that they moved (design §4). */
  readonly windowStart: number | null;
}

type Staleness = 'behind' | 'missing' | 'newer' | 'buried' | 'unsettled' | 'doubtful';

export function compareHeads(
  entity: EntityName,
  heads: readonly Head[],
  mirror: ReadonlyMap<string, MirrorView>,
  by: ComparedBy,
): Comparison {
  const raises: Raise[] = [];
  const gaps: Gap[] = [];
  for (const head of heads) {
    const view = mirror.get(head.id) ?? UNKNOWN;
    const why = staleness(head, view, by);
    if (why === null) continue;
    raises.push({
      entity,
      id: head.id,
      lane: 'sweep',
      reason: `sweep:${why}`,
      announces: 'presence',
      expectedUpdatedAt: expectedBy(why, head, by),
      dueInMs: 0,
    });
    if (why === 'behind' || view.marked) continue;
    const gap = gapOf(head, view.announcedAt, why, { ...by, finder: 'sweep' });
    if (gap !== null) gaps.push(gap);
  }
  const deferred = raises.length;
  return {
    raises,
    gaps,
    tally: { ...NOTHING, seen: heads.length, deferred, unchanged: heads.length - deferred },
  };
}

function expectedBy(why: Staleness, head: Head, by: ComparedBy): number | null {
  if (why === 'doubtful') return null;
  return why === 'behind' ? by.windowStart : head.updatedAt;
}

const UNKNOWN: MirrorView = { row: null, marked: false, announcedAt: null };

/** Why the key must be read, null if it need not be. */
function staleness(head: Head, { row, marked }: MirrorView, by: ComparedBy): Staleness | null {
  // A version that cannot be is not newer, and never comes: the read is a reject until Shopify says another (R18). Each
  // sweep finds it again: what is parked already keeps its back-off.
  if (isAhead(head.updatedAt, by.sentAt, by.timing)) return marked ? null : 'doubtful';
  if (by.windowStart !== null && head.updatedAt < by.windowStart) return 'behind';
  if (row === null) return 'missing';
  if (head.updatedAt > row.updatedAt) return 'newer';
  if (row.deletedAt !== null) return 'buried';
  // A marked row gets its settle read anyway.
  return isSettled(row, by.sentAt, by.timing) || marked ? null : 'unsettled';
}

/**
 * The gap that an unmarked key is, if it is one: what changed just now may well be announced yet. `announcedAt`: when
 * Shopify triggered the latest delivery for the key.
 */
export function gapOf(
  head: Head,
  announcedAt: number | null,
  why: Why,
  by: { readonly sentAt: number; readonly timing: Timing; readonly finder: Gap['foundBy'] },
): Gap | null {
  const reason = REASONS[why];
  if (reason === null || head.updatedAt >= by.sentAt - by.timing.settleMs) return null;
  const gap = { id: head.id, reason, seenAt: by.sentAt, foundBy: by.finder };
  // The children changed without the head, at a time that nobody tells.
  if (reason === 'children') return { ...gap, changedAt: null };
  const announced = announcedAt !== null && announcedAt >= head.updatedAt - 1_000;
  return announced ? null : { ...gap, changedAt: head.updatedAt };
}

/** What of a stale key could have been announced. */
const REASONS: Readonly<Record<Why, GapReason | null>> = {
  missing: 'missing',
  newer: 'newer',
  buried: 'buried',
  children: 'children',
  older: null,
  unsettled: null,
  lacking: null,
  content: null,
  held: null,
  doubtful: null,
};
