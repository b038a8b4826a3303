import type { Database } from './database.ts';
import type { Columns, Row } from './entities/column.ts';
import { contentHashOf } from './entities/decode.ts';
import type { ChildSet, Entity } from './entities/entity.ts';
import type { Lease } from './lease.ts';
import type { TakenMark } from './mark.ts';
import type { ChildRecord, MirrorChild, MirrorRecord } from './record.ts';
import type { KeyRead } from './shopify/read.ts';

/**
 * What was sold stays sold (R9): where Shopify answers null for the product of a line that was known, because the product
 * was deleted, the record that is judged and written has the known id, and says that the product is gone. Done before
 * anything is judged, under the lease that alone writes these rows, so that hash, change events and gaps speak of what
 * will stand. Rejected: keeping it in the statements that write, which would be said twice, and be unknown to the hash.
 */
type Described = Pick<Entity, 'columns' | 'children'>;
type Read = Pick<ChildRecord, 'row' | 'children' | 'withheld'>;

export async function withKept(
  database: Pick<Database, 'contents'>,
  { storeId, entity: name }: Lease,
  entity: Described,
  marks: readonly TakenMark[],
  reads: ReadonlyMap<string, KeyRead>,
): Promise<ReadonlyMap<string, KeyRead>> {
  const doubtful = marks.flatMap(({ id, row }) => {
    const read = reads.get(id);
    return row !== null && read?.state === 'live' && lacks(entity, read.record) ? [id] : [];
  });
  if (doubtful.length === 0) return reads;
  const all = new Map(reads);
  for (const before of await database.contents(storeId, name, doubtful)) {
    const read = all.get(before.key);
    if (read?.state === 'live')
      all.set(before.key, { ...read, record: keptRecord(entity, read.record, before) });
  }
  return all;
}

const keptColumns = (columns: Columns): readonly string[] =>
  Object.keys(columns).filter((name) => columns[name]!.kept);

/** A null that Shopify answered where an id may be known. */
const unnamed = (columns: Columns, { row, withheld }: Pick<Read, 'row' | 'withheld'>): readonly string[] =>
  keptColumns(columns).filter((name) => row[name] === null && !withheld.includes(name));

const lacks = ({ columns, children }: Described, record: Read): boolean =>
  unnamed(columns, record).length > 0 ||
  children.some((set) => (record.children[set.table] ?? []).some((child) => lacks(set, child)));

function keptRecord(entity: Described, record: MirrorRecord, before: Pick<MirrorChild, 'row' | 'children'>) {
  const kept = keptIn(entity, record, before);
  return { ...kept, contentHash: contentHashOf(kept.row, kept.children, kept.withheld) };
}

function keptIn<R extends Read>(
  { columns, children: sets }: Described,
  record: R,
  before: Pick<MirrorChild, 'row' | 'children'>,
): R {
  const known = unnamed(columns, record).filter((name) => (before.row[name] ?? null) !== null);
  const row: Row = {
    ...record.row,
    ...Object.fromEntries(known.map((name) => [name, before.row[name]!])),
    ...Object.fromEntries(
      Object.keys(columns)
        .filter((name) => known.includes(columns[name]!.goneWith ?? ''))
        .map((name) => [name, true]),
    ),
  };
  const children = Object.fromEntries(
    Object.entries(record.children).map(([table, list]) => [table, keptSet(sets, table, list, before)]),
  );
  return { ...record, row, children };
}

function keptSet(
  sets: readonly ChildSet[],
  table: string,
  list: readonly ChildRecord[],
  before: Pick<MirrorChild, 'children'>,
): readonly ChildRecord[] {
  const set = sets.find((each) => each.table === table)!;
  const known = new Map((before.children[table] ?? []).map((child) => [child.key, child]));
  return list.map((child) => {
    const was = known.get(child.key);
    return was === undefined ? child : keptIn(set, child, was);
  });
}
