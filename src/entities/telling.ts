import type { MirrorRecord } from '../record.ts';
import { type Column, standing } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';
import {
  errorOf,
  isGranted,
  isTold,
  type Json,
  listOf,
  under,
  underChild,
  type Withholding,
} from './withholding.ts';

/**
 * What one answer says of a column that is denied somewhere: in how many objects it was denied, and whether it was told
 * in any. Objects that have nothing to tell (a customer without an address of e-mail, a product without variants) say
 * neither: Shopify did not even ask whether the app may read the field.
 */
export interface Telling {
  /** `Table.Column`, or `Table.*`. */
  readonly column: string;
  /** Objects in which it was denied. */
  readonly denied: number;
  /** It was told in an object. */
  readonly told: boolean;
  /** Something else than a denial was in the way in an object. */
  readonly failed: boolean;
}

/** A live object of an answer. */
export interface ReadObject {
  readonly node: Json;
  readonly withholding: Withholding;
  readonly record: MirrorRecord;
}

/** Of the columns that are denied in these objects, and of those that are `known` as denied. */
export function tellingsOf(
  entity: Entity,
  objects: readonly ReadObject[],
  known: readonly string[],
): readonly Telling[] {
  const denied = objects.flatMap(({ record }) =>
    Object.entries(record.lacks ?? {}).flatMap(([column, reason]) => (reason === 'denied' ? [column] : [])),
  );
  const asked = [...new Set([...denied, ...known])];
  return asked.map((column) => ({
    column,
    denied: objects.filter(({ record }) => record.lacks?.[column] === 'denied').length,
    told: objects.some(({ node, withholding }) => tells(entity, column, node, withholding)),
    failed: objects.some(({ record }) => record.lacks?.[column] === 'error'),
  }));
}

/** Whether the value stands anywhere in the object. */
function tells(
  { table, columns, children }: Pick<Entity, 'table' | 'columns' | 'children'>,
  name: string,
  node: Json,
  withholding: Withholding,
): boolean {
  const column = Object.entries(columns).find(([title]) => `${table}.${title}` === name)?.[1];
  if (column !== undefined) return tellsColumn(column, node, withholding);
  return children.some((set) => tellsInSet(set, name, node, withholding));
}

function tellsColumn(described: Column, node: Json, { scopes, errors }: Withholding): boolean {
  const column = standing(described, scopes);
  return isGranted(column, scopes) && errorOf(column, errors) === null && isTold(column, node);
}

function tellsInSet(set: ChildSet, name: string, node: Json, { scopes, errors }: Withholding): boolean {
  const list = listOf(set, node);
  if (list === null) return false;
  if (name === `${set.table}.*`) return true;
  const inList = under(errors, set.field);
  return list.some((child, i) => tells(set, name, child, { scopes, errors: underChild(set, inList, i) }));
}
