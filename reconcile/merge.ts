import type { Findings } from '../src/certificate.ts';
import type { Gap } from '../src/gap.ts';
import { compareIds } from '../src/ids.ts';
import type { Lease } from '../src/lease.ts';
import type { MirrorView, RangeRow } from '../src/record.ts';
import type { CensusPosition } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { Head } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { assertConserved } from '../src/tally.ts';
import { type ComparedBy, compareHeads, staleness } from './compare.ts';
import type { HeadRange } from './range.ts';
import { type Vanishing, vanishedOf } from './vanished.ts';

/**
 * One range of ids, Shopify's list against the mirror's rows: first the list, then the rows, so that a row is never
 * older than the list that misses it. A range that fits costs one statement to read and the commit; where rows have
 * vanished by the thousand (a lost scope lists nothing) it is taken in steps, for memory's sake.
 */
type Deps = Pick<Service, 'database' | 'doorbells' | 'timing'>;

const ROWS_PER_STEP = 1_000;

export async function compareRange(
  deps: Deps,
  store: Store,
  lease: Lease,
  before: CensusPosition,
  range: HeadRange,
): Promise<CensusPosition> {
  const { database } = deps;
  const through = range.cursor === null ? null : (range.heads.at(-1)?.id ?? null);
  let position = before;
  for (;;) {
    const rows = await database.rowsInRange(
      store.id,
      lease.entity,
      position.throughId,
      through,
      ROWS_PER_STEP,
    );
    const upTo = rows.length < ROWS_PER_STEP ? null : rows.at(-1)!.id;
    position = await compareStep(deps, store, lease, position, range, rows, upTo);
    if (upTo === null) return position;
  }
}

/** The rows that were found, and the heads among them: up to an id, or (null) all that is left of the range. */
async function compareStep(
  deps: Deps,
  store: Store,
  lease: Lease,
  before: CensusPosition,
  range: HeadRange,
  rows: readonly RangeRow[],
  upTo: string | null,
): Promise<CensusPosition> {
  const { entity } = lease;
  const { throughId: after } = before;
  // Heads before the position were compared by an earlier step, in this process or in one that died.
  const heads = range.heads.filter(
    ({ id }) => (after === null || compareIds(id, after) > 0) && (upTo === null || compareIds(id, upTo) <= 0),
  );
  const { vanished, unknowable }: Vanishing =
    before.kind === 'backfill' ? { vanished: [], unknowable: 0 } : vanishedOf(store, entity, rows, range);
  const by: ComparedBy = {
    lane: before.kind === 'backfill' ? 'backfill' : 'census',
    everything: before.kind === 'content',
    finder: 'census',
    sentAt: range.sentAt,
    timing: deps.timing,
    windowStart: null,
    miscounted: miscounted(heads, rows, range.sentAt),
  };
  const mirror = await viewsOf(deps, lease, heads, rows, vanished, by);
  const compared = compareHeads(entity, heads, mirror, by);
  const position = moved(before, range, heads, upTo, { ...compared.found, vanished: vanished.length });
  await deps.database.commitDetection(lease, {
    runId: before.runId,
    raises: compared.raises,
    gaps: [...compared.gaps, ...unannounced(vanished, mirror, range.sentAt)],
    hold: vanished,
    census: position,
    tally: assertConserved({
      ...compared.tally,
      seen: compared.tally.seen + vanished.length + unknowable,
      deferred: compared.tally.deferred + vanished.length,
      unknowable,
    }),
    points: upTo === null ? range.points : 0,
  });
  if (compared.raises.length > 0) await deps.doorbells.ring(store.id, entity);
  return position;
}

/** What the rows tell; only of keys that look stale it matters whether they are marked or announced. */
async function viewsOf(
  { database }: Deps,
  { storeId, entity }: Lease,
  heads: readonly Head[],
  rows: readonly RangeRow[],
  vanished: readonly string[],
  by: ComparedBy,
): Promise<ReadonlyMap<string, MirrorView>> {
  const views = new Map<string, MirrorView>(
    rows.map((row) => [row.id, { row, marked: false, announcedAt: null }]),
  );
  const unmarked = { row: null, marked: false, announcedAt: null };
  const stale = heads.filter((head) => staleness(head, views.get(head.id) ?? unmarked, by) !== null);
  const doubtful = [...stale.map(({ id }) => id), ...vanished];
  if (doubtful.length === 0) return views;
  for (const [id, view] of await database.mirrorOf(storeId, entity, doubtful)) views.set(id, view);
  return views;
}

/** Settled on both sides: a row that was read after the list was asked for may rightly have other children. */
const miscounted = (
  heads: readonly Head[],
  rows: readonly RangeRow[],
  sentAt: number,
): ReadonlySet<string> => {
  const standing = new Map(rows.map((row) => [row.id, row]));
  const differ = heads.filter(({ id, childCounts }) => {
    const row = standing.get(id);
    if (row === undefined || row.readAt >= sentAt) return false;
    return Object.entries(childCounts).some(([table, n]) => row.childCounts[table] !== n);
  });
  return new Set(differ.map(({ id }) => id));
};

const unannounced = (
  vanished: readonly string[],
  mirror: ReadonlyMap<string, MirrorView>,
  seenAt: number,
): readonly Gap[] =>
  vanished
    .filter((id) => !mirror.get(id)?.marked)
    .map((id) => ({ id, reason: 'vanished', changedAt: null, seenAt, foundBy: 'census' }));

function moved(
  before: CensusPosition,
  range: HeadRange,
  heads: readonly Head[],
  upTo: string | null,
  found: Findings,
): CensusPosition {
  const created = heads.map(({ createdAt }) => createdAt);
  const oldest = Math.min(before.oldestCreatedAt ?? Number.POSITIVE_INFINITY, ...created);
  const total: Findings = {
    missing: before.found.missing + found.missing,
    newer: before.found.newer + found.newer,
    vanished: before.found.vanished + found.vanished,
    other: before.found.other + found.other,
  };
  return {
    ...before,
    throughId: upTo ?? heads.at(-1)?.id ?? before.throughId,
    cursor: upTo === null ? (range.endCursor ?? before.cursor) : before.cursor,
    compared: upTo === null && range.cursor === null,
    lastAt: range.lastAt,
    heads: before.heads + heads.length,
    found: total,
    oldestCreatedAt: Number.isFinite(oldest) ? oldest : null,
    byIndex: upTo === null ? [...before.byIndex, ...range.byIndex] : before.byIndex,
  };
}
