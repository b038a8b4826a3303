import { expect, test } from 'vitest';
import { othersOf, type Sight, sightingOf } from '../reconcile/sighting.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { entityOf } from '../src/entities/registry.ts';
import { isSettled } from '../src/judge.ts';
import type { RangeMark, RangeRow } from '../src/record.ts';
import type { Head } from '../src/shopify/heads.ts';
import { World } from './world.ts';

/** What a census makes of each key of a range, by what the list, the rows and the marks say of it. */
const T = Date.parse('2026-10-01T00:00:00Z');
const { settleMs: SETTLE } = DEFAULT_TIMING;
const DAY = 86_400_000;

const world = await World.create();
await world.connect();
const [connected] = await world.database.stores();
await world.close();
const visible = connected!;
const hidden = {
  ...visible,
  settings: {
    ...visible.settings,
    scopes: visible.settings.scopes.filter((scope) => scope !== 'read_all_orders'),
  },
};

const head = (more: Partial<Head> = {}): Head => ({
  id: '7',
  createdAt: T - DAY,
  updatedAt: T - DAY,
  childCounts: {},
  ...more,
});
const row = (more: Partial<RangeRow> = {}): RangeRow => ({
  id: '7',
  createdAt: T - DAY,
  updatedAt: T - DAY,
  readAt: T - DAY / 2,
  syncedAt: T,
  deletedAt: null,
  contentHash: null,
  lacks: null,
  childCounts: {},
  ...more,
});
const marked = (held = false): RangeMark => ({ id: '7', held });
const sight: Sight = {
  store: visible,
  entity: entityOf('orders'),
  kind: 'census',
  sentAt: T,
  timing: DEFAULT_TIMING,
};

type Case = readonly [string, Head | null, RangeRow | null, RangeMark | null, string, Partial<Sight>?];
const BURIED = { deletedAt: T - 1_000 };
const CASES: readonly Case[] = [
  ['listed, and its row agrees', head(), row(), null, 'equal'],
  ['listed without a row', head(), null, null, 'missing'],
  ['listed in a newer version', head({ updatedAt: T }), row(), null, 'newer'],
  ['listed in an older version', head({ updatedAt: T - 2 * DAY }), row(), null, 'older'],
  ['listed in a version of the future', head({ updatedAt: T + DAY }), row(), null, 'doubtful'],
  ['listed in one, and marked', head({ updatedAt: T + DAY }), row(), marked(), 'touched'],
  ['listed although buried', head(), row(BURIED), null, 'buried'],
  [
    'listed, its second not over when it was read',
    head(),
    row({ readAt: T - DAY + 1_000 }),
    null,
    'unsettled',
  ],
  ['listed, read in the future', head(), row({ readAt: T + SETTLE + 1 }), null, 'unsettled'],
  [
    'listed with other children',
    head({ childCounts: { X: 2 } }),
    row({ childCounts: { X: 1 } }),
    null,
    'children',
  ],
  [
    'listed, lacking what may be seen now',
    head(),
    row({ lacks: { 'Orders.Email': 'error' } }),
    null,
    'lacking',
  ],
  [
    'listed, lacking what no column can hold',
    head(),
    row({ lacks: { 'Orders.Email': 'unfit' } }),
    null,
    'equal',
  ],
  ['listed and marked', head(), row(), marked(), 'touched'],
  ['listed and marked, not settled', head(), row({ readAt: T - DAY }), marked(), 'touched'],
  ['listed and marked, in a newer version', head({ updatedAt: T }), row(), marked(), 'newer'],
  ['listed and held', head(), row(), marked(true), 'held'],
  ['listed, all contents are read', head(), row(), null, 'content', { kind: 'content' }],
  ['listed and marked, all contents are read', head(), row(), marked(), 'content', { kind: 'content' }],
  ['not listed, with a live row', null, row(), null, 'vanished'],
  ['not listed, with a live row that is marked', null, row(), marked(), 'vanished'],
  ['not listed, with a row younger than the list', null, row({ readAt: T }), null, 'unlisted'],
  ['not listed, read in the future', null, row({ readAt: T + SETTLE + 1 }), null, 'vanished'],
  ['not listed, and buried', null, row(BURIED), null, 'nothing'],
  [
    'not listed, and out of sight',
    null,
    row({ createdAt: T - 90 * DAY }),
    null,
    'unknowable',
    { store: hidden },
  ],
  [
    'not listed, out of sight, marked',
    null,
    row({ createdAt: T - 90 * DAY }),
    marked(),
    'touched',
    { store: hidden },
  ],
  [
    'not listed, out of sight, held',
    null,
    row({ createdAt: T - 90 * DAY }),
    marked(true),
    'unlisted',
    { store: hidden },
  ],
  [
    'not listed, but old enough to be seen',
    null,
    row({ createdAt: T - 9 * DAY }),
    null,
    'vanished',
    { store: hidden },
  ],
  ['not listed, marked, without a row', null, null, marked(), 'touched, unlisted'],
  ['not listed, marked, and buried', null, row(BURIED), marked(), 'touched, unlisted'],
  ['not listed, held, and buried', null, row(BURIED), marked(true), 'unlisted'],
];

for (const [what, listed, stands, mark, expected, more = {}] of CASES)
  test(`a key that is ${what}`, () => {
    const heads = listed === null ? [] : [listed];
    const view = { at: T, rows: stands === null ? [] : [stands], marks: mark === null ? [] : [mark] };
    const seen = sightingOf({ ...sight, ...more }, heads, view);
    const is = [
      ...seen.stale.map(({ why }) => why),
      ...seen.vanished.map(() => 'vanished'),
      ...seen.unlisted.map(() => 'unlisted'),
      ...seen.touched.map(({ unlisted }) => (unlisted ? 'touched, unlisted' : 'touched')),
      ...(seen.unknowable.length > 0 ? ['unknowable'] : []),
    ];
    if (is.length === 0) is.push(seen.equal.length > 0 ? 'equal' : 'nothing');
    expect(is).toEqual([expected]);
    // What is equal, as far as heads tell, is digested; every other key is named beside the digest.
    const digested = seen.equal.length > 0;
    const isKey = expected !== 'nothing';
    expect(othersOf(seen, view.rows)).toEqual(isKey && !digested ? ['7'] : []);
  });

test('a read settles its row unless it lies in the future of the request that it is compared with', () => {
  const second = row().updatedAt;
  const at = (readAt: number) => isSettled({ updatedAt: second, readAt }, T, DEFAULT_TIMING);
  expect(at(second + 1_000 + SETTLE - 1)).toBe(false);
  expect(at(second + 1_000 + SETTLE)).toBe(true);
  expect(at(T + SETTLE)).toBe(true);
  expect(at(T + SETTLE + 1)).toBe(false);
});
