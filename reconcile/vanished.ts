import type { Database } from '../src/database.ts';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import type { RangeRow } from '../src/record.ts';
import type { HeadPage } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';
import { hidesTheOld, isTooOld } from '../src/visibility.ts';

/**
 * Live rows of a range that Shopify did not list. Not every one of them is gone: a row read after the page was
 * asked for may be younger than the list, and an order outside the visible 60 days cannot be seen at all (R10).
 */
export interface Vanishing {
  readonly vanished: readonly { readonly id: string; readonly announced: boolean }[];
  readonly unknowable: number;
}

const ROWS_PER_STEP = 1_000;

/** The range runs from `after` (exclusive) to the page's last id, or to the end after the last page. */
export async function vanishedIn(
  database: Database,
  store: Store,
  name: EntityName,
  after: string | null,
  page: HeadPage,
): Promise<Vanishing> {
  const listed = new Set(page.heads.map(({ id }) => id));
  const through = page.cursor === null ? null : (page.heads.at(-1)?.id ?? null);
  const hidden = hidesTheOld(entityOf(name), store);
  const vanished: string[] = [];
  let unknowable = 0;
  let from = after;
  for (;;) {
    const rows: readonly RangeRow[] = await database.rowsInRange(
      store.id,
      name,
      from,
      through,
      ROWS_PER_STEP,
    );
    for (const row of rows) {
      if (listed.has(row.id) || row.readAt >= page.sentAt) continue;
      if (hidden && isTooOld(row.createdAt, page.sentAt)) unknowable++;
      else vanished.push(row.id);
    }
    if (rows.length < ROWS_PER_STEP) break;
    from = rows.at(-1)!.id;
  }
  const views = await database.mirrorOf(store.id, name, vanished);
  return { vanished: vanished.map((id) => ({ id, announced: views.get(id)?.marked ?? false })), unknowable };
}
