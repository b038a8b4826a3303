import { sql } from 'drizzle-orm';
import { bigint, bit, customType, decimal, int, nvarchar } from 'drizzle-orm/mssql-core';

/**
 * The column kit of SQL Server, Azure SQL and Babelfish. `columns.sqlite.ts` has the same functions with the
 * same meaning to TypeScript: an instant is a number of milliseconds, an amount is text, a row id is a
 * number.
 */

export {
  foreignKey,
  index,
  mssqlTable as table,
  mssqlView as view,
  primaryKey,
  uniqueIndex,
} from 'drizzle-orm/mssql-core';

/** The row's own number: generated, never used twice. */
export const rowId = (name: string) => bigint(name, { mode: 'number' }).primaryKey().identity();

/** The number of a row in another table. */
export const rowRef = (name: string) => bigint(name, { mode: 'number' });

export const integer = (name: string) => int(name);

export const boolean = (name: string) => bit(name);

/** UTC with milliseconds. `datetime2` rather than `datetimeoffset`: the offset would be Z anyway. */
export const instant = (name: string) =>
  customType<{ data: number; driverData: Date }>({
    dataType: () => 'datetime2(3)',
    toDriver: (ms) => new Date(ms),
    fromDriver: (date) => date.getTime(),
  })(name);

/** `decimal(19,4)`, always as text: the driver's own decimal goes through a float. */
export const amount = (name: string) => decimal(name, { precision: 19, scale: 4 });

export const text = (name: string, length: number) => nvarchar(name, { length });

export const longText = (name: string) => nvarchar(name, { length: 'max' });

export const json = <T>(name: string) => nvarchar(name, { length: 'max', mode: 'json' }).$type<T>();

/** The length of the id in `column`, kept by the database: ids are ordered by (length, text). */
export const lengthOf = (name: string, column: string) =>
  int(name).generatedAlwaysAs(sql.raw(`len([${column}])`), { mode: 'persisted' });
