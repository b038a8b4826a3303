import { type Column, type Columns, pathOf, standing } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';

/**
 * GraphQL selections, derived from the columns. A column whose scope the store has not granted is left out
 * altogether: asking for it would make Shopify refuse the whole query.
 */

type Tree = Map<string, Tree | string>;

const granted = (column: Column, scopes: ReadonlySet<string>): boolean =>
  column.scope === null || scopes.has(column.scope);

/** The fields of one object, e.g. `firstName defaultAddress { city phone }`. */
export function fieldsOf(columns: Columns, scopes: ReadonlySet<string>): string {
  const tree: Tree = new Map();
  const asked = Object.values(columns).map((each) => standing(each, scopes));
  for (const column of asked.filter((each) => granted(each, scopes)))
    for (const source of column.sources) plant(tree, source);
  return print(tree);
}

/** The fields of an entity's object with all its children, for `... on Type { … }`. */
export function selectionOf(entity: Entity, scopes: ReadonlySet<string>): string {
  const own = fieldsOf(entity.columns, scopes);
  return ['id createdAt updatedAt', own, ...entity.children.map((set) => childSelection(set, scopes))].join(
    ' ',
  );
}

/** `variants(first: 100) { pageInfo { … } nodes { … } }`, or the bare list for a field that is no connection. */
export function childSelection(
  set: ChildSet,
  scopes: ReadonlySet<string>,
  page = `first: ${set.first}`,
): string {
  const args = [page, set.args].filter(Boolean).join(', ');
  const fields = childFields(set, scopes);
  return set.shape === 'connection'
    ? `${set.field}(${args}) { pageInfo { hasNextPage endCursor } nodes { ${fields} } }`
    : `${set.field}(${args}) { ${fields} }`;
}

export const childFields = (set: ChildSet, scopes: ReadonlySet<string>): string =>
  ['id', fieldsOf(set.columns, scopes), ...set.children.map((inner) => childSelection(inner, scopes))].join(
    ' ',
  );

function plant(tree: Tree, source: string): void {
  const path = pathOf(source).split('.');
  const sub = source.slice(pathOf(source).length).trim();
  let here = tree;
  for (const field of path.slice(0, -1)) {
    const standing = here.get(field);
    const next: Tree = standing instanceof Map ? standing : new Map();
    here.set(field, next);
    here = next;
  }
  const leaf = path.at(-1)!;
  if (!here.has(leaf)) here.set(leaf, sub);
}

const print = (tree: Tree): string =>
  [...tree]
    .map(([field, under]) =>
      under instanceof Map ? `${field} { ${print(under)} }` : `${field} ${under}`.trim(),
    )
    .join(' ');
