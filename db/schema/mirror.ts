import { sql } from 'drizzle-orm';
import type { AnyMsSqlColumn } from 'drizzle-orm/mssql-core';
import type { Column } from '../../src/entities/column.ts';
import type { Link } from '../../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import { LACKS_MAX } from '../../src/lack.ts';
import { isReference, type MirrorTable } from '../mirror-tables.ts';
import type { Kit } from './kit.ts';
import type { defineStores } from './stores.ts';

/**
 * The mirror's tables, built from the entities. Every column of an entity is nullable whatever Shopify
 * promises: a field that is withheld from the first read of an object on is unknown, and an unknown is null
 * (R9).
 */

const ID = 50;

const built = (c: Kit, name: string, column: Column) => {
  switch (column.kind) {
    case 'id':
    case 'text':
      return c.text(name, column.length);
    case 'longText':
      return c.longText(name);
    case 'boolean':
      return c.boolean(name);
    case 'integer':
      return c.integer(name);
    case 'decimal':
      return c.amount(name);
    case 'instant':
      return c.instant(name);
  }
};

const linksInto = (table: string): readonly Link[] =>
  ENTITY_NAMES.flatMap((name) => entityOf(name).links).filter((link) => link.table === table);

/** Columns of this table that hold the row id of another. */
const referencesOf = (table: string) =>
  linksInto(table).flatMap((link) =>
    Object.entries(link.copies)
      .filter(([, source]) => isReference(source))
      .map(([column]) => ({ column, to: link.to })),
  );

const columnsOf = (c: Kit, table: MirrorTable) => {
  const references = new Set(referencesOf(table.name).map((reference) => reference.column));
  return Object.fromEntries(
    Object.entries(table.columns).map(([name, column]) => [
      name,
      references.has(name) ? c.rowRef(name) : built(c, name, column),
    ]),
  );
};

/** The columns that every row of an entity has beside its own. */
const timesOf = (c: Kit) => ({
  IsActive: c.boolean('IsActive').notNull(),
  DeletedAt: c.instant('DeletedAt'),
  CreatedAt: c.instant('CreatedAt').notNull(),
  UpdatedAt: c.instant('UpdatedAt').notNull(),
  ShopifyCreatedAt: c.instant('ShopifyCreatedAt').notNull(),
  ShopifyUpdatedAt: c.instant('ShopifyUpdatedAt').notNull(),
  /** When the row was written: the database's clock. */
  SyncedAt: c.instant('SyncedAt').notNull(),
  /** When the first request of its read was sent: Shopify's clock. */
  ReadAt: c.instant('ReadAt').notNull(),
  ContentHash: c.text('ContentHash', 100),
  /** JSON of src/lack.ts: what is not known of the row and of its children. Null for nearly every row. */
  Lacks: c.text('Lacks', LACKS_MAX),
  /** Since when what is personal in the row is empty because somebody asked for it: the database's clock. */
  ErasedAt: c.instant('ErasedAt'),
});

/** What a table asks of the others, once all of them exist. */
interface Others {
  readonly stores: ReturnType<typeof defineStores>['Stores'];
  readonly rowIdOf: (table: string) => AnyMsSqlColumn;
}

/** The column of a built table by a name that only the entity knows. */
export function columnNamed(columns: object, name: string): AnyMsSqlColumn {
  const column: AnyMsSqlColumn | undefined = Reflect.get(columns, name);
  if (column === undefined) throw new Error(`There is no column ${name}: correct the entity that names it.`);
  return column;
}

export const ownTable = (c: Kit, table: MirrorTable, indexed: readonly string[], others: Others) =>
  c.table(
    table.name,
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      [table.key]: c.text(table.key, ID).notNull(),
      ...columnsOf(c, table),
      ...timesOf(c),
      IdLength: c.lengthOf('IdLength', table.key),
    },
    (t) => [
      ...keysOf(c, table, t, indexed, others),
      c.index(`IX_${table.name}_IdLength`).on(t.StoreId, t.IdLength, columnNamed(t, table.key)),
      c.index(`IX_${table.name}_UpdatedAt`).on(t.StoreId, t.IsActive, t.UpdatedAt),
      c.index(`IX_${table.name}_ReadAt`).on(t.StoreId, t.IsActive, t.ReadAt),
      c.index(`IX_${table.name}_Lacks`).on(t.StoreId, t.IsActive).where(sql`${t.Lacks} is not null`),
      c.foreignKey({
        name: `FK_${table.name}_StoreId`,
        columns: [t.StoreId],
        foreignColumns: [others.stores.Id],
      }),
    ],
  );

export const childTable = (
  c: Kit,
  table: MirrorTable,
  parent: { readonly column: string; readonly table: string },
  indexed: readonly string[],
  others: Others,
) =>
  c.table(
    table.name,
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      [parent.column]: c.rowRef(parent.column).notNull(),
      [table.key]: c.text(table.key, ID).notNull(),
      ...columnsOf(c, table),
    },
    (t) => [
      ...keysOf(c, table, t, indexed, others),
      c.index(`IX_${table.name}_${parent.column}`).on(columnNamed(t, parent.column)),
      c
        .foreignKey({
          name: `FK_${table.name}_${parent.column}`,
          columns: [columnNamed(t, parent.column)],
          foreignColumns: [others.rowIdOf(parent.table)],
        })
        .onDelete('cascade'),
    ],
  );

/**
 * What both kinds of table have: the unique Shopify id, the columns that are searched, references to other
 * rows.
 */
const keysOf = (c: Kit, table: MirrorTable, columns: object, indexed: readonly string[], others: Others) => {
  const storeId = columnNamed(columns, 'StoreId');
  return [
    c.uniqueIndex(`UX_${table.name}_${table.key}`).on(storeId, columnNamed(columns, table.key)),
    ...[...new Set([...searchedColumns(table.name), ...indexed])].map((name) =>
      c.index(`IX_${table.name}_${name}`).on(storeId, columnNamed(columns, name)),
    ),
    ...referencesOf(table.name).flatMap((reference) => [
      // Whoever deletes a row is made to look for those that point to it, in all stores: else by reading all of them.
      c.index(`IX_${table.name}_${reference.column}`).on(columnNamed(columns, reference.column)),
      c.foreignKey({
        name: `FK_${table.name}_${reference.column}`,
        columns: [columnNamed(columns, reference.column)],
        foreignColumns: [others.rowIdOf(reference.to)],
      }),
    ]),
  ];
};

/** Columns by which rows are found: those that links join on, and those that a topic's id stands in. */
const searchedColumns = (table: string): readonly string[] => [
  ...linksInto(table).map((link) => link.by),
  ...ENTITY_NAMES.flatMap((name) => Object.values(entityOf(name).topics).flat()).flatMap(({ through }) =>
    through?.table === table ? [through.column] : [],
  ),
];

export type OwnTable = ReturnType<typeof ownTable>;
export type ChildTable = ReturnType<typeof childTable>;
