import { type Findings, NO_FINDINGS } from '../src/certificate.ts';
import type { Timing } from '../src/clock.ts';
import { isAhead } from '../src/doubtful-time.ts';
import type { Entity } from '../src/entities/entity.ts';
import { compareIds } from '../src/ids.ts';
import { isSettled } from '../src/judge.ts';
import { maySeeNow } from '../src/lack.ts';
import type { RangeMark, RangeRow, RangeView } from '../src/record.ts';
import type { CensusKind, Touch } from '../src/run.ts';
import type { Head } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { hidesTheOld, isTooOld } from '../src/visibility.ts';

/**
 * What a census sees of one range of ids: Shopify's list against the mirror's rows and marks, both read after the list.
 * A pure function, so that a census can try it on a list of which it knows what is missing (selftest.ts).
 *
 * A key is *equal* if it is listed and its row is live, has the head's `updatedAt`, is settled, lacks no column that may
 * be seen now, and has no mark. Every other key of the range is marked and awaited by the certificate (R15):
 *
 *   listed      no row, another updatedAt, buried, unsettled, other children, a lack     → marked, read at once
 *               marked                                                                   → touched; a held mark is freed
 *   not listed  live row, read before the page was asked for                             → held until the census ends
 *               live row, younger than the list: perhaps just created                    → marked, read at once
 *               live row out of sight (an old order without read_all_orders)             → unknowable; if marked, as below
 *               marked, no live row                                                      → touched; if held, read at once
 */
export interface Sight {
  readonly store: Pick<Store, 'settings'>;
  readonly entity: Entity;
  readonly kind: CensusKind;
  /** Shopify's time of the request for the list. */
  readonly sentAt: number;
  readonly timing: Timing;
}

/** Why a listed key must be read. */
export type Why =
  | 'missing'
  | 'newer'
  | 'older'
  | 'buried'
  | 'unsettled'
  | 'lacking'
  | 'children'
  | 'content'
  | 'held'
  | 'doubtful';

export interface Sighting {
  /** Listed keys to be read. */
  readonly stale: readonly { readonly head: Head; readonly why: Why; readonly row: RangeRow | null }[];
  /** Not listed: to be read only once the census has ended and the brake was judged. */
  readonly vanished: readonly string[];
  /** Not listed, but to be read at once. */
  readonly unlisted: readonly string[];
  readonly touched: readonly Touch[];
  /** Not listed: live rows that Shopify does not show to this app. */
  readonly unknowable: readonly string[];
  /** In the order of ids; at the depth `content` they are read nevertheless. */
  readonly equal: readonly Head[];
  readonly found: Findings;
}

export function sightingOf(sight: Sight, heads: readonly Head[], view: RangeView): Sighting {
  const rows = new Map(view.rows.map((row) => [row.id, row]));
  const marks = new Map(view.marks.map((mark) => [mark.id, mark]));
  const listed = new Set(heads.map(({ id }) => id));
  const ofListed = listedKeys(sight, heads, rows, marks);
  const ofOthers = unlistedKeys(
    sight,
    view.rows.filter(({ id }) => !listed.has(id)),
    view.marks.filter(({ id }) => !listed.has(id)),
    rows,
    marks,
  );
  const touched = [...ofListed.touched, ...ofOthers.touched];
  const count = (wanted: Why) => ofListed.stale.filter(({ why }) => why === wanted).length;
  const [missing, newer] = [count('missing'), count('newer')];
  const others = ofListed.stale.length - missing - newer + ofOthers.unlisted.length + touched.length;
  const found = { ...NO_FINDINGS, missing, newer, vanished: ofOthers.vanished.length, other: others };
  return { ...ofListed, ...ofOthers, touched, found };
}

function listedKeys(
  sight: Sight,
  heads: readonly Head[],
  rows: ReadonlyMap<string, RangeRow>,
  marks: ReadonlyMap<string, RangeMark>,
): Pick<Sighting, 'stale' | 'equal' | 'touched'> {
  const stale: Sighting['stale'][number][] = [];
  const equal: Head[] = [];
  const touched: Touch[] = [];
  for (const head of heads) {
    const row = rows.get(head.id) ?? null;
    const mark = marks.get(head.id);
    const why = behind(sight, head, row, mark) ?? (mark === undefined ? doubt(sight, head, row!) : null);
    const isEqual = why === null && mark === undefined;
    if (isEqual) equal.push(head);
    if (why !== null) stale.push({ head, why, row });
    else if (mark?.held) stale.push({ head, why: 'held', row });
    else if (sight.kind !== 'census') stale.push({ head, why: 'content', row });
    else if (!isEqual) touched.push({ id: head.id, unlisted: false });
  }
  return { stale, equal, touched };
}

/** Why a listed key must be read at once whatever its mark says; null if its row has what the list shows. */
function behind(
  { sentAt, timing }: Sight,
  head: Head,
  row: RangeRow | null,
  mark: RangeMark | undefined,
): Why | null {
  // A version that cannot be is not newer, and never comes (R18). What is parked for it already keeps its back-off.
  if (isAhead(head.updatedAt, sentAt, timing)) return mark === undefined ? 'doubtful' : null;
  if (row === null) return 'missing';
  if (head.updatedAt > row.updatedAt) return 'newer';
  return row.deletedAt === null ? null : 'buried';
}

/** Why a key that has no mark is not equal all the same. */
function doubt(sight: Sight, head: Head, row: RangeRow): Why | null {
  // A list from a replica that lags shows an older state than the row's; so does an object whose state was restored.
  if (head.updatedAt < row.updatedAt) return 'older';
  if (!isSettled(row, sight.sentAt, sight.timing)) return 'unsettled';
  if (maySeeNow(row.lacks, sight.store, sight.entity)) return 'lacking';
  return isMiscounted(head, row, sight.sentAt) ? 'children' : null;
}

/** Settled on both sides: a row that was read after the list was asked for may rightly have other children. */
const isMiscounted = ({ childCounts }: Head, row: RangeRow, sentAt: number): boolean =>
  row.readAt < sentAt && Object.entries(childCounts).some(([table, n]) => row.childCounts[table] !== n);

function unlistedKeys(
  sight: Sight,
  unlistedRows: readonly RangeRow[],
  unlistedMarks: readonly RangeMark[],
  rows: ReadonlyMap<string, RangeRow>,
  marks: ReadonlyMap<string, RangeMark>,
): Pick<Sighting, 'vanished' | 'unlisted' | 'touched' | 'unknowable'> {
  const vanished: string[] = [];
  const unlisted: string[] = [];
  const touched: Touch[] = [];
  const unknowable: string[] = [];
  for (const row of unlistedRows) {
    if (row.deletedAt !== null) continue;
    const outOfSight = hidesTheOld(sight.entity, sight.store) && isTooOld(row.createdAt, sight.sentAt);
    const mark = marks.get(row.id);
    // Held, it would be released by nobody: it is read, and ends as what it is.
    if (outOfSight && mark?.held) unlisted.push(row.id);
    else if (outOfSight && mark !== undefined) touched.push({ id: row.id, unlisted: false });
    else if (outOfSight) unknowable.push(row.id);
    else if (isYounger(row, sight)) unlisted.push(row.id);
    else vanished.push(row.id);
  }
  for (const { id, held } of unlistedMarks) {
    if (rows.get(id)?.deletedAt === null) continue;
    if (held) unlisted.push(id);
    else touched.push({ id, unlisted: true });
  }
  return { vanished, unlisted, touched, unknowable };
}

/** Read after the list was asked for: perhaps just created. A `ReadAt` of the future tells nothing. */
const isYounger = ({ readAt }: RangeRow, { sentAt, timing }: Sight): boolean =>
  readAt >= sentAt && readAt <= sentAt + timing.settleMs;

/** The ids of the range that were not equal, in the order of ids; also those of rows that were not compared at all. */
export function othersOf(
  { stale, vanished, unlisted, touched, unknowable, equal }: Sighting,
  rows: readonly RangeRow[],
): readonly string[] {
  const agreeing = new Set(equal.map(({ id }) => id));
  const named = new Set([
    ...stale.map(({ head }) => head.id),
    ...[...vanished, ...unlisted, ...unknowable],
    ...touched.map(({ id }) => id),
    ...rows.flatMap(({ id, deletedAt }) => (deletedAt === null ? [id] : [])),
  ]);
  return [...named].filter((id) => !agreeing.has(id)).sort(compareIds);
}
