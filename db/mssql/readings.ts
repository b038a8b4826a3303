import type { ColumnKind, Columns, Value } from '../../src/entities/column.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { lacksText } from '../../src/lack.ts';
import type { Verdict } from '../../src/mark.ts';
import type { ChildRecord, MirrorRecord } from '../../src/record.ts';
import { type MirrorTable, mirrorTableOf, withChildren, writtenColumns } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { JSON_TEXT } from './batch.ts';
import { type Packed, pack, unpack } from './packing.ts';
import { type Fields, fieldsOf, isoOf } from './statements.ts';
import type { Assignments } from './upserts.ts';

/**
 * What a refresh has read, on its way into the mirror: per table of the entity one table variable of the table's
 * name, filled from one JSON parameter. However many rows and columns, the text of the batch stays the same.
 *
 * What Shopify withheld has no value in the JSON, and `Withheld` names it: `|Email|Refunds|`, columns and child
 * tables alike. So it is null in a new row, and an old row is told from a real null to keep its own (R9).
 */

type JsonRow = Readonly<Record<string, Value>>;

const READ_TIMES = ['CreatedAt', 'UpdatedAt', 'ReadAt', 'ErasedAt'];
const WITHHELD: Fields = { Withheld: 'nvarchar(4000)' };

/** Child rows name their parent by its Shopify id: its row may be as new as they are. */
export const PARENT_KEY = 'ParentKey';

/** The parameters of an entity: one per table, `{"OrdersJson": …}`. */
export const readingParameters = (entity: EntityName): Readonly<Record<string, typeof JSON_TEXT>> =>
  Object.fromEntries(tablesOf(entity).map(({ name }) => [parameterOf(name), JSON_TEXT]));

const tablesOf = (entity: EntityName) => withChildren(mirrorTableOf(entityOf(entity)));
const parameterOf = (table: string): string => `${table}Json`;

/** Declares and fills the table variables of an entity. */
export const declareReadings = (entity: EntityName): string =>
  tablesOf(entity)
    .map((shape) => unpack(`@${shape.name}`, `@${parameterOf(shape.name)}`, packedOf(shape)))
    .join('\n');

/** The columns of a table variable. Texts that people wrote travel in a way of their own (packing.ts). */
function packedOf(shape: MirrorTable): Packed {
  const table = schema.mirrored(shape.name);
  const key = fieldsOf(table, shape.key);
  const texts = writtenColumns(shape).filter((name) => TEXTS.has(shape.columns[name]!.kind));
  const others = writtenColumns(shape).filter((name) => !texts.includes(name));
  const more =
    shape.parent === null ? fieldsOf(table, ...READ_TIMES, 'ContentHash') : { [PARENT_KEY]: key[shape.key]! };
  return {
    key,
    others: { ...more, ...WITHHELD, ...fieldsOf(table, ...others) },
    // JSON too: its quotes need to be carried.
    texts: { ...fieldsOf(table, ...texts), ...(shape.parent === null ? fieldsOf(table, 'Lacks') : {}) },
  };
}

const TEXTS: ReadonlySet<ColumnKind> = new Set(['text', 'longText']);

/** True of a row `s` of the table variable whose column, or child table, of this name was withheld. */
export const isWithheld = (name: string): string => `CHARINDEX(N'|${name}|', s.[Withheld]) > 0`;

/** What a new row holds: of a row `s` of the table variable. */
export const asRead = (columns: readonly string[]): Assignments =>
  Object.fromEntries(columns.map((name) => [name, `s.[${name}]`]));

/** What a row `t` that stands holds afterwards. */
export const unlessWithheld = (columns: readonly string[]): Assignments =>
  Object.fromEntries(
    columns.map((name) => [name, `CASE WHEN ${isWithheld(name)} THEN t.[${name}] ELSE s.[${name}] END`]),
  );

/** The values of `readingParameters`: the rows that the verdicts say to write, with their children. */
export function readingsOf(
  entity: EntityName,
  verdicts: readonly Verdict[],
): Readonly<Record<string, string>> {
  const shape = mirrorTableOf(entityOf(entity));
  const readings = new Map(tablesOf(entity).map(({ name }) => [name, new Map<string, JsonRow>()]));
  for (const { row } of verdicts) {
    if (row.do !== 'write') continue;
    const { record, readAt } = row;
    readings.get(shape.name)!.set(record.id, {
      [shape.key]: record.id,
      CreatedAt: isoOf(record.createdAt),
      UpdatedAt: isoOf(record.updatedAt),
      ReadAt: isoOf(readAt),
      ErasedAt: isoOf(record.erasedAt),
      ContentHash: record.contentHash,
      Lacks: lacksText(record.lacks),
      ...valuesOf(shape, record),
    });
    addChildren(readings, shape, record.id, record.children);
  }
  return Object.fromEntries(
    tablesOf(entity).map((table) => [
      parameterOf(table.name),
      pack([...readings.get(table.name)!.values()], packedOf(table)),
    ]),
  );
}

/** A key stands once in all that is read together (src/entities/child-keys.ts). */
function addChildren(
  readings: ReadonlyMap<string, Map<string, JsonRow>>,
  parent: MirrorTable,
  parentId: string,
  sets: Readonly<Record<string, readonly ChildRecord[]>>,
): void {
  for (const shape of parent.children) {
    for (const record of sets[shape.name] ?? []) {
      const keys = { [shape.key]: record.key, [PARENT_KEY]: parentId };
      readings.get(shape.name)!.set(record.key, { ...keys, ...valuesOf(shape, record) });
      addChildren(readings, shape, record.key, record.children);
    }
  }
}

/** The columns that were read, and the names of those that were withheld. */
function valuesOf(shape: MirrorTable, record: ChildRecord | MirrorRecord): JsonRow {
  const { row, children, withheld } = record;
  const sets = shape.children.map(({ name }) => name).filter((name) => children[name] === undefined);
  const missing = [...withheld, ...sets];
  const read = writtenColumns(shape).filter((name) => !withheld.includes(name));
  return {
    Withheld: missing.length > 0 ? `|${missing.join('|')}|` : null,
    ...Object.fromEntries(read.map((name) => [name, jsonValue(shape.columns, name, row[name] ?? null)])),
  };
}

/** Nothing that SQL Server would have to guess: times in ISO with their zone, booleans as it prints them itself. */
function jsonValue(columns: Columns, name: string, value: Value): Value {
  if (columns[name]!.kind === 'instant' && typeof value === 'number') return isoOf(value);
  return typeof value === 'boolean' ? Number(value) : value;
}
