import type * as mssql from './columns.mssql.ts';

/**
 * What the schema is written with: the functions of `columns.mssql.ts`, or those of `columns.sqlite.ts` in
 * their place. The types of the two differ in drizzle's own classes and in nothing that the schema says, so
 * one stands for both; that every function is there is checked, and what they mean is compared by
 * test/schema.test.ts.
 */
export type Kit = typeof mssql;

const NAMES = {
  table: true,
  index: true,
  uniqueIndex: true,
  primaryKey: true,
  foreignKey: true,
  view: true,
  rowId: true,
  rowRef: true,
  integer: true,
  boolean: true,
  instant: true,
  amount: true,
  text: true,
  longText: true,
  json: true,
  lengthOf: true,
} satisfies Record<keyof Kit, true>;

export function assertKit(columns: object): asserts columns is Kit {
  const missing = Object.keys(NAMES).filter((name) => !(name in columns));
  if (missing.length > 0) throw new Error(`The column kit lacks ${missing.join(', ')}: add them.`);
}
