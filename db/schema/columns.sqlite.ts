import { sql } from 'drizzle-orm';
import { customType, integer as int, text as string } from 'drizzle-orm/sqlite-core';
import { decimalText, tenThousandths } from '../../src/decimal.ts';

/** The column kit of SQLite: what `columns.mssql.ts` says, in the three types that SQLite has. */

export {
  foreignKey,
  index,
  primaryKey,
  sqliteTable as table,
  sqliteView as view,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

export const rowId = (name: string) => int(name).primaryKey({ autoIncrement: true });

export const rowRef = (name: string) => int(name);

export const integer = (name: string) => int(name);

export const boolean = (name: string) => int(name, { mode: 'boolean' });

export const instant = (name: string) => int(name);

/**
 * Ten-thousandths as a 64-bit integer: SQLite's `numeric` is a float, so sums and comparisons would not be
 * exact.
 */
export const amount = (name: string) =>
  customType<{ data: string; driverData: bigint }>({
    dataType: () => 'integer',
    codec: 'numeric:bigint',
    toDriver: (text) => {
      const units = tenThousandths(text);
      if (units === null) throw new RangeError(`${name} was given a text that is no decimal(19,4)`);
      return units;
    },
    fromDriver: decimalText,
  })(name);

export const text = (name: string, _length: number) => string(name);

export const longText = (name: string) => string(name);

export const json = <T>(name: string) => string(name, { mode: 'json' }).$type<T>();

export const lengthOf = (name: string, column: string) =>
  int(name).generatedAlwaysAs(sql.raw(`length("${column}")`), { mode: 'virtual' });
