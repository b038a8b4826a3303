import type { LackReason } from '../lack.ts';
import { type Column, pathOf, standing } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';

/**
 * Where inside an object Shopify withheld something: which errors stand beside it, which columns and lists they take
 * away, and whether they lead anywhere at all.
 */
export interface Withholding {
  /** Scopes the store has granted, and newer fields of its schema (see `standing`). */
  readonly scopes: ReadonlySet<string>;
  /** Where, inside this object, Shopify answered an error instead of a value. */
  readonly errors: readonly FieldError[];
}

export interface FieldError {
  readonly path: FieldPath;
  readonly reason: Extract<LackReason, 'denied' | 'error'>;
}

/** Path of a GraphQL error inside the object: `['variants', 'nodes', 3, 'inventoryItem']`. */
export type FieldPath = readonly (string | number)[];

export type Json = Readonly<Record<string, unknown>>;

export const isGranted = ({ scope }: Column, scopes: ReadonlySet<string>): boolean =>
  scope === null || scopes.has(scope);

/** A null behind which there may be an object that this app is not shown. */
export const mayHide = ({ hidden, sources }: Column, node: Json, scopes: ReadonlySet<string>): boolean =>
  hidden !== null &&
  !scopes.has(hidden.without) &&
  at(node, hidden.countedBy) !== NONE &&
  sources.every((source) => at(node, pathOf(source)) === null);

/** As Shopify writes an unsigned 64-bit number. */
const NONE = '0';

export function at(node: unknown, path: string): unknown {
  let here: unknown = node;
  for (const field of path.split('.')) {
    if (here === null || typeof here !== 'object') return null;
    here = (here as Json)[field] ?? null;
  }
  return here;
}

/** Whether a field that was asked for does not stand in the answer at all: GraphQL has null for what is empty. */
export function isAbsent(node: unknown, path: string): boolean {
  let here: unknown = node;
  for (const field of path.split('.')) {
    if (here === null || typeof here !== 'object') return false;
    if (!(field in here)) return true;
    here = (here as Json)[field];
  }
  return false;
}

/**
 * What errors really took away: where a field is not nullable, GraphQL nulls its parent, so that the siblings of
 * the refused field are unknown too. Each path is cut at the outermost null on the way.
 */
export const cutAtNulls = (node: Json, { scopes, errors }: Withholding): Withholding => ({
  scopes,
  errors: errors.map((error) => ({ ...error, path: nulledBy(error.path, node) ?? error.path })),
});

/** Null when there is no null on the way: the error took nothing from here. */
function nulledBy(path: FieldPath, node: Json): FieldPath | null {
  let here: unknown = node;
  for (const [depth, step] of path.entries()) {
    const next = (here as Readonly<Record<string | number, unknown>>)[step];
    if (next === null) return path.slice(0, depth + 1);
    if (next === undefined || typeof next !== 'object') return null;
    here = next;
  }
  return null;
}

/**
 * Whether an error took a value that was asked for. One that leads to a value which is there, or to nothing that we
 * asked for, has taken something else: which, nobody can tell.
 */
export function leadsToNull(
  object: Pick<Entity, 'columns' | 'children'>,
  node: Json,
  path: FieldPath,
  scopes: ReadonlySet<string>,
): boolean {
  const nulled = nulledBy(path, node);
  return nulled !== null && isAskedFor(object, nulled, scopes);
}

function isAskedFor(
  { columns, children }: Pick<Entity, 'columns' | 'children'>,
  path: FieldPath,
  scopes: ReadonlySet<string>,
): boolean {
  const set = children.find(({ field }) => field === path[0]);
  if (set === undefined)
    return Object.values(columns)
      .map((each) => standing(each, scopes))
      .some((each) => isGranted(each, scopes) && meets(each, path));
  const inner = path.slice(1);
  const inList = set.shape === 'connection' ? inner.slice(1) : inner;
  if (inList.length === 0 || (set.shape === 'connection' && inner[0] !== 'nodes')) return true;
  return inList.length > 1 && isAskedFor(set, inList.slice(1), scopes);
}

/** An error at, above or below the field: whichever it is, the value is not known. */
const meets = (column: Column, error: FieldPath): boolean =>
  column.sources
    .map((source) => pathOf(source).split('.'))
    .some((path) => path.every((field, i) => error[i] === undefined || error[i] === field));

export const errorOf = (column: Column, errors: readonly FieldError[]): FieldError['reason'] | null =>
  errors.length === 0 ? null : reasonOf(errors.filter(({ path }) => meets(column, path)));

/** Null where there is no error. Denied only if nothing else is in the way. */
export const reasonOf = (errors: readonly FieldError[]): FieldError['reason'] | null =>
  errors.length === 0 ? null : errors.every(({ reason }) => reason === 'denied') ? 'denied' : 'error';

/** Null where Shopify answered no list. */
export function listOf(set: ChildSet, node: Json): readonly Json[] | null {
  const list = at(node, set.shape === 'connection' ? `${set.field}.nodes` : set.field);
  return Array.isArray(list) ? (list as Json[]) : null;
}

export const under = (errors: readonly FieldError[], step: string | number): readonly FieldError[] =>
  errors.filter(({ path }) => path[0] === step).map((each) => ({ ...each, path: each.path.slice(1) }));

/** Those of one child, of the errors of its list. */
export const underChild = (set: ChildSet, errors: readonly FieldError[], i: number): readonly FieldError[] =>
  under(set.shape === 'connection' ? under(errors, 'nodes') : errors, i);

/** Whether Shopify told the value, which may be null: where the object around it is null, it was not even asked. */
export const isTold = (column: Column, node: Json): boolean =>
  column.sources.every((source) => {
    const parents = pathOf(source).split('.').slice(0, -1).join('.');
    return parents === '' || at(node, parents) !== null;
  });
