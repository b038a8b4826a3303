/**
 * The top-level connections and counts. Two kinds of lists, with different honesty:
 *
 * - Without a filter the list is read from the replica: position and object are of one time.
 * - With a filter the search index decides what is in the list and where (as of now − index lag), and the
 *   replica says what the object looks like (as of now − replica lag). An object may therefore be newer than its
 *   position, or already gone, or not be found although it has long moved into the range.
 */
import type { Found } from '../collection.ts';
import type { Kind, Kinds } from '../model.ts';
import type { Place } from '../ordering.ts';
import { type Args, type Entry, Page, pageRequest } from './page.ts';
import { invalidCursor } from './problem.ts';
import type { Reading } from './reading.ts';
import { type Compiled, compileSearch } from './search.ts';
import { sortValue } from './sorting.ts';

interface Listing<K extends Kind> {
  readonly kind: K;
  readonly sortKey: string;
  readonly search: Compiled<Kinds[K]> | null;
}

export function list<K extends Kind>(reading: Reading, kind: K, args: Args): Page<Kinds[K]> {
  const { size, from, backward } = pageRequest(args);
  const reverse = args['reverse'] === true;
  const listing = { kind, sortKey: String(args['sortKey']), search: searchOf(reading, kind, args['query']) };
  if (from) refuseForeignCursor(reading, listing, from);
  const entries = take(walk(reading, listing, from, reverse !== backward), size);
  if (backward) entries.reverse();
  const isMore = (side: 'before' | 'after') => {
    const edge = side === 'after' ? entries.at(-1) : entries[0];
    if (!edge) return false;
    return take(walk(reading, listing, edge.place, (side === 'after') === reverse), 1).length > 0;
  };
  return new Page(entries, isMore);
}

export interface Count {
  readonly count: number;
  readonly precision: 'EXACT' | 'AT_LEAST';
}

/** `limit` null counts to the end. */
export function count<K extends Kind>(reading: Reading, kind: K, args: Args): Count {
  const search = searchOf(reading, kind, args['query']);
  const limit = typeof args['limit'] === 'number' ? args['limit'] : Number.POSITIVE_INFINITY;
  const found =
    search || !canCountAtOnce(reading, kind) ? countUpTo(reading, kind, search, limit) : size(reading, kind);
  return found > limit ? { count: limit, precision: 'AT_LEAST' } : { count: found, precision: 'EXACT' };
}

const canCountAtOnce = (reading: Reading, kind: Kind): boolean =>
  reading.replicaAsOf === reading.now && !(kind === 'orders' && Number.isFinite(reading.ordersSince));

const size = (reading: Reading, kind: Kind): number => reading.shop.collection(kind).size;

/** Counts to one beyond the limit, which is enough to know that there are more. */
function countUpTo<K extends Kind>(
  reading: Reading,
  kind: K,
  search: Compiled<Kinds[K]> | null,
  limit: number,
): number {
  // The order that the search narrows is the one in which counting is cheapest.
  const [sortKey = 'ID'] = search?.bounds.keys() ?? [];
  let found = 0;
  for (const _ of walk(reading, { kind, sortKey, search }, null, false)) {
    found += 1;
    if (found > limit) break;
  }
  return found;
}

function searchOf<K extends Kind>(reading: Reading, kind: K, query: unknown): Compiled<Kinds[K]> | null {
  if (typeof query !== 'string') return null;
  const { profile, consistency } = reading.shop;
  return compileSearch(kind, query, {
    zone: { offsetMinutes: profile.timezoneOffsetMinutes },
    now: reading.now,
    customersByWholeDay: consistency.customersByWholeDay,
  });
}

function take<T>(found: Iterable<Entry<T>>, size: number): Entry<T>[] {
  const entries: Entry<T>[] = [];
  if (size === 0) return entries;
  for (const entry of found) if (entries.push(entry) === size) break;
  return entries;
}

function* walk<K extends Kind>(
  reading: Reading,
  { kind, sortKey, search }: Listing<K>,
  from: Place | null,
  reverse: boolean,
): Generator<Entry<Kinds[K]>> {
  const rankOf = sortValue(kind, sortKey);
  const bounds = search?.bounds.get(sortKey) ?? null;
  const start = from ?? (bounds && edgeOf(reverse ? bounds.high : bounds.low, reverse));
  const asOf = search ? reading.indexAsOf : reading.replicaAsOf;
  const found = reading.shop.collection(kind).walk({ sortKey, rankOf, asOf, from: start, reverse });
  for (const { place, object } of found) {
    const value = Number(place.value);
    if (bounds && (reverse ? value < bounds.low : value > bounds.high)) return;
    const node = visible(reading, kind, search, { place, object });
    if (node) yield { place, node };
  }
}

/** A place just before (or, reversed, just after) everything at this value. */
function edgeOf(value: number, reverse: boolean): Place | null {
  if (!Number.isFinite(value)) return null;
  return reverse ? { value, id: '9'.repeat(40) } : { value, id: '' };
}

/** A cursor does not say which order it comes from; one of a text order among numbers gives itself away. */
function refuseForeignCursor<K extends Kind>(
  reading: Reading,
  { kind, sortKey }: Listing<K>,
  from: Place,
): void {
  const sample = reading.shop.collection(kind).at(0);
  if (sample && typeof sortValue(kind, sortKey)(sample) !== typeof from.value) throw invalidCursor();
}

/** The object as it is returned, or null where the list passes over it. */
function visible<K extends Kind>(
  reading: Reading,
  kind: K,
  search: Compiled<Kinds[K]> | null,
  { object }: Found<Kinds[K]>,
): Kinds[K] | null {
  if (!search) return reading.sees(object) ? object : null;
  if (reading.shop.consistency.omitFromIndex.has(object.id) || !search.matches(object)) return null;
  return reading.get(kind, object.id);
}
