import type { Database } from '../src/database.ts';
import { type Column, type Columns, instant, type Value } from '../src/entities/column.ts';
import type { ChildSet, Entity } from '../src/entities/entity.ts';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { emptyValue } from '../src/erasure.ts';
import { compareIds } from '../src/ids.ts';
import type { MirrorChild, MirrorRow } from '../src/record.ts';

/**
 * The mirror against the truth, every mirrored field of every object. The truth comes from the simulator's own
 * objects through code that shares nothing with the decoders, as rows of text, numbers and booleans.
 */
export interface ExpectedRow {
  readonly table: string;
  readonly key: string;
  readonly row: Readonly<Record<string, Value>>;
  readonly children: readonly ExpectedRow[];
  /** Linked columns, where the object on the other side is live. */
  readonly links?: Readonly<Record<string, Value>>;
}

/** `Customers/42.Email`: what differs, never the values (R12). */
export interface Difference {
  readonly entity: EntityName;
  readonly id: string;
  readonly where: string;
}

export interface Comparison {
  readonly objects: number;
  readonly differences: readonly Difference[];
}

const ROWS_PER_PAGE = 500;

/** Merges both sides by id, a page at a time. */
export async function compare(
  database: Database,
  storeId: number,
  name: EntityName,
  truth: AsyncIterable<ExpectedRow> | Iterable<ExpectedRow>,
): Promise<Comparison> {
  const entity = entityOf(name);
  const differences: Difference[] = [];
  const differs = (id: string, where: string) => differences.push({ entity: name, id, where });
  const mirror = liveRows(database, storeId, name);
  let held = await mirror.next();
  let objects = 0;
  for await (const expected of truth) {
    objects++;
    while (!held.done && compareIds(held.value.key, expected.key) < 0) {
      differs(held.value.key, `${entity.table}/${held.value.key} is live, and gone from Shopify`);
      held = await mirror.next();
    }
    if (held.done || held.value.key !== expected.key)
      differs(expected.key, `${entity.table}/${expected.key} is missing`);
    else {
      for (const where of rowDifferences(shapeOf(entity), held.value, expected, held.value.erasedAt !== null))
        differs(expected.key, where);
      held = await mirror.next();
    }
  }
  for (; !held.done; held = await mirror.next())
    differs(held.value.key, `${entity.table}/${held.value.key} is live, and gone from Shopify`);
  return { objects, differences };
}

async function* liveRows(
  database: Database,
  storeId: number,
  name: EntityName,
): AsyncGenerator<MirrorRow, undefined> {
  let after: string | null = null;
  for (;;) {
    const rows: readonly MirrorRow[] = await database.mirrorRows(storeId, name, after, ROWS_PER_PAGE);
    for (const row of rows) if (row.deletedAt === null) yield row;
    if (rows.length < ROWS_PER_PAGE) return undefined;
    after = rows.at(-1)!.key;
  }
}

/** The entity's columns and the four times that every mirrored object has. */
const columnsOf = (entity: Entity): Columns => ({
  ...entity.columns,
  CreatedAt: instant('createdAt'),
  UpdatedAt: instant('updatedAt'),
  ShopifyCreatedAt: instant('createdAt'),
  ShopifyUpdatedAt: instant('updatedAt'),
});

const shapeOf = (entity: Entity): Shape => ({ columns: columnsOf(entity), children: entity.children });

type Shape = Pick<ChildSet, 'columns' | 'children'>;

/** Of somebody who was erased nothing personal may be held, whatever the truth still tells. */
function* rowDifferences(
  { columns, children: sets }: Shape,
  held: MirrorChild,
  expected: ExpectedRow,
  isErased: boolean,
): Generator<string> {
  const at = `${expected.table}/${expected.key}`;
  const mirrored = Object.keys(columns).filter((name) => columns[name]!.sources.length > 0);
  const wanted: Readonly<Record<string, Value>> = { ...expected.row, ...expected.links };
  for (const name of new Set([...mirrored, ...Object.keys(wanted)])) {
    const column = columns[name];
    if (column !== undefined && column.goneWith !== null) continue;
    if (column?.kept) {
      if (!isAsSold(columns, name, held, wanted)) yield `${at}.${name} differs`;
    } else if (column === undefined || !(name in wanted)) yield `${at}.${name} is on one side only`;
    else {
      const right = isErased && column.personal ? emptyValue(column) : wanted[name];
      if (spelled(column, held.row[name] ?? null) !== right) yield `${at}.${name} differs`;
    }
  }
  for (const set of sets) yield* setDifferences(set, held.children[set.table] ?? [], expected, isErased);
}

/**
 * Shopify's own word where it still names what was sold. Where it names nothing any more, what was known; and once the
 * line was read since then, the column beside it says that it is gone: the two are compared as one.
 */
function isAsSold(
  columns: Columns,
  name: string,
  { row }: Pick<MirrorChild, 'row'>,
  wanted: Readonly<Record<string, Value>>,
): boolean {
  const flag = Object.keys(columns).find((each) => columns[each]!.goneWith === name);
  const isKept = wanted[name] === null && (row[name] ?? null) !== null;
  if (!isKept && (row[name] ?? null) !== wanted[name]) return false;
  return flag === undefined || (row[flag] ?? false) === isKept;
}

function* setDifferences(
  set: ChildSet,
  held: readonly MirrorChild[],
  parent: ExpectedRow,
  isErased: boolean,
): Generator<string> {
  const byKey = new Map(held.map((child) => [child.key, child]));
  for (const expected of parent.children.filter(({ table }) => table === set.table)) {
    const child = byKey.get(expected.key);
    byKey.delete(expected.key);
    if (child === undefined) yield `${set.table}/${expected.key} is missing`;
    else yield* rowDifferences(set, child, expected, isErased);
  }
  for (const key of byKey.keys()) yield `${set.table}/${key} is not in Shopify`;
}

/** As the truth spells it: times as ISO text in whole seconds, everything else as it is. */
const spelled = (column: Column, value: Value): Value =>
  column.kind === 'instant' && typeof value === 'number'
    ? new Date(value).toISOString().replace(/\.\d{3}Z$/, 'Z')
    : value;
