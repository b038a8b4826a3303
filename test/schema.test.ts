import { getColumns, getTableName, is, type Table } from 'drizzle-orm';
import { MsSqlTable, getTableConfig as mssqlConfig } from 'drizzle-orm/mssql-core';
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { DIALECTS, generate } from '../db/generate.ts';
import { assertKit } from '../db/schema/kit.ts';
import { schema as mssql } from '../db/schema.mssql.ts';
import { schema as sqlite } from '../db/schema.sqlite.ts';
import { tablesOf } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';

/** The schema is one text for two databases, and the committed migrations say what it says. */

const nameOf = (column: object): string => ('name' in column ? String(column.name) : '');

/** What a table is, whatever its dialect. */
function shapeOf(table: Table) {
  const config = is(table, SQLiteTable)
    ? sqliteConfig(table)
    : is(table, MsSqlTable)
      ? mssqlConfig(table)
      : null;
  if (!config) throw new Error(`${getTableName(table)} is of no known dialect.`);
  return {
    columns: Object.entries(getColumns(table)).map(([name, column]) => `${name}${column.notNull ? '' : '?'}`),
    keys: config.primaryKeys.map((key) => key.columns.map(nameOf)),
    indexes: config.indexes.map(
      ({ config: { name, unique, columns } }) => `${name}(${columns.map(nameOf)})${unique ? ' unique' : ''}`,
    ),
    references: config.foreignKeys.map((key) => {
      const { columns, foreignTable } = key.reference();
      return `${columns.map(nameOf)} → ${getTableName(foreignTable)}, ${key.onDelete ?? 'no action'}`;
    }),
  };
}

const shapesOf = (tables: Readonly<Record<string, Table>>) =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, shapeOf(table)]));

describe.each(DIALECTS)('the committed migrations of %s', (dialect) => {
  it('are up to date: else run `npm run db:generate` and commit what it writes', () => {
    const { stdout, stderr } = generate(dialect, ['--explain', '--output', 'json'], false);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ status: 'no_changes', dialect });
  });
});

describe('the schema', () => {
  it('is the same for both databases', () => {
    expect(shapesOf(sqlite.tables)).toEqual(shapesOf(mssql.tables));
  });

  it('is written with kits that have the same functions', () => {
    expect(() => assertKit({ table: null })).toThrow(/lacks index, uniqueIndex/);
  });

  it('has the tables of every entity, each found by store and Shopify id', () => {
    for (const entity of ENTITY_NAMES.map(entityOf)) {
      for (const name of tablesOf(entity)) expect(sqlite.tables).toHaveProperty(name);
      const { indexes } = shapeOf(sqlite.own(entity.table));
      expect(indexes).toContain(`UX_${entity.table}_${entity.key}(StoreId,${entity.key}) unique`);
      expect(indexes).toContain(`IX_${entity.table}_IdLength(StoreId,IdLength,${entity.key})`);
    }
  });

  it('has an index for every column that a link or a topic searches', () => {
    const searched = ENTITY_NAMES.map(entityOf).flatMap(({ links, topics }) => [
      ...links.map(({ table, by }) => [table, by] as const),
      ...Object.values(topics)
        .flat()
        .flatMap(({ through }) => (through ? [[through.table, through.column] as const] : [])),
    ]);
    expect(searched.length).toBeGreaterThan(3);
    for (const [table, column] of searched) {
      const { indexes } = shapeOf(sqlite.mirrored(table));
      expect(indexes).toContain(`IX_${table}_${column}(StoreId,${column})`);
    }
  });

  it('has an index for every reference, so that deleting a row reads no table to find who points to it', () => {
    const tables = shapesOf(sqlite.tables);
    const references = Object.entries(tables).flatMap(([table, shape]) =>
      shape.references.map((reference) => [table, reference.split(' ')[0]!] as const),
    );
    expect(references.length).toBeGreaterThan(8);
    for (const [table, column] of references) {
      const { indexes } = tables[table]!;
      expect([table, column, indexes.some((index) => index.includes(`(${column}`))]).toEqual([
        table,
        column,
        true,
      ]);
    }
  });

  it('puts the columns of a mirrored object where design and Web API expect them', () => {
    const { columns, references } = shapeOf(sqlite.own('Orders'));
    expect(columns.slice(0, 6)).toEqual([
      'Id',
      'StoreId',
      'ShopifyOrderId',
      'OrderNumber?',
      'ShopifyCustomerId?',
      'CustomerId?',
    ]);
    expect(columns.slice(-13)).toEqual([
      'ShopifyProcessedAt?',
      'IsActive',
      'DeletedAt?',
      'CreatedAt',
      'UpdatedAt',
      'ShopifyCreatedAt',
      'ShopifyUpdatedAt',
      'SyncedAt',
      'ReadAt',
      'ContentHash?',
      'Lacks?',
      'ErasedAt?',
      'IdLength?',
    ]);
    expect(references).toEqual(['CustomerId → Customers, no action', 'StoreId → Stores, no action']);
    expect(shapeOf(sqlite.child('OrderItems')).references).toEqual([
      'ProductId → Products, no action',
      'OrderId → Orders, cascade',
    ]);
  });
});
