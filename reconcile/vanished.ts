import { type EntityName, entityOf } from '../src/entities/registry.ts';
import type { RangeRow } from '../src/record.ts';
import type { Store } from '../src/store.ts';
import { hidesTheOld, isTooOld } from '../src/visibility.ts';
import type { HeadRange } from './range.ts';

/**
 * Live rows of a range that Shopify did not list. Not every one of them is gone: a row read after the list was
 * asked for may be younger than it, and an order outside the visible 60 days cannot be seen at all (R10).
 */
export interface Vanishing {
  readonly vanished: readonly string[];
  readonly unknowable: number;
}

export function vanishedOf(
  store: Store,
  name: EntityName,
  rows: readonly RangeRow[],
  range: HeadRange,
): Vanishing {
  const listed = new Set(range.heads.map(({ id }) => id));
  const hidden = hidesTheOld(entityOf(name), store);
  const vanished: string[] = [];
  let unknowable = 0;
  for (const row of rows) {
    if (row.deletedAt !== null || listed.has(row.id) || row.readAt >= range.sentAt) continue;
    if (hidden && isTooOld(row.createdAt, range.sentAt)) unknowable++;
    else vanished.push(row.id);
  }
  return { vanished, unknowable };
}
