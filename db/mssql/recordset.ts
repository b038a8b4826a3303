/**
 * What comes back from a batch. The driver gives 64-bit numbers as text and times as `Date`; here they become what the
 * domain speaks of: numbers, and milliseconds since 1970. A column that is not there is a bug of ours and says so.
 */
export type Row = Readonly<Record<string, unknown>>;

/** `T` is what the schema says that the column holds. */
export const text = <T extends string = string>(row: Row, column: string): T =>
  present(column, textOrNull(row, column)) as T;

export function textOrNull(row: Row, column: string): string | null {
  const value = cell(row, column);
  return value === null || typeof value === 'string' ? value : unexpected(column);
}

/** Of an integer of any size; never of money, which is read as text. */
export const number = (row: Row, column: string): number => present(column, numberOrNull(row, column));

export function numberOrNull(row: Row, column: string): number | null {
  const value = cell(row, column);
  if (value === null || typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : unexpected(column);
}

export const flag = (row: Row, column: string): boolean => {
  const value = cell(row, column);
  return typeof value === 'boolean' ? value : number(row, column) === 1;
};

export const instant = (row: Row, column: string): number => present(column, instantOrNull(row, column));

export function instantOrNull(row: Row, column: string): number | null {
  const value = cell(row, column);
  if (value === null) return null;
  return value instanceof Date ? value.getTime() : unexpected(column);
}

const cell = (row: Row, column: string): unknown => {
  const value = row[column];
  return value === undefined ? unexpected(column) : value;
};

const present = <T>(column: string, value: T | null): T => value ?? unexpected(column);

const unexpected = (column: string): never => {
  throw new TypeError(`The database answered something else than was asked for in column ${column}.`);
};
