import type { Database } from './database.ts';
import type { Column, Columns, Row, Value } from './entities/column.ts';
import type { ChildSet, Entity } from './entities/entity.ts';
import { entityOf } from './entities/registry.ts';
import type { Lease } from './lease.ts';
import type { TakenMark, Verdict } from './mark.ts';
import type { ChildRecord, MirrorChild, MirrorRecord, MirrorRow } from './record.ts';

/**
 * Which columns a read changes, by comparing it with the row as it stands: only for rows whose content hash says
 * that something differs, so that a still store costs nothing. Nobody else writes these rows before the commit, which
 * has the same lease. Rejected: a hash for each column beside the row, which makes every row larger for ever; and
 * comparing in SQL, where equality is a matter of the collation and there would be two of it.
 */
export async function changedColumns(
  database: Pick<Database, 'contents'>,
  { storeId, entity }: Lease,
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const records = new Map(
    verdicts.flatMap(({ id, row }, i) =>
      row.do === 'write' && differs(marks[i]!, row.record) ? [[id, row.record] as const] : [],
    ),
  );
  if (records.size === 0) return new Map();
  const rows = await database.contents(storeId, entity, [...records.keys()]);
  return new Map(
    rows.map((row) => [row.key, columnsThatDiffer(entityOf(entity), row, records.get(row.key)!)]),
  );
}

const differs = ({ row }: TakenMark, { contentHash }: MirrorRecord): boolean =>
  row !== null && row.deletedAt === null && row.contentHash !== contentHash;

/** `Title`, `ProductVariants.Price`, and `ProductVariants.*` where rows came or went. What is withheld stays as it is. */
export function columnsThatDiffer(
  entity: Pick<Entity, 'columns' | 'children'>,
  row: Pick<MirrorRow, 'row' | 'children'>,
  record: Pick<MirrorRecord, 'row' | 'children' | 'withheld'>,
): readonly string[] {
  const own = differing(entity.columns, row.row, record);
  return [...own, ...new Set(entity.children.flatMap((set) => inSet(set, row, record)))];
}

function inSet(
  set: ChildSet,
  parent: Pick<MirrorChild, 'children'>,
  record: Pick<ChildRecord, 'children'>,
): readonly string[] {
  const read = record.children[set.table];
  if (read === undefined) return [];
  const before = new Map((parent.children[set.table] ?? []).map((child) => [child.key, child]));
  const stay = read.filter(({ key }) => before.has(key));
  const present = new Set(read.map(({ key }) => key));
  const came = read.filter(({ key }) => !before.has(key));
  const went = [...before.values()].filter(({ key }) => !present.has(key));
  return [
    ...tablesIn({ [set.table]: [...came, ...went] }),
    ...stay.flatMap((child) => {
      const was = before.get(child.key)!;
      const own = differing(set.columns, was.row, child).map((name) => `${set.table}.${name}`);
      return [...own, ...set.children.flatMap((inner) => inSet(inner, was, child))];
    }),
  ];
}

interface Nested {
  readonly children: Readonly<Record<string, readonly Nested[]>>;
}

/** Every table that has a row among these. */
const tablesIn = (children: Nested['children']): readonly string[] =>
  Object.entries(children).flatMap(([table, rows]) =>
    rows.length === 0 ? [] : [`${table}.*`, ...rows.flatMap((row) => tablesIn(row.children))],
  );

/** Linked columns are no matter of the read. */
const differing = (
  columns: Columns,
  before: Row,
  { row, withheld }: Pick<ChildRecord, 'row' | 'withheld'>,
): readonly string[] =>
  Object.keys(columns).filter(
    (name) =>
      columns[name]!.sources.length > 0 &&
      !withheld.includes(name) &&
      stood(columns[name]!, before[name]) !== (row[name] ?? null),
  );

/** Until a line was read anew after the column came, nothing of it was known to be gone. */
const stood = ({ goneWith }: Column, value: Value | undefined): Value | undefined =>
  goneWith !== null && value === null ? false : value;
