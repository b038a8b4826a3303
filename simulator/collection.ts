/**
 * All objects of one kind in a shop, with enough of each object's past to answer as a lagging replica or a
 * lagging search index would: `get(gid, asOf)` is the object as it stood at that time.
 *
 * An object is a record with its latest version in place and the earlier ones, only while somebody may still
 * ask for them, in a list beside it. Lists and searches walk an `Ordering`, one per sort key, made when first
 * asked for: a million customers that nobody sorts by name cost nothing for it.
 */
import { numericId, Ordering, type Place, type Row, type SortValue } from './ordering.ts';

export interface Versioned {
  readonly id: string;
  readonly updatedAt: number;
}

interface Version<T> {
  readonly at: number;
  readonly object: T | null;
}

/** `id` is the decimal part of the GID. A deleted object is a record whose latest version is null. */
interface ObjectRecord<T> {
  readonly id: string;
  readonly gid: string;
  at: number;
  object: T | null;
  past: Version<T>[] | null;
  /** Where it is in the array of live objects; −1 when deleted. */
  slot: number;
}

/** One object where a list found it: its place in the order, and the version that stood there. */
export interface Found<T> {
  readonly place: Place;
  readonly object: T;
}

export interface Walk<T> {
  /** Names the order; one name must always mean one function. */
  readonly sortKey: string;
  readonly rankOf: (object: T) => SortValue;
  readonly asOf: number;
  readonly from: Place | null;
  readonly reverse: boolean;
}

/** The order that everything else falls back on. Number() keeps the order of ids and the id itself breaks ties. */
export const BY_ID = {
  sortKey: 'ID',
  rankOf: (object: Versioned): SortValue => Number(numericId(object.id)),
};

/** What `put` and `delete` do to one object; null for its end. */
export interface Step<T> {
  readonly gid: string;
  readonly object: T | null;
  readonly at: number;
}

interface Sorted<T> {
  readonly rankOf: (object: T) => SortValue;
  readonly ordering: Ordering<ObjectRecord<T>>;
}

export class Collection<T extends Versioned & { readonly createdAt: number }> {
  /** Told of every step before anybody can see it. */
  onStep: (step: Step<T>) => void = () => {};
  readonly #clock: () => number;
  readonly #historyMs: () => number;
  readonly #ownedBy: (object: T) => Iterable<string>;
  /** From the GID of a part to that of the object it was last seen in. */
  readonly #owners = new Map<string, string>();
  readonly #records = new Map<string, ObjectRecord<T>>();
  readonly #live: ObjectRecord<T>[] = [];
  readonly #orders = new Map<string, Sorted<T>>();
  /** Deleted records in order of their deletion, forgotten when the history that needs them is over. */
  #dead: ObjectRecord<T>[] = [];

  /**
   * `historyMs` is how far back a replica or the search index may look. `ownedBy` names the parts of an object
   * that can be asked for by GIDs of their own.
   */
  constructor(
    clock: () => number,
    historyMs: () => number,
    ownedBy: (object: T) => Iterable<string> = () => [],
  ) {
    this.#clock = clock;
    this.#historyMs = historyMs;
    this.#ownedBy = ownedBy;
  }

  get size(): number {
    return this.#live.length;
  }

  current(gid: string): T | null {
    return this.#records.get(gid)?.object ?? null;
  }

  /** The object as it stood at `asOf`; null if it did not exist then, or no longer. */
  get(gid: string, asOf: number): T | null {
    const record = this.#records.get(gid);
    return record ? standing(record, asOf) : null;
  }

  /** The GID of the object that has, or had, this part. */
  ownerOf(partGid: string): string | null {
    return this.#owners.get(partGid) ?? null;
  }

  put(object: T, at: number = this.#clock()): void {
    this.onStep({ gid: object.id, object, at });
    const known = this.#records.get(object.id);
    const before = known?.object ?? null;
    const record = known ?? this.#create(object, at);
    if (known) this.#change(known, object, at);
    for (const part of this.#ownedBy(object)) this.#owners.set(part, object.id);
    for (const { ordering, rankOf } of this.#orders.values()) {
      if (before && rankOf(before) === rankOf(object)) continue;
      ordering.add(rankOf(object), record);
      if (before) ordering.leave();
    }
  }

  delete(gid: string, at: number = this.#clock()): void {
    const record = this.#records.get(gid);
    if (!record?.object) return;
    this.onStep({ gid, object: null, at });
    this.#change(record, null, at);
    for (const { ordering } of this.#orders.values()) ordering.leave();
    this.#dead.push(record);
    this.#forget();
  }

  /** Current live objects in order of their numeric ids. */
  *values(): Generator<T> {
    for (const { object } of this.walk({ ...BY_ID, asOf: Infinity, from: null, reverse: false }))
      yield object;
  }

  /** The n-th live object in an order that changes only when objects come or go. For picking at random. */
  at(index: number): T | undefined {
    return this.#live[index]?.object ?? undefined;
  }

  /** Objects in one sort order as it was at `asOf`, from a place on. */
  *walk({ sortKey, rankOf, asOf, from, reverse }: Walk<T>): Generator<Found<T>> {
    for (const { value, record } of this.#order(sortKey, rankOf).walk(from, reverse)) {
      const object = standing(record, asOf);
      if (object && rankOf(object) === value) yield { place: { value, id: record.id }, object };
    }
  }

  #order(sortKey: string, rankOf: (object: T) => SortValue): Ordering<ObjectRecord<T>> {
    const known = this.#orders.get(sortKey);
    if (known) return known.ordering;
    const stands = (row: Row<ObjectRecord<T>>) => this.#everStood(row, rankOf);
    const ordering = new Ordering<ObjectRecord<T>>(stands);
    for (const record of this.#records.values()) {
      for (const { object } of versions(record)) if (object) ordering.add(rankOf(object), record);
    }
    this.#orders.set(sortKey, { rankOf, ordering });
    return ordering;
  }

  #everStood({ record, value }: Row<ObjectRecord<T>>, rankOf: (object: T) => SortValue): boolean {
    if (this.#records.get(record.gid) !== record) return false;
    return versions(record).some(({ object }) => object !== null && rankOf(object) === value);
  }

  #create(object: T, at: number): ObjectRecord<T> {
    const record = { id: numericId(object.id), gid: object.id, at, object, past: null, slot: -1 };
    this.#records.set(object.id, record);
    this.#enliven(record);
    return record;
  }

  #change(record: ObjectRecord<T>, object: T | null, at: number): void {
    // A version dated before the last one still replaces it: a shop has one history.
    const since = Math.max(at, record.at);
    record.past = this.#remembered(record, since);
    record.at = since;
    if (object && !record.object) this.#enliven(record);
    if (!object) this.#bury(record);
    record.object = object;
  }

  /** Versions that may still be read: all but those that had a successor when history began. */
  #remembered(record: ObjectRecord<T>, successorAt: number): Version<T>[] | null {
    const begin = successorAt - this.#historyMs();
    const all = versions(record);
    const first = all.findIndex((_, i) => (all[i + 1]?.at ?? successorAt) > begin);
    return first < 0 ? null : all.slice(first);
  }

  #enliven(record: ObjectRecord<T>): void {
    record.slot = this.#live.push(record) - 1;
  }

  #bury(record: ObjectRecord<T>): void {
    const last = this.#live.pop()!;
    if (last !== record) {
      this.#live[record.slot] = last;
      last.slot = record.slot;
    }
    record.slot = -1;
  }

  #forget(): void {
    const begin = this.#clock() - this.#historyMs();
    const keep = this.#dead.findIndex((record) => record.at > begin);
    const gone = this.#dead.splice(0, keep < 0 ? this.#dead.length : keep);
    for (const record of gone) if (!record.object) this.#records.delete(record.gid);
  }
}

function standing<T>(record: ObjectRecord<T>, asOf: number): T | null {
  if (asOf >= record.at) return record.object;
  return record.past?.findLast((version) => version.at <= asOf)?.object ?? null;
}

function versions<T>(record: ObjectRecord<T>): Version<T>[] {
  return [...(record.past ?? []), { at: record.at, object: record.object }];
}
