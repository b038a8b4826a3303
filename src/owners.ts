import type { Database } from './database.ts';
import type { Entity } from './entities/entity.ts';
import { isEntityName } from './entities/registry.ts';
import type { LackReason } from './lack.ts';
import type { MirrorRecord } from './record.ts';
import type { Store } from './store.ts';

/**
 * The people with whom an object is erased, judged after R9: where Shopify withheld who it is, the row may know. Where
 * the row names nobody either, or there is none, nobody knows whose the object is: a row that lacks it is empty too.
 */
export interface Owners {
  readonly known: readonly { readonly entity: string; readonly id: string }[];
  /** Why one is not known; null where all are. */
  readonly unknown: LackReason | null;
}

/** Of each record, in their order. Asks the database only for what was withheld. */
export async function ownersOf(
  database: Pick<Database, 'contents'>,
  store: Store,
  entity: Entity,
  records: readonly MirrorRecord[],
): Promise<readonly Owners[]> {
  const ids = records
    .filter(({ withheld }) => entity.erasedWith.some(({ column }) => withheld.includes(column)))
    .map(({ id }) => id);
  const { name } = entity;
  const rows = ids.length > 0 && isEntityName(name) ? await database.contents(store.id, name, ids) : [];
  const standing = new Map(rows.map(({ key, row }) => [key, row]));
  return records.map(({ id, row, withheld, lacks }) => {
    const owners = entity.erasedWith.map(({ entity: other, column }) => {
      const isWithheld = withheld.includes(column);
      const named = (isWithheld ? standing.get(id) : row)?.[column];
      if (typeof named === 'string') return { known: [{ entity: other, id: named }], unknown: null };
      const reason = lacks?.[`${entity.table}.${column}`] ?? 'error';
      return { known: [], unknown: isWithheld ? reason : null };
    });
    return {
      known: owners.flatMap(({ known }) => known),
      unknown: owners.find(({ unknown }) => unknown !== null)?.unknown ?? null,
    };
  });
}
