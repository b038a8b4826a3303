import { getColumns, getTableName, is, type Table } from 'drizzle-orm';
import { getTableConfig as mssqlConfig } from 'drizzle-orm/mssql-core';
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { DIALECTS, generate } from '../db/generate.ts';
import * as mssqlColumns from '../db/schema/columns.mssql.ts';
import * as sqliteColumns from '../db/schema/columns.sqlite.ts';
import { schema as mssql } from '../db/schema.mssql.ts';
import { schema as sqlite } from '../db/schema.sqlite.ts';
import { tablesOf } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';

/** The schema is one text for two databases, and the committed migrations say what it says. */

const columnNames = (table: Table) => Object.keys(getColumns(table));

describe.each(DIALECTS)('the committed migrations of %s', (dialect) => {
  it('are up to date: else run `npm run db:generate` and commit what it writes', async () => {
    const { stdout, stderr } = await generate(dialect, ['--explain', '--output', 'json'], false);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ status: 'no_changes', dialect });
  });
});

describe('the schema', () => {
  it('has every table of every entity', () => {
    for (const name of ENTITY_NAMES)
      expect(Object.keys(sqlite.tables)).toEqual(expect.arrayContaining([...tablesOf(entityOf(name))]));
  });

  it('has the same tables, columns, indexes and references in both databases', () => {
    const shapeOf = (table: Table) => {
      const isSqlite = is(table, SQLiteTable);
      const { indexes, primaryKeys, foreignKeys } = isSqlite
        ? sqliteConfig(table)
        : mssqlConfig(mssql.tables[getTableName(table) as keyof typeof mssql.tables]!);
      return {
        columns: Object.entries(getColumns(table)).map(([name, column]) => [name, column.notNull]),
        indexes: indexes.map(({ config }) => [
          config.name,
          config.unique ?? false,
          config.columns.map(nameOf),
        ]),
        primaryKeys: primaryKeys.map((key) => key.columns.map(nameOf)),
        foreignKeys: foreignKeys.map((key) => [
          key.reference().columns.map(nameOf),
          getTableName(key.reference().foreignTable),
          key.onDelete,
        ]),
      };
    };
    const shapesOf = (tables: Readonly<Record<string, Table>>) =>
      Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, shapeOf(table)]));
    expect(shapesOf(sqlite.tables)).toEqual(shapesOf(mssql.tables));
  });
});

const nameOf = (column: object): string => ('name' in column ? String(column.name) : '');
