import { type DocumentNode, NoDeprecatedCustomRule, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { estimateCost } from '../simulator/api/cost.ts';
import { loadSchema } from '../simulator/schema/load.ts';
import type { ChildSet, Entity } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import {
  countObjects,
  listHeads,
  type Operation,
  readChildren,
  readHeads,
  readObjects,
  readShop,
} from '../src/shopify/documents.ts';
import { HEADS_PER_PAGE } from '../src/shopify/heads.ts';
import { WANTED_TOPICS } from '../webhooks/signal.ts';
import { SUBSCRIPTION_OPERATIONS } from '../webhooks/subscription-api.ts';

const schema = loadSchema();
const ALL = new Set(['read_customers', 'read_products', 'read_orders']);
const ids = (n: number) => Array.from({ length: n }, (_, i) => `gid://shopify/Node/${i + 1}`);

/** Every child set of an entity with the type of its parent. */
const setsOf = (type: string, sets: readonly ChildSet[]): readonly (readonly [string, ChildSet])[] =>
  sets.flatMap((set) => [[type, set] as const, ...setsOf(set.type, set.children)]);

interface Sent {
  readonly operation: Operation;
  /** As the largest request that is ever made. */
  readonly variables: Readonly<Record<string, unknown>>;
}

const sentFor = (entity: Entity): readonly Sent[] => [
  { operation: readObjects(entity, ALL), variables: { ids: ids(entity.batch) } },
  { operation: readHeads(entity), variables: { ids: ids(entity.batch) } },
  { operation: listHeads(entity, 'ID'), variables: { first: HEADS_PER_PAGE } },
  {
    operation: listHeads(entity, 'UPDATED_AT'),
    variables: { first: HEADS_PER_PAGE, query: "updated_at:>='…'" },
  },
  { operation: countObjects(entity), variables: {} },
  ...setsOf(entity.type, entity.children).map(([type, set]) => ({
    operation: readChildren(entity, type, set, ALL),
    variables: { root: 'gid://shopify/Node/1', id: 'gid://shopify/Node/1', after: null },
  })),
];

const everything: readonly Sent[] = [
  ...ENTITY_NAMES.flatMap((name) => sentFor(entityOf(name))),
  ...[readShop, ...SUBSCRIPTION_OPERATIONS].map((operation) => ({ operation, variables: { first: 250 } })),
];

describe.each(everything.map((sent) => [sent.operation.name, sent] as const))(
  '%s',
  (_, { operation, variables }) => {
    const document: DocumentNode = parse(operation.text);

    test('is valid against the real 2026-10 schema, without deprecated fields', () => {
      expect(validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule]).map(String)).toEqual([]);
    });

    test('costs less than the 1,000 points that one query may', () => {
      expect(estimateCost(schema, document, variables)).toBeLessThan(1_000);
    });
  },
);

test('without a scope, the fields that need it are not asked for', () => {
  const text = readObjects(entityOf('orders'), new Set(['read_orders'])).text;
  expect(text).not.toContain('customer {');
  expect(text).not.toContain('product {');
  expect(readObjects(entityOf('orders'), ALL).text).toContain('customer { id }');
});

test('every topic that is subscribed to exists in the schema', () => {
  const topics = schema.getType('WebhookSubscriptionTopic');
  const known = new Set(topics && 'getValues' in topics ? topics.getValues().map(({ name }) => name) : []);
  expect(WANTED_TOPICS.filter((topic) => !known.has(topic))).toEqual([]);
});
