import { describe, expect, test } from 'vitest';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import {
  causeOf,
  type GapCause,
  type GapDelivery,
  type GapFacts,
  type GapReason,
  topicOf,
} from '../src/gap.ts';

/** Why nobody had told: one row for each kind of evidence. Two clocks, an hour apart, that must never meet. */
const CHANGED = Date.parse('2026-11-23T09:00:00Z');
const SEEN = CHANGED + 20 * 60_000;
const FOUND = SEEN + 3_600_000;
const MINUTE = 60_000;

const gap = (more: Partial<GapFacts>): GapFacts => ({
  reason: 'newer',
  changedAt: CHANGED,
  seenAt: SEEN,
  foundAt: FOUND,
  rejected: false,
  deliveries: [],
  ...more,
});

/** A delivery by what matters: when it was triggered after the change, and how long it took to come. */
const came = (triggeredAfterMs: number, tookMs: number, topic = 'CUSTOMERS_UPDATE'): GapDelivery => {
  const triggeredAt = CHANGED + triggeredAfterMs;
  return { topic, triggeredAt, receivedAt: triggeredAt + 3_600_000 + tookMs };
};
const deleted = (tookMs: number) => came(0, tookMs, 'CUSTOMERS_DELETE');

interface Case {
  readonly what: string;
  readonly gap: GapFacts;
  readonly cause: GapCause;
}

const CASES: readonly Case[] = [
  { what: 'nothing came', gap: gap({}), cause: 'never announced' },
  {
    what: 'its delivery took an hour',
    gap: gap({ deliveries: [came(0, 60 * MINUTE)] }),
    cause: 'announced late',
  },
  { what: 'its delivery took a minute', gap: gap({ deliveries: [came(0, MINUTE)] }), cause: 'in flight' },
  {
    what: 'its delivery took five minutes',
    gap: gap({ deliveries: [came(0, 5 * MINUTE)] }),
    cause: 'in flight',
  },
  {
    what: 'one took an hour and one a minute',
    gap: gap({ deliveries: [came(0, 60 * MINUTE), came(500, MINUTE)] }),
    cause: 'in flight',
  },
  {
    what: 'only an earlier change was announced',
    gap: gap({ deliveries: [came(-60 * MINUTE, 200)] }),
    cause: 'never announced',
  },
  {
    what: 'only a later change was announced',
    gap: gap({ deliveries: [came(21 * MINUTE, 200)] }),
    cause: 'never announced',
  },
  { what: 'the second has a fraction', gap: gap({ deliveries: [came(-900, MINUTE)] }), cause: 'in flight' },
  {
    what: 'the delivery names no time and came afterwards',
    gap: gap({
      deliveries: [{ topic: 'CUSTOMERS_UPDATE', triggeredAt: null, receivedAt: FOUND + 6 * MINUTE }],
    }),
    cause: 'announced late',
  },
  {
    what: 'the delivery names no time and came before',
    gap: gap({ deliveries: [{ topic: 'CUSTOMERS_UPDATE', triggeredAt: null, receivedAt: FOUND - MINUTE }] }),
    cause: 'never announced',
  },
  { what: 'the record is parked', gap: gap({ rejected: true }), cause: 'rejected' },
  {
    what: 'the record is parked, and was on its way',
    gap: gap({ rejected: true, deliveries: [came(0, MINUTE)] }),
    cause: 'in flight',
  },
  {
    what: 'the record is parked, and was announced late',
    gap: gap({ rejected: true, deliveries: [came(0, 60 * MINUTE)] }),
    cause: 'rejected',
  },
  { what: 'it is missing', gap: gap({ reason: 'missing' }), cause: 'never announced' },
  { what: 'it is alive and buried', gap: gap({ reason: 'buried' }), cause: 'never announced' },
  { what: 'it vanished', gap: gap({ reason: 'vanished', changedAt: null }), cause: 'deleted unannounced' },
  {
    what: 'it vanished after an announced edit',
    gap: gap({ reason: 'vanished', changedAt: null, deliveries: [came(0, MINUTE)] }),
    cause: 'deleted unannounced',
  },
  {
    what: 'it vanished and the delete was on its way',
    gap: gap({ reason: 'vanished', changedAt: null, deliveries: [deleted(MINUTE)] }),
    cause: 'in flight',
  },
  {
    what: 'it vanished and the delete came late',
    gap: gap({ reason: 'vanished', changedAt: null, deliveries: [deleted(30 * MINUTE)] }),
    cause: 'announced late',
  },
  {
    what: 'its content differs',
    gap: gap({ reason: 'unversioned', changedAt: null }),
    cause: 'unversioned change',
  },
  {
    what: 'its children differ',
    gap: gap({ reason: 'children', changedAt: null }),
    cause: 'unversioned change',
  },
  {
    what: 'its content differs, and an earlier webhook had been read',
    gap: gap({ reason: 'unversioned', changedAt: null, deliveries: [came(0, MINUTE)] }),
    cause: 'unversioned change',
  },
  {
    what: 'its content differs, and the webhook about it was late',
    gap: gap({ reason: 'unversioned', changedAt: null, deliveries: [came(0, 30 * MINUTE)] }),
    cause: 'announced late',
  },
];

describe('the cause of a gap', () => {
  test.each(CASES)('$what: $cause', ({ gap, cause }) => {
    expect(causeOf('customers', gap)).toBe(cause);
  });

  test('every cause is reached', () => {
    const causes: Readonly<Record<GapCause, true>> = {
      'never announced': true,
      'announced late': true,
      rejected: true,
      'deleted unannounced': true,
      'unversioned change': true,
      'in flight': true,
    };
    expect(new Set(CASES.map(({ cause }) => cause))).toEqual(new Set(Object.keys(causes)));
  });
});

test('each entity has a topic that would have told of what is missing, newer or gone', () => {
  const topics = (reason: GapReason) => ENTITY_NAMES.map((name) => topicOf(name, reason));
  expect(topics('missing')).toEqual(['CUSTOMERS_CREATE', 'PRODUCTS_CREATE', 'ORDERS_CREATE']);
  expect(topics('newer')).toEqual(['CUSTOMERS_UPDATE', 'PRODUCTS_UPDATE', 'ORDERS_UPDATED']);
  expect(topics('vanished')).toEqual(['CUSTOMERS_DELETE', 'PRODUCTS_DELETE', 'ORDERS_DELETE']);
  // Tags, consent, spend, unit cost: which of their topics is to blame, nobody can say.
  expect(topics('unversioned')).toEqual([null, null, null]);
});
