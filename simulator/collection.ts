/**
 * All objects of one kind in a shop, with enough of each object's past to answer as a lagging replica or a
 * lagging search index would: `get(gid, asOf)` is the object as it stood at that time.
 *
 * Heads are kept in two orders (id, updatedAt) so that keyset cursors are cheap on a million objects.
 */
export interface Versioned {
  readonly id: string;
  readonly updatedAt: number;
}

/** One entry of the search index: where an object stood when the index last saw it. */
export interface IndexEntry {
  readonly id: string;
  readonly updatedAt: number;
  readonly createdAt: number;
}
