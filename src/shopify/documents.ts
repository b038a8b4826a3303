import { type ChildSet, countedSets, type Entity } from '../entities/entity.ts';
import { childSelection, selectionOf } from '../entities/selection.ts';

/**
 * Every GraphQL document that Driftless sends, built from the entity descriptions. Each asks `shop { id }` beside
 * its data, so that no answer of a wrong shop is ever believed (R10).
 */
export const API_VERSION = '2026-10';

/** A named document. The name identifies its cost in the pacing, together with the number of ids or the page size. */
export interface Operation {
  readonly name: string;
  readonly text: string;
}

export type Scopes = ReadonlySet<string>;

/** One point, for the `Date` of its answer. */
export const askTheTime: Operation = { name: 'AskTheTime', text: 'query AskTheTime { shop { id } }' };

const title = (entity: Entity): string => entity.name[0]!.toUpperCase() + entity.name.slice(1);

/** Objects by id, whole: the only query whose answers become rows. Variables: `ids` (at most 250). */
export const readObjects = (entity: Entity, scopes: Scopes): Operation => ({
  name: `Read${title(entity)}`,
  text: `query Read${title(entity)}($ids: [ID!]!) {
  shop { id }
  nodes(ids: $ids) { __typename ... on ${entity.type} { ${selectionOf(entity, scopes)} } }
}`,
});

/** Objects by id, heads only: 11 points for 250, for keys that are expected to be gone. Variables: `ids`. */
export const readHeads = (entity: Entity): Operation => ({
  name: `Look${title(entity)}`,
  text: `query Look${title(entity)}($ids: [ID!]!) {
  shop { id }
  nodes(ids: $ids) { __typename ... on ${entity.type} { id createdAt updatedAt } }
}`,
});

/**
 * A page of heads. Variables: `first`, `after`, and for a sweep `query`.
 * The census leaves `query` away: an unfiltered list does not go through the search index that omits objects.
 */
export const listHeads = (entity: Entity, sortKey: 'ID' | 'UPDATED_AT'): Operation => {
  const name = `${sortKey === 'ID' ? 'Census' : 'Sweep'}${title(entity)}`;
  // A census also asks how many children there are: one that is removed need not move its parent's `updatedAt`.
  const counts = sortKey === 'ID' ? countedSets(entity) : [];
  return {
    name,
    text: `query ${name}($first: Int!, $after: String, $query: String) {
  ${whose(entity)}
  ${entity.name}(first: $first, after: $after, query: $query, sortKey: ${sortKey}) {
    pageInfo { hasNextPage endCursor }
    nodes { id createdAt updatedAt${counts.map(({ countField }) => ` ${countField} { count precision }`).join('')} }
  }
}`,
  };
};

/** Whose list it is; and what the app may see, where that tells which objects it holds. */
const whose = ({ windowed }: Entity): string =>
  windowed ? 'shop { id } currentAppInstallation { accessScopes { handle } }' : 'shop { id }';

/** The exact number of objects, without the default ceiling of 10,000. */
export const countObjects = (entity: Entity): Operation => ({
  name: `Count${title(entity)}`,
  text: `query Count${title(entity)} { ${whose(entity)} ${entity.countField}(limit: null) { count precision } }`,
});

/**
 * The rest of a nested connection, or the whole of a nested list. Variables: `root` (the entity's object), `id`
 * (the parent of the list), `after`. The root's `updatedAt` comes along: if it moved, the read starts over.
 */
export const readChildren = (
  entity: Entity,
  parentType: string,
  set: ChildSet,
  scopes: Scopes,
): Operation => {
  const name = `Read${parentType}${set.field[0]!.toUpperCase()}${set.field.slice(1)}`;
  const page = set.shape === 'connection' ? 'first: 250, after: $after' : 'first: 250';
  const after = set.shape === 'connection' ? ', $after: String' : '';
  return {
    name,
    text: `query ${name}($root: ID!, $id: ID!${after}) {
  shop { id }
  root: node(id: $root) { ... on ${entity.type} { id updatedAt } }
  parent: node(id: $id) { ... on ${parentType} { id ${childSelection(lean(set), scopes, page)} } }
}`,
  };
};

/** The long page of a list whose elements have connections of their own stays below 1,000 points. */
const lean = (set: ChildSet): ChildSet => ({
  ...set,
  children: set.children.map((inner) => ({ ...inner, first: 5 })),
});

/** The shop itself and what this app may see of it. */
export const readShop: Operation = {
  name: 'ReadShop',
  text: `query ReadShop {
  shop { id name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
}`,
};

/**
 * Which fields the types have that may have newer ones. By itself, beside no data: where introspection is refused, or
 * understood in another way, the shop is read by the older fields and nothing else fails.
 */
export const readSchema = (types: readonly string[]): Operation => ({
  name: 'ReadSchema',
  text: `query ReadSchema {
${types.map((type) => `  ${type}: __type(name: "${type}") { fields(includeDeprecated: true) { name } }`).join('\n')}
}`,
});
