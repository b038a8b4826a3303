import type { ChildSet, Entity } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import {
  countObjects,
  listHeads,
  type Operation,
  readChildren,
  readHeads,
  readObjects,
  readSchema,
  readShop,
} from '../src/shopify/documents.ts';
import { HEADS_PER_PAGE } from '../src/shopify/heads.ts';
import { SUBSCRIPTION_OPERATIONS } from '../webhooks/subscription-api.ts';

/** Every document that is ever sent, as the largest request that is ever made of it. */
export interface Sent {
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
}

export const ALL_SCOPES = ['read_customers', 'read_products', 'read_orders'];
const ids = (n: number) => Array.from({ length: n }, (_, i) => `gid://shopify/Node/${i + 1}`);

/** Every child set of an entity with the type of its parent. */
const setsOf = (type: string, sets: readonly ChildSet[]): readonly (readonly [string, ChildSet])[] =>
  sets.flatMap((set) => [[type, set] as const, ...setsOf(set.type, set.children)]);

const sentFor = (entity: Entity, asked: ReadonlySet<string>): readonly Sent[] => [
  { operation: readObjects(entity, asked), variables: { ids: ids(entity.batch) } },
  { operation: readHeads(entity), variables: { ids: ids(entity.batch) } },
  { operation: listHeads(entity, 'ID'), variables: { first: HEADS_PER_PAGE } },
  {
    operation: listHeads(entity, 'UPDATED_AT'),
    variables: { first: HEADS_PER_PAGE, query: "updated_at:>='…'" },
  },
  { operation: countObjects(entity), variables: {} },
  ...setsOf(entity.type, entity.children).map(([type, set]) => ({
    operation: readChildren(entity, type, set, asked),
    variables: { root: 'gid://shopify/Node/1', id: 'gid://shopify/Node/1', after: null },
  })),
];

/** By name, for a shop whose schema has these newer fields. */
export function operationsOf(fields: readonly string[]): readonly (readonly [string, Sent])[] {
  const asked = new Set([...ALL_SCOPES, ...fields]);
  return [
    ...ENTITY_NAMES.flatMap((name) => sentFor(entityOf(name), asked)),
    ...[readShop, readSchema(['ProductVariant']), ...SUBSCRIPTION_OPERATIONS].map((operation) => ({
      operation,
      variables: { first: 250 },
    })),
  ].map((sent) => [sent.operation.name, sent] as const);
}
