/**
 * One sort order over a collection, as keyset cursors need it: rows sorted by (value, id).
 *
 * A row says "this object stood at this value once". Whether it stood there at a given time is asked of the
 * object's own history, so a row carries no interval, and moving an object is one appended row: the place it
 * left stays behind until `compact`. Reading as a lagging index or replica is then the same walk with another
 * clock. New values are nearly always about the greatest, so adding is cheap; sorting the rest is put off until
 * somebody reads.
 */
export type SortValue = number | string;

/** A place in an order. Ids are decimal text of any length, compared as numbers. */
export interface Place {
  readonly value: SortValue;
  readonly id: string;
}

export interface Row<R> {
  readonly value: SortValue;
  readonly record: R;
}

/** The decimal id at the end of a GID; a bare id is left as it is. */
export const numericId = (gid: string): string => gid.slice(gid.lastIndexOf('/') + 1);

/** Decimal ids by size, without a binary float: they may exceed 2^53. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function comparePlaces(a: Place, b: Place): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return compareIds(a.id, b.id);
}

/** How far from the end a row is still put in its place at once. */
const TAIL_ROWS = 1000;

export class Ordering<R extends { readonly id: string }> {
  #rows: Row<R>[] = [];
  #sorted = true;
  #left = 0;
  readonly #stands: (row: Row<R>) => boolean;

  /** `stands` tells whether any time still of interest finds the record at the row's value. */
  constructor(stands: (row: Row<R>) => boolean) {
    this.#stands = stands;
  }

  /** Nearly always at the end; a little before it is cheap too, anything else waits for the next reader. */
  add(value: SortValue, record: R): void {
    const row = { value, record };
    const at = this.#sorted ? this.#upperBound(placeOf(row)) : this.#rows.length;
    const before = this.#rows[at - 1];
    if (this.#sorted && before && samePlace(before, row)) return;
    if (this.#rows.length - at <= TAIL_ROWS) {
      this.#rows.splice(at, 0, row);
    } else {
      this.#rows.push(row);
      this.#sorted = false;
    }
  }

  /** An object moved away or died: its old row is now rubbish, swept when rubbish outweighs the rest. */
  leave(): void {
    this.#left += 1;
    if (this.#left > 1000 && this.#left > this.#rows.length / 2) this.compact();
  }

  compact(): void {
    this.#sort();
    this.#rows = this.#rows.filter((row) => this.#stands(row));
    this.#left = 0;
  }

  /** Rows after (ascending) or before (descending) a place, the place itself excluded; from the end without one. */
  *walk(from: Place | null, reverse: boolean): Generator<Row<R>> {
    this.#sort();
    // Sorting and sweeping make new arrays, so a walk is not disturbed by what happens to the objects it passes.
    const rows = this.#rows;
    const length = rows.length;
    if (reverse) {
      for (let i = (from ? this.#lowerBound(from) : length) - 1; i >= 0; i--) yield rows[i]!;
    } else {
      for (let i = from ? this.#upperBound(from) : 0; i < length; i++) yield rows[i]!;
    }
  }

  #lowerBound(place: Place): number {
    return this.#search((row) => comparePlaces(placeOf(row), place) >= 0);
  }

  #upperBound(place: Place): number {
    return this.#search((row) => comparePlaces(placeOf(row), place) > 0);
  }

  /** Index of the first row for which `reached` holds; `reached` is false, then true, along the order. */
  #search(reached: (row: Row<R>) => boolean): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(this.#rows[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #sort(): void {
    if (this.#sorted) return;
    const rows = this.#rows.toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)));
    this.#rows = rows.filter((row, i) => i === 0 || !samePlace(row, rows[i - 1]!));
    this.#sorted = true;
  }
}

const placeOf = <R extends { readonly id: string }>(row: Row<R>): Place => ({
  value: row.value,
  id: row.record.id,
});

const samePlace = <R>(a: Row<R>, b: Row<R>): boolean => a.record === b.record && a.value === b.value;
