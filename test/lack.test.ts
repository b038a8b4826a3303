import { describe, expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { type Denial, weighDenials, withDenials } from '../src/denial.ts';
import { entityOf } from '../src/entities/registry.ts';
import type { Telling } from '../src/entities/telling.ts';
import {
  asksAgain,
  closedTables,
  isOpenedBy,
  type Lacks,
  lacksOf,
  lackTheSame,
  maySeeNow,
} from '../src/lack.ts';
import type { KeyRead } from '../src/shopify/read.ts';
import type { Store } from '../src/store.ts';
import { recordOf, T } from './database-fixture.ts';

/** Lacks and denials, apart from any database (R9). */

const SETTLE = DEFAULT_TIMING.settleMs;
const storeWith = (settings: Partial<Store['settings']>): Store => ({
  ...{ id: 1, domain: 'one.myshopify.com', name: 'one', shopId: '1', active: true, secretName: 'one' },
  ...{ rest: null, refused: false, unheard: 0, formerDomains: [] },
  settings: {
    ...{
      scopes: [],
      scopesReadAt: 0,
      attention: null,
      identity: null,
      answersVersion: null,
      owed: {},
      denied: {},
      contentOwed: {},
      contentPaid: {},
      subscribedAt: null,
      fields: [],
    },
    ...{ refusedTopics: [], otherVersion: null, brakeHeld: [], brakeReleased: {} },
    ...settings,
  },
});
const customers = entityOf('customers');
const DENIED: Denial = { firstAt: T, since: T + SETTLE, told: false };

describe('what a row lacks', () => {
  const all = storeWith({
    scopes: ['read_customers', 'read_orders', 'read_all_orders'],
    denied: { 'Customers.Email': DENIED },
  });
  test.each<readonly [string, Lacks | null, Store, boolean]>([
    ['nothing', null, all, false],
    ['for an error', { 'Customers.Note': 'error' }, all, true],
    ['what is known as denied', { 'Customers.Email': 'denied' }, all, false],
    ['what is not known as denied any more', { 'Customers.Note': 'denied' }, all, true],
    [
      'what is only suspected to be denied',
      { 'Customers.Email': 'denied' },
      storeWith({ denied: { 'Customers.Email': { ...DENIED, since: null } } }),
      true,
    ],
    [
      'for an object that is still out of sight',
      { 'Customers.LastOrderDate': 'scope' },
      storeWith({ scopes: ['read_customers', 'read_orders'] }),
      false,
    ],
    ['for a scope that is granted', { 'Customers.LastOrderDate': 'scope' }, all, true],
    [
      'for a scope that is missing',
      { 'Customers.LastOrderDate': 'scope' },
      storeWith({ scopes: ['read_customers'] }),
      false,
    ],
    [
      'for a scope, in a table that is closed',
      { 'Customers.LastOrderDate': 'scope' },
      storeWith({ scopes: ['read_orders'] }),
      false,
    ],
    ['what no column can hold', { 'Customers.Note': 'unfit' }, all, false],
    [
      'several, one of which may be seen',
      { 'Customers.Email': 'denied', 'Customers.Note': 'error' },
      all,
      true,
    ],
    ['a column that is no more', { 'Customers.Fax': 'scope' }, all, true],
  ])('%s', (_, lacks, store, expected) => {
    expect(maySeeNow(lacks, store, customers)).toBe(expected);
  });

  test('keeps its mark only for what may be told at the next look', () => {
    expect(asksAgain({ A: 'denied', B: 'scope', C: 'unfit' })).toBe(false);
    expect(asksAgain({ A: 'denied', B: 'error' })).toBe(true);
    expect(asksAgain(null)).toBe(false);
  });

  test('is compared by name, whatever the reasons', () => {
    expect(lackTheSame({ A: 'error' }, { A: 'denied' })).toBe(true);
    expect(lackTheSame({ A: 'error' }, { B: 'error' })).toBe(false);
    expect(lackTheSame({ A: 'error' }, null)).toBe(false);
    expect(lackTheSame(null, null)).toBe(true);
    expect(lacksOf([])).toBeNull();
  });

  test('a scope opens its tables and columns, and read_all_orders the old orders', () => {
    const opened = (scope: string) =>
      (['customers', 'products', 'orders'] as const).filter((name) => isOpenedBy(entityOf(name), [scope]));
    expect(opened('read_customers')).toEqual(['customers', 'orders']);
    expect(opened('read_orders')).toEqual(['customers', 'orders']);
    expect(opened('read_products')).toEqual(['products', 'orders']);
    expect(opened('read_all_orders')).toEqual(['customers', 'orders']);
    expect(opened('read_themes')).toEqual([]);
    expect(closedTables(storeWith({ scopes: ['read_products'] }))).toEqual(['Customers.*', 'Orders.*']);
  });
});

describe('a denial', () => {
  const EMAIL = 'Customers.Email';
  const telling = (more: Partial<Telling>): Telling => ({
    column: EMAIL,
    denied: 0,
    told: false,
    failed: false,
    ...more,
  });
  const denied = telling({ denied: 30 });

  const LACKING: Lacks | null = { [EMAIL]: 'error' };

  /** A store whose answers come one after the other; every row lacks the column since the first. */
  function answering({ lacking = 30, oldest = T as number | null, lacks = LACKING, scopesReadAt = 0 } = {}) {
    let settings = storeWith({ scopesReadAt }).settings;
    let written = 0;
    const said: string[] = [];
    const database = {
      stores: async () => [storeWith(settings)],
      updateSettings: async (_: number, change: object) => {
        written++;
        settings = { ...settings, ...change };
      },
      lacking: async () => [{ column: EMAIL, reason: 'error', rows: lacking }] as const,
      longestUnread: async () => (oldest === null ? [] : ['7']),
      mirrorOf: async () =>
        new Map([['7', { row: { ...ROW, lacks, readAt: oldest! }, marked: false, announcedAt: null }]]),
    };
    const answer = async (sentAt: number, ...tellings: readonly Telling[]) => {
      const record = recordOf('customers', '7', {}, { withheld: ['Email'] });
      const read: KeyRead = {
        state: 'live',
        sentAt,
        answeredAt: sentAt,
        updatedAt: T,
        record: { ...record, lacks: { [EMAIL]: 'denied' } },
      };
      const reads = new Map([['7', read]]);
      const known = await weighDenials(
        { database, timing: DEFAULT_TIMING, log: (name) => said.push(name) },
        storeWith({}),
        'customers',
        { reads, points: 0, tellings },
      );
      const judged = withDenials(reads, known).get('7')!;
      return judged.state === 'live' ? judged.record.lacks![EMAIL] : null;
    };
    return { answer, settings: () => settings, written: () => written, said };
  }
  const ROW = { updatedAt: T, createdAt: T, deletedAt: null, contentHash: null };

  test('is not proved where the value was told since the scopes were read', async () => {
    const proof = async (more: object) => {
      const { answer } = answering({ oldest: T - 5, lacks: null, ...more });
      await answer(T, denied);
      return await answer(T + SETTLE, denied);
    };
    expect(await proof({ scopesReadAt: T - 5 })).toBe('error');
    expect(await proof({ scopesReadAt: T - 4 })).toBe('denied');
    expect(await proof({ lacks: LACKING })).toBe('denied');
  });

  test('is proved by a second answer SETTLE after the first, and not sooner', async () => {
    const { answer } = answering();
    expect(await answer(T, denied)).toBe('error');
    expect(await answer(T + SETTLE - 1, denied)).toBe('error');
    expect(await answer(T + SETTLE, denied)).toBe('denied');
  });

  test('is not proved by fewer than 20 objects while others were not read since', async () => {
    const few = answering({ lacking: 19, oldest: T - 1 });
    await few.answer(T, denied);
    expect(await few.answer(T + SETTLE, denied)).toBe('error');
    const all = answering({ lacking: 19, oldest: T });
    await all.answer(T, denied);
    expect(await all.answer(T + SETTLE, denied)).toBe('denied');
    const enough = answering({ lacking: 20, oldest: T - 1 });
    await enough.answer(T, denied);
    expect(await enough.answer(T + SETTLE, denied)).toBe('denied');
  });

  test('is not proved by an answer that denies it to nobody', async () => {
    const { answer, settings } = answering();
    await answer(T, denied);
    await answer(T + SETTLE, telling({}));
    expect(settings().denied[EMAIL]!.since).toBeNull();
  });

  test.each([
    ['told to one', { denied: 29, told: true }],
    ['told to all', { told: true }],
  ])('that is %s is none until the scopes are read again', async (_, more) => {
    const { answer } = answering();
    await answer(T, denied);
    await answer(T + 1, telling(more));
    for (const later of [SETTLE, 10 * SETTLE, 100 * SETTLE])
      expect(await answer(T + later, denied)).toBe('error');
  });

  test('begins anew after another error; once it is known, that is the error’s own', async () => {
    const { answer } = answering();
    await answer(T, denied);
    await answer(T + SETTLE, telling({ denied: 29, failed: true }));
    expect(await answer(T + SETTLE + 1, denied)).toBe('error');
    expect(await answer(T + 2 * SETTLE + 1, denied)).toBe('denied');
    expect(await answer(T + 2 * SETTLE + 2, telling({ denied: 1, failed: true }))).toBe('denied');
  });

  test('that is known is written down and said no more', async () => {
    const { answer, written, said } = answering();
    for (let times = 0; times < 10; times++) await answer(T + times * SETTLE, denied);
    expect(written()).toBe(2);
    expect(said).toEqual(['fieldDenied']);
  });
});
