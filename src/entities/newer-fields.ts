import type { Columns } from './column.ts';
import type { ChildSet } from './entity.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from './registry.ts';

/** Fields that a shop's schema may have instead of an older one (`since` in column.ts), `ProductVariant.barcodes`. */
const inColumns = (columns: Columns): readonly string[] =>
  Object.values(columns).flatMap(({ newer }) => (newer === null ? [] : [newer.field]));

const inSets = (sets: readonly ChildSet[]): readonly string[] =>
  sets.flatMap(({ columns, children }) => [...inColumns(columns), ...inSets(children)]);

export const newerFieldsOf = (name: EntityName): readonly string[] => {
  const { columns, children } = entityOf(name);
  return [...new Set([...inColumns(columns), ...inSets(children)])];
};

export const NEWER_FIELDS: readonly string[] = ENTITY_NAMES.flatMap(newerFieldsOf);
