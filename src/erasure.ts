import type { Column, Columns, Row, Value } from './entities/column.ts';
import { contentHashOf } from './entities/decode.ts';
import type { ChildSet, Entity } from './entities/entity.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from './entities/registry.ts';
import { type LackReason, lacksOf } from './lack.ts';
import type { ChildRecord, MirrorRecord } from './record.ts';

/**
 * Emptying what is personal in an object. Which columns those are is said where the columns are described, so that
 * whoever adds one decides it there. An empty column holds what its decoder makes of nothing: null, or false.
 */

interface Described {
  readonly columns: Columns;
  readonly children: readonly ChildSet[];
}

export const personalColumns = (columns: Columns): readonly string[] =>
  Object.keys(columns).filter((name) => columns[name]!.personal);

/** Those of an object, as change events name them: `Email`, `OrderItems.Properties`. */
export const personalNames = ({ columns, children }: Described): readonly string[] => [
  ...personalColumns(columns),
  ...children.flatMap((set) => personalNames(set).map((name) => `${set.table}.${name}`)),
];

/** The same as `Table.Column`. */
const personalColumnsBelow = ({
  table,
  columns,
  children,
}: Described & { readonly table: string }): readonly string[] => [
  ...personalColumns(columns).map((name) => `${table}.${name}`),
  ...children.flatMap(personalColumnsBelow),
];

/** Whether there is anything to be erased in objects of the entity. */
export const isPersonal = ({ columns, children }: Described): boolean =>
  personalColumns(columns).length > 0 || children.some(isPersonal);

/** Entities whose objects are people: others are erased with them. */
export const PEOPLE: readonly EntityName[] = ENTITY_NAMES.filter((name) =>
  ENTITY_NAMES.some((other) => entityOf(other).erasedWith.some(({ entity }) => entity === name)),
);

export function emptyValue(column: Column): Value {
  const parsed = column.decode.safeParse(column.sources.map(() => null));
  return parsed.success ? parsed.data : null;
}

/** The values to which a row's personal columns are set. */
export const emptied = (columns: Columns): Row =>
  Object.fromEntries(personalColumns(columns).map((name) => [name, emptyValue(columns[name]!)]));

/** What may be written of an object whose person was erased. Its hash is that of what is left: a second read is quiet. */
export function withoutPerson(entity: Entity, record: MirrorRecord, erasedAt: number): MirrorRecord {
  const personal = new Set(personalColumnsBelow(entity));
  const lacks = Object.entries(record.lacks ?? {}).filter(([name]) => !personal.has(name));
  return { ...emptiedWhole(entity, record), lacks: lacksOf(lacks), erasedAt };
}

/** And of one whose person nobody knows, who may be erased: what is personal in it is lacking, as the person is. */
export function ofNobodyKnown(entity: Entity, record: MirrorRecord, reason: LackReason): MirrorRecord {
  const personal = Object.fromEntries(personalColumnsBelow(entity).map((name) => [name, reason]));
  return {
    ...emptiedWhole(entity, record),
    lacks: lacksOf(Object.entries({ ...personal, ...record.lacks })),
  };
}

function emptiedWhole(entity: Entity, record: MirrorRecord): MirrorRecord {
  const { row, children, withheld } = emptiedRecord(entity, record);
  return { ...record, row, children, withheld, contentHash: contentHashOf(row, children, withheld) };
}

function emptiedRecord<R extends Pick<ChildRecord, 'row' | 'children' | 'withheld'>>(
  { columns, children: sets }: Described,
  record: R,
): R {
  const row = { ...record.row, ...emptied(columns) };
  // A withheld column keeps its value in the table: not this one.
  const withheld = record.withheld.filter((name) => columns[name]?.personal !== true);
  const children = Object.fromEntries(
    Object.entries(record.children).map(([table, rows]) => {
      const set = sets.find((each) => each.table === table)!;
      return [table, rows.map((child) => emptiedRecord(set, child))];
    }),
  );
  return { ...record, row, withheld, children };
}
