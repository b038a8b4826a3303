import type { Findings } from '../src/certificate.ts';
import { entityOf } from '../src/entities/registry.ts';
import type { Gap } from '../src/gap.ts';
import { compareIds } from '../src/ids.ts';
import type { Lease } from '../src/lease.ts';
import type { Raise } from '../src/mark.ts';
import { certifiedRange } from '../src/range-digest.ts';
import type { RangeView } from '../src/record.ts';
import type { CensusPosition } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { Head } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { assertConserved, NOTHING } from '../src/tally.ts';
import { gapOf } from './compare.ts';
import type { HeadRange } from './range.ts';
import { type SelfTest, selfTest } from './selftest.ts';
import { othersOf, type Sight, type Sighting, sightingOf } from './sighting.ts';

/**
 * One range of ids, Shopify's list against the mirror's rows and marks: first the list, then these, so that nothing
 * compared is older than the list that misses it. A range that fits costs one statement to read and the commit; where
 * rows have vanished by the thousand (a lost scope lists nothing) it is taken in steps, for memory's sake.
 */
type Deps = Pick<Service, 'database' | 'doorbells' | 'timing' | 'nonce'>;

const KEYS_PER_STEP = 1_000;

export async function compareRange(
  deps: Deps,
  store: Store,
  lease: Lease,
  before: CensusPosition,
  range: HeadRange,
): Promise<CensusPosition> {
  const through = range.cursor === null ? null : (range.heads.at(-1)?.id ?? null);
  let position = before;
  for (;;) {
    const { throughId } = position;
    const view = await deps.database.keysInRange(store.id, lease.entity, throughId, through, KEYS_PER_STEP);
    const upTo = endOf(view);
    position = await compareStep(deps, store, lease, position, range, view, upTo);
    if (upTo === null) return position;
  }
}

/** Up to where both rows and marks are known; null if that is the end of the range. */
function endOf({ rows, marks }: RangeView): string | null {
  const ends = [rows, marks].flatMap((keys) => (keys.length < KEYS_PER_STEP ? [] : [keys.at(-1)!.id]));
  return ends.sort(compareIds)[0] ?? null;
}

/** The keys that stand, and the heads among them: up to an id, or (null) all that is left of the range. */
async function compareStep(
  deps: Deps,
  store: Store,
  lease: Lease,
  before: CensusPosition,
  range: HeadRange,
  all: RangeView,
  upTo: string | null,
): Promise<CensusPosition> {
  const { throughId: after, kind } = before;
  const within = ({ id }: { readonly id: string }) => upTo === null || compareIds(id, upTo) <= 0;
  // Heads before the position were compared by an earlier step, in this process or in one that died.
  const heads = range.heads.filter(
    (head) => within(head) && (after === null || compareIds(head.id, after) > 0),
  );
  const listed = new Set(heads.map(({ id }) => id));
  // Behind the end of the list only what was created meanwhile is compared: the others have been.
  const isNew = ({ id }: { readonly id: string }) => within({ id }) && (!before.compared || listed.has(id));
  const view = { ...all, rows: all.rows.filter(isNew), marks: all.marks.filter(isNew) };
  const entity = entityOf(lease.entity);
  const sight: Sight = { store, entity, kind, sentAt: range.sentAt, timing: deps.timing };
  const seen = sightingOf(sight, heads, view);
  const tested = selfTest(deps.nonce, sight, heads, view, seen);
  const position = moved(before, range, heads, upTo, seen, tested);
  const raises = raisesOf(lease, sight, seen);
  await deps.database.commitDetection(lease, {
    runId: before.runId,
    raises,
    gaps: kind === 'backfill' ? [] : await gapsOf(deps, lease, sight, view, seen),
    hold: seen.vanished,
    touch: seen.touched,
    ...(heads.length === 0 ? {} : { range: rangeOf(after, upTo ?? heads.at(-1)!.id, seen, all) }),
    census: position,
    tally: assertConserved(tallyOf(heads, seen)),
    points: upTo === null ? range.points : 0,
  });
  if (raises.length > 0) await deps.doorbells.ring(store.id, lease.entity);
  return position;
}

function raisesOf({ entity }: Lease, { kind, timing }: Sight, seen: Sighting): readonly Raise[] {
  const lane = kind === 'backfill' ? 'backfill' : 'census';
  const found = { entity, lane, announces: 'presence' } as const;
  const ofListed = seen.stale.map(({ head, why }) => ({
    ...found,
    id: head.id,
    reason: `census:${why}`,
    // Content has no version to be reached: only a read SETTLE after the head proves it, like a hint.
    expectedUpdatedAt: why === 'content' || why === 'doubtful' ? null : head.updatedAt,
    dueInMs: why === 'content' ? timing.settleMs : 0,
  }));
  // No version is told, so that a live answer proves nothing until SETTLE after the mark: a replica may lag.
  const ofOthers = seen.unlisted.map((id) => ({
    ...found,
    id,
    reason: 'census:unlisted',
    expectedUpdatedAt: null,
    dueInMs: 0,
  }));
  return [...ofListed, ...ofOthers];
}

/** Of a first mirror nobody had to tell. What is marked has been told, or found before. */
async function gapsOf(
  { database, timing }: Deps,
  { storeId, entity }: Lease,
  { sentAt }: Sight,
  { marks }: RangeView,
  seen: Sighting,
): Promise<readonly Gap[]> {
  const marked = new Set(marks.map(({ id }) => id));
  const told = { sentAt, timing, finder: 'census' } as const;
  const possible = seen.stale.filter(
    ({ head, why }) => !marked.has(head.id) && gapOf(head, null, why, told) !== null,
  );
  const views = await (possible.length === 0
    ? new Map<string, never>()
    : database.mirrorOf(
        storeId,
        entity,
        possible.map(({ head }) => head.id),
      ));
  const ofListed = possible.flatMap(
    ({ head, why }) => gapOf(head, views.get(head.id)?.announcedAt ?? null, why, told) ?? [],
  );
  const ofVanished = seen.vanished
    .filter((id) => !marked.has(id))
    .map((id) => ({ id, reason: 'vanished', changedAt: null, seenAt: sentAt, foundBy: 'census' }) as const);
  return [...ofListed, ...ofVanished];
}

/** R11: each listed key, each live row that was not listed, and each mark of neither. */
function tallyOf(heads: readonly Head[], seen: Sighting) {
  const awaited = seen.stale.length + seen.vanished.length + seen.unlisted.length + seen.touched.length;
  const listedAwaited =
    seen.stale.length + seen.touched.filter(({ id }) => heads.some((head) => head.id === id)).length;
  return {
    ...NOTHING,
    seen: heads.length + awaited - listedAwaited + seen.unknowable.length,
    deferred: awaited,
    unchanged: heads.length - listedAwaited,
    unknowable: seen.unknowable.length,
  };
}

const rangeOf = (after: string | null, through: string, seen: Sighting, { rows, at }: RangeView) =>
  certifiedRange(
    { after, through, comparedAt: at },
    seen.equal,
    othersOf(seen, rows).filter((id) => compareIds(id, through) <= 0),
  );

function moved(
  before: CensusPosition,
  range: HeadRange,
  heads: readonly Head[],
  upTo: string | null,
  { found }: Sighting,
  { planted, detected }: SelfTest,
): CensusPosition {
  const created = heads.map(({ createdAt }) => createdAt);
  const oldest = Math.min(before.oldestCreatedAt ?? Number.POSITIVE_INFINITY, ...created);
  return {
    ...before,
    throughId: upTo ?? heads.at(-1)?.id ?? before.throughId,
    cursor: upTo === null ? (range.endCursor ?? before.cursor) : before.cursor,
    compared: upTo === null && range.cursor === null,
    lastAt: range.lastAt,
    heads: before.heads + heads.length,
    found: added(before.found, found),
    planted: before.planted + planted,
    detected: before.detected + detected,
    oldestCreatedAt: Number.isFinite(oldest) ? oldest : null,
    byIndex: upTo === null ? [...before.byIndex, ...range.byIndex] : before.byIndex,
  };
}

const added = (a: Findings, b: Findings): Findings => ({
  missing: a.missing + b.missing,
  newer: a.newer + b.newer,
  vanished: a.vanished + b.vanished,
  other: a.other + b.other,
});
