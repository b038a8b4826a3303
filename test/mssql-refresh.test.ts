import { describe, expect, it } from 'vitest';
import { burialFacts } from '../db/mssql/burials.ts';
import { settleEvents, storesWithEvents, takeEvents } from '../db/mssql/change-events.ts';
import { contents, mirrorRows } from '../db/mssql/contents.ts';
import { takeMarks } from '../db/mssql/due.ts';
import { link, linkAll } from '../db/mssql/links.ts';
import { idsBy, keysInRange, lacking, liveInWindow, longestUnread, rangeOf } from '../db/mssql/ranges.ts';
import { readingsOf } from '../db/mssql/readings.ts';
import { commitRefresh } from '../db/mssql/refresh.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Database } from '../src/database.ts';
import { compareIds } from '../src/ids.ts';
import {
  childOf,
  keepFor,
  NOTHING_SEEN,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  writeOf,
} from './database-fixture.ts';
import { expectSideBySide, listening, statementsOf } from './sql-recorder.ts';

/**
 * Refreshes, links, change events and looks at rows as SQL, both dialects side by side in test/__snapshots__/sql, and what can be
 * said of their parameters without a server.
 */

const STORE = 1;
const LEASE = { storeId: STORE, entity: 'orders', kind: 'refresh', token: 'token' } as const;
const NOTHING = {
  rejects: [],
  raises: [],
  changed: new Map(),
  announce: true,
  gaps: [],
  tally: NOTHING_SEEN,
  points: 0,
};

/** The operations of these files, as the port has them, over a connection that finds nothing. */
function portOf({ connection }: ReturnType<typeof listening>) {
  const bound =
    <A extends readonly unknown[], R>(work: (of: typeof connection, ...args: A) => R) =>
    (...args: A) =>
      work(connection, ...args);
  return {
    takeMarks: bound(takeMarks),
    burialFacts: bound(burialFacts),
    contents: bound(contents),
    commitRefresh: bound(commitRefresh),
    link: bound(link),
    linkAll: bound(linkAll),
    storesWithEvents: bound(storesWithEvents),
    takeEvents: bound(takeEvents),
    settleEvents: bound(settleEvents),
    idsBy: bound(idsBy),
    liveInWindow: bound(liveInWindow),
    lacking: bound(lacking),
    longestUnread: bound(longestUnread),
    keysInRange: bound(keysInRange),
    mirrorRows: bound(mirrorRows),
  } satisfies Partial<Database>;
}
type Port = ReturnType<typeof portOf>;

const refund = childOf('orders', 'Refunds', '9', {}, { children: { RefundItems: [] } });
const children = { OrderItems: [childOf('orders', 'OrderItems', '8')], Refunds: [refund] };
const gap = { id: '5', changedAt: T, seenAt: T, foundBy: 'sweep', reason: 'unversioned' } as const;
const FIRST = {
  verdicts: [writeOf(recordOf('orders', '5', {}, { children })), { ...verdictOf('6'), mark: keepFor(0) }],
  rejects: [{ id: '6', reason: 'Orders.Email is bad' }],
  raises: [raiseOf('7')],
  changed: new Map([['5', ['Email']]]),
  announce: true,
  gaps: [{ ...gap, runId: null }],
  tally: NOTHING_SEEN,
  points: 1,
};
const SECOND = { ...verdictOf('5'), row: { do: 'bury', at: T, announced: false } } as const;

const OPERATIONS: Readonly<Record<string, (port: Port) => Promise<unknown>>> = {
  'link customers': (port) => port.link(STORE, 'customers', ['7']),
  'link products': (port) => port.link(STORE, 'products', ['7']),
  'link orders': (port) => port.link(STORE, 'orders', ['7']),
  linkAll: (port) => port.linkAll(STORE, 100),
  storesWithEvents: (port) => port.storesWithEvents(),
  takeEvents: (port) => port.takeEvents(STORE, 100, 60_000),
  settleEvents: (port) => port.settleEvents(STORE, [1, 2, 3], { sent: [1], refused: [2] }),
  contents: (port) => port.contents(STORE, 'products', ['7']),
  burialFacts: (port) => port.burialFacts(STORE, 'orders'),
  idsBy: (port) => port.idsBy(STORE, 'products', 'ProductVariants', 'ShopifyInventoryItemId', ['7']),
  liveInWindow: (port) => port.liveInWindow(STORE, 'orders', T, T, 9),
  lacking: (port) => port.lacking(STORE, 'orders'),
  longestUnread: (port) => port.longestUnread(STORE, 'orders', 9),
  keysInRange: (port) => port.keysInRange(STORE, 'products', '9', null, 9),
  mirrorRows: (port) => port.mirrorRows(STORE, 'orders', null, 9),
};

/** An empty embedded database with a store and a lease. */
async function embedded() {
  const database = await openSqlite(':memory:', { clock: () => T, nonce: () => LEASE.token });
  await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
  await database.acquireLease(STORE, 'orders', 'refresh', 60_000);
  return database;
}

describe('each operation is one batch of T-SQL, beside what SQLite runs for it:', () => {
  it('commitRefresh', async () => {
    const sqlite = await embedded();
    const server = listening();
    await portOf(server).commitRefresh(LEASE, FIRST);
    const statements = await statementsOf(async () => {
      await sqlite.commitRefresh(LEASE, FIRST);
      await sqlite.commitRefresh(LEASE, { ...NOTHING, verdicts: [SECOND] });
    });
    await expectSideBySide('commitRefresh', statements, server.asked);
  });

  it.each(Object.keys(OPERATIONS))('%s', async (name) => {
    const operation = OPERATIONS[name]!;
    const sqlite = await embedded();
    // Something to link, to find, and to forget.
    await sqlite.commitRefresh(LEASE, FIRST);
    const server = listening();
    // Whoever needs an answer fails without one, after he has asked.
    await operation(portOf(server)).catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
    expect(server.asked).toHaveLength(1);
    const statements = await statementsOf(() => operation(sqlite));
    await expectSideBySide(name.replaceAll(' ', '-'), statements, server.asked);
  });
});

it('a refresh of 250 orders with 5 lines each is three round trips', async () => {
  const orders = Array.from({ length: 250 }, (_, i) => {
    const lines = Array.from({ length: 5 }, (_, k) => childOf('orders', 'OrderItems', `${i}${k}`));
    return recordOf('orders', `${i}`, {}, { children: { OrderItems: lines, Refunds: [] } });
  });
  const ids = orders.map(({ id }) => id);
  const server = listening();
  const port = portOf(server);
  await port.takeMarks(LEASE, 250);
  await port.commitRefresh(LEASE, { ...NOTHING, verdicts: orders.map((order) => writeOf(order)) });
  await port.link(STORE, 'orders', ids);
  expect(server.asked).toHaveLength(3);
});

describe('what was read', () => {
  const written = (...records: readonly ReturnType<typeof recordOf>[]) => {
    const readings = readingsOf(
      'orders',
      records.map((record) => writeOf(record)),
    );
    return (table: string) => JSON.parse(readings[`${table}Json`]!);
  };
  const line = (Title: string) => childOf('orders', 'OrderItems', '8', { Title });

  it('names what was withheld, columns and child tables alike, and sends no value of it (R9)', () => {
    const partly = childOf('orders', 'OrderItems', '8', { Sku: 'x', Title: 'y' }, { withheld: ['Sku'] });
    const more = { withheld: ['Email'], children: { OrderItems: [partly] } };
    const tables = written(recordOf('orders', '5', { Email: 'a@b.c' }, more));
    expect(tables('Orders')).toMatchObject([{ ShopifyOrderId: '5', Withheld: '|Email|Refunds|' }]);
    expect(tables('Orders')[0]).not.toHaveProperty('Email');
    expect(tables('OrderItems')).toMatchObject([{ ParentKey: '5', Title: 'y', Withheld: '|Sku|' }]);
    expect(tables('OrderItems')[0]).not.toHaveProperty('Sku');
    expect(tables('Refunds')).toEqual([]);
  });

  it('keeps money and ids as text, and tells times with their zone', () => {
    const exact = { TotalPrice: '123456789012345.6789', ShopifyCustomerId: '9007199254740993123' };
    const tables = written(recordOf('orders', '5', { ...exact, IsTest: true, CancelledAt: T + 1 }));
    expect(tables('Orders')).toMatchObject([
      { ...exact, IsTest: 1, CancelledAt: '2026-10-01T00:00:00.001Z', UpdatedAt: '2026-10-01T00:00:00.000Z' },
    ]);
  });

  it('has a child once, where it was read last', () => {
    const order = (id: string, title: string) =>
      recordOf('orders', id, {}, { children: { OrderItems: [line(title)], Refunds: [] } });
    const tables = written(order('5', 'first'), order('6', 'last'));
    expect(tables('OrderItems')).toMatchObject([{ ParentKey: '6', Title: 'last' }]);
  });
});

describe('a range of ids', () => {
  /** What the three searches of the batch find together. */
  const isInside = (id: string, range: ReturnType<typeof rangeOf>) =>
    (id.length === range.firstLength && id > range.firstAfter && id <= range.firstThrough) ||
    (id.length > range.firstLength && id.length < range.lastLength) ||
    (id.length === range.lastLength && id <= range.lastThrough);
  const ids = ['1', '7', '9', '10', '42', '99', '100', '999', '1000', '12345678901234567890'];

  it('is that of (length, text), put together from parts that an index is searched for', () => {
    for (const after of [null, ...ids])
      for (const through of [null, ...ids]) {
        const between = ids.filter(
          (id) =>
            (after === null || compareIds(id, after) > 0) &&
            (through === null || compareIds(id, through) <= 0),
        );
        expect(ids.filter((id) => isInside(id, rangeOf(after, through, 9)))).toEqual(between);
      }
  });
});
