import { type DocumentNode, NoDeprecatedCustomRule, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { estimateCost } from '../simulator/api/cost.ts';
import { loadSchema } from '../simulator/schema/load.ts';
import { entityOf } from '../src/entities/registry.ts';
import { readObjects } from '../src/shopify/documents.ts';
import { WANTED_TOPICS } from '../webhooks/topics.ts';
import { ALL_SCOPES, operationsOf } from './operations.ts';

const schema = loadSchema();

describe.each(operationsOf([]))('%s', (_, { operation, variables }) => {
  const document: DocumentNode = parse(operation.text);

  test('is valid against the real 2026-10 schema, without deprecated fields', () => {
    expect(validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule]).map(String)).toEqual([]);
  });

  test('costs less than the 1,000 points that one query may', () => {
    expect(estimateCost(schema, document, variables)).toBeLessThan(1_000);
  });
});

test('without a scope, the fields that need it are not asked for', () => {
  const text = readObjects(entityOf('orders'), new Set(['read_orders'])).text;
  expect(text).not.toContain('customer {');
  expect(text).not.toContain('product {');
  expect(readObjects(entityOf('orders'), new Set(ALL_SCOPES)).text).toContain('customer { id }');
});

test('every topic that is subscribed to exists in the schema', () => {
  const topics = schema.getType('WebhookSubscriptionTopic');
  const known = new Set(topics && 'getValues' in topics ? topics.getValues().map(({ name }) => name) : []);
  expect(WANTED_TOPICS.filter((topic) => !known.has(topic))).toEqual([]);
});
