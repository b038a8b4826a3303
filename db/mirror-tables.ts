import type { Column, Columns } from '../src/entities/column.ts';
import type { ChildSet, Entity, Link } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';

/**
 * The mirror's tables as the entities describe them, without a dialect: what the schema declares and what
 * every statement on mirrored rows is built from, so that a column is named in one place.
 */
export interface MirrorTable {
  readonly name: string;
  /** Column with the Shopify id. */
  readonly key: string;
  /** Column with the parent's row id; null for the table of the entity itself. */
  readonly parent: string | null;
  readonly columns: Columns;
  readonly children: readonly MirrorTable[];
}

/** A link, and the ways from the rows of two entities to the two tables that it joins. */
export interface LinkPath {
  readonly link: Link;
  /** From the entity's own table down to the table that is filled. */
  readonly filled: TablePath;
  /** From the entity's own table down to the table that is copied from. */
  readonly source: TablePath;
}
export interface TablePath {
  readonly entity: string;
  readonly tables: readonly [MirrorTable, ...MirrorTable[]];
}

export const mirrorTableOf = (entity: Entity): MirrorTable => ({
  name: entity.table,
  key: entity.key,
  parent: null,
  columns: entity.columns,
  children: entity.children.map(childTableOf),
});

const childTableOf = (child: ChildSet): MirrorTable => ({
  name: child.table,
  key: child.key,
  parent: child.parent,
  columns: child.columns,
  children: child.children.map(childTableOf),
});

/** A column that other rows of the mirror fill; writes of its own row leave it alone. */
export const isLinked = (column: Column): boolean => column.sources.length === 0;

/** Names of the columns that a read of the object fills. */
export const writtenColumns = (table: MirrorTable): readonly string[] =>
  Object.keys(table.columns).filter((name) => !isLinked(table.columns[name]!));

/** The table and all tables below it. */
export const withChildren = (table: MirrorTable): readonly MirrorTable[] => [
  table,
  ...table.children.flatMap(withChildren),
];

/** Every way from the entity's own table to one of its tables. */
const pathsOf = (entity: Entity): readonly TablePath[] => {
  const below = (tables: readonly [MirrorTable, ...MirrorTable[]]): readonly TablePath[] => [
    { entity: entity.name, tables },
    ...tables.at(-1)!.children.flatMap((child) => below([...tables, child])),
  ];
  return below([mirrorTableOf(entity)]);
};

/** The path to a table of the mirror by its name. */
export function pathTo(name: string): TablePath {
  const path = ENTITY_NAMES.flatMap((entity) => pathsOf(entityOf(entity))).find(
    (candidate) => candidate.tables.at(-1)!.name === name,
  );
  if (!path) throw new Error(`No entity has a table ${name}: correct the link or topic that names it.`);
  return path;
}

/** All links of the mirror. */
export const linkPaths = (): readonly LinkPath[] =>
  ENTITY_NAMES.flatMap((name) => entityOf(name).links).map((link) => ({
    link,
    filled: pathTo(link.table),
    source: pathTo(link.to),
  }));

/** Copies of a row id: the column points to the other row, where the others repeat what it says. */
export const isReference = (source: string): boolean => source === 'Id';
