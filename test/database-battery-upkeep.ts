import { afterEach, beforeEach, expect, it } from 'vitest';
import { certifiedRange } from '../src/range-digest.ts';
import {
  childOf,
  DRAFT,
  type Factory,
  NOTHING_SEEN,
  positionOf,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
} from './database-fixture.ts';

/** Doorbells, runs, status, and what is forgotten. */
export function upkeepBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  it('rings for key spaces of active stores with due marks', async () => {
    const two = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
    await world.mark(raiseOf('7'), raiseOf('8'), raiseOf('5', { entity: 'orders', dueInMs: 500 }));
    await world.database.mark(two.id, [raiseOf('7', { entity: 'products' })]);
    const mine = { storeId: world.storeId, entity: 'customers' };
    expect(await world.database.dueDoorbells()).toEqual([mine, { storeId: two.id, entity: 'products' }]);
    await world.database.deactivateStore(two.id);
    expect(await world.database.dueDoorbells()).toEqual([mine]);
    expect(await world.database.nextDueInMs(world.storeId, 'orders')).toBe(500);
    world.advance(800);
    expect(await world.database.nextDueInMs(world.storeId, 'orders')).toBe(0);
    expect(await world.database.dueDoorbells()).toHaveLength(2);
  });

  it('knows a run from its start to its end', async () => {
    const { database, storeId } = world;
    const id = await database.startRun(storeId, 'orders', 'backfill');
    const startedAt = world.now();
    const tally = { ...NOTHING_SEEN, seen: 5, unchanged: 4, unknowable: 1 };
    await world.detect('census', { runId: id, tally, points: 7 }, 'orders');
    await world.detect('census', { runId: id, tally, points: 7 }, 'orders');
    const run = { id, storeId, entity: 'orders', kind: 'backfill', startedAt, points: 14, held: 0 };
    const twice = { ...NOTHING_SEEN, seen: 10, unchanged: 8, unknowable: 2 };
    expect(await database.run(id)).toEqual({ ...run, state: 'running', message: null, tally: twice });
    await database.finishRun(id, { state: 'held', message: 'Too many are gone.' });
    expect(await database.run(id)).toMatchObject({ state: 'held', message: 'Too many are gone.' });
    expect(await database.run(id + 1000)).toBeNull();
  });

  it('finds runs that work no more', async () => {
    const { database, storeId } = world;
    const dead = await database.startRun(storeId, 'customers', 'sweep');
    const alive = await database.startRun(storeId, 'orders', 'sweep');
    const done = await database.startRun(storeId, 'products', 'sweep');
    await database.finishRun(done, { state: 'succeeded', message: null });
    await world.commit('customers', {});
    world.advance(1000);
    await world.detect('sweep', { runId: alive }, 'orders');
    world.advance(500);
    expect((await database.stalledRuns(1200)).map(({ id }) => id)).toEqual([dead]);
  });

  it('counts the living rows of every table', async () => {
    const variants = (...keys: readonly string[]) => ({
      children: { ProductVariants: keys.map((key) => childOf('products', 'ProductVariants', key)) },
    });
    await world.write(
      'products',
      recordOf('products', '1', {}, variants('11', '12')),
      recordOf('products', '2', {}, variants('21')),
    );
    const refund = childOf(
      'orders',
      'Refunds',
      '51',
      {},
      { children: { RefundItems: [childOf('orders', 'RefundItems', 'a')] } },
    );
    const children = { OrderItems: [childOf('orders', 'OrderItems', '511')], Refunds: [refund] };
    await world.write('orders', recordOf('orders', '5', {}, { children }), recordOf('orders', '6'));
    const rows = async () => (await world.database.status(world.storeId)).rows;
    const orders = { Orders: 2, OrderItems: 1, Refunds: 1, RefundItems: 1 };
    expect(await rows()).toMatchObject({ Customers: 0, Products: 2, ProductVariants: 3, ...orders });
    await world.bury('products', T, true, '1');
    await world.bury('orders', T, true, '5');
    const left = { Orders: 1, OrderItems: 0, Refunds: 0, RefundItems: 0 };
    expect(await rows()).toMatchObject({ Customers: 0, Products: 1, ProductVariants: 1, ...left });
  });

  it('measures the time from Shopify’s trigger to the committed row', async () => {
    const { database, storeId } = world;
    const deliveries = Array.from({ length: 100 }, (_, i) => ({
      webhookId: `w${i}`,
      topic: 'T',
      entity: 'customers' as const,
      id: String(100 + i),
      triggeredAt: world.now() - (i + 1) * 10,
      receivedAt: world.now(),
    }));
    await database.mark(
      storeId,
      deliveries.map(({ id }) => raiseOf(id)),
      { deliveries },
    );
    const taken = await world.take();
    await world.commit('customers', { verdicts: taken.map(({ id, sequence }) => verdictOf(id, sequence)) });
    expect(await database.status(storeId)).toMatchObject({ lagP50Ms: 500, lagP99Ms: 990, deliveries: 100 });
  });

  it('forgets old deliveries, gaps, runs and change events, but no run that works or holds marks', async () => {
    const { database, storeId } = world;
    const gap = { id: '9', changedAt: null, seenAt: T, foundBy: 'census', reason: 'missing' } as const;
    const working = await world.detect('sweep', { gaps: [gap] });
    const holding = await world.detect('census', { hold: ['8'] });
    await database.finishRun(holding, { state: 'held', message: null });
    const over = await database.startRun(storeId, 'orders', 'sweep');
    await database.finishRun(over, { state: 'succeeded', message: null });
    const delivery = { topic: 'T', entity: 'customers', id: '7', triggeredAt: T } as const;
    const log = (webhookId: string) =>
      database.mark(storeId, [], { deliveries: [{ ...delivery, webhookId, receivedAt: world.now() }] });
    await log('old');
    await world.write('customers', recordOf('customers', '1'));
    world.advance(10_000);
    await log('new');
    await world.write('customers', recordOf('customers', '2'));
    await database.purge(5000);
    expect(await database.status(storeId)).toMatchObject({ deliveries: 1, gapsFound: 0 });
    expect(await database.run(over)).toBeNull();
    expect(await world.select('select ShopifyId from ChangeEvents')).toEqual([{ ShopifyId: '2' }]);
    expect([...(await world.rows('customers')).keys()]).toEqual(['1', '2']);
    expect([await database.run(working), await database.run(holding)]).not.toContain(null);
  });

  it('forgets the ranges of old censuses and what went out of sight, but not while a certificate is open', async () => {
    const { database } = world;
    const range = certifiedRange(
      { after: null, through: '9', comparedAt: world.now() },
      [{ id: '9', updatedAt: T }],
      [],
    );
    const certify = async () => {
      const runId = await world.detect('census', { raises: [raiseOf('7')], range, census: positionOf() });
      const [mark] = await world.take();
      const out = { ...verdictOf('7', mark!.sequence), proven: false };
      await world.commit('customers', { verdicts: [out] });
      await world.detect('census', { runId, census: null, certificate: DRAFT });
      await database.finishRun(runId, { state: 'succeeded', message: null });
      return runId;
    };
    const left = async () => ({
      ranges: (await world.select('select Id from CertifiedRanges')).length,
      unproven: (await world.select('select ShopifyId from UnprovenKeys')).length,
    });
    const runId = await certify();
    world.advance(10_000);
    await database.purge(5_000);
    expect(await left()).toEqual({ ranges: 1, unproven: 1 });
    expect(await database.run(runId)).not.toBeNull();
    const [open] = await database.ripeCertificates(world.storeId);
    expect(open!.completion.unproven).toBe(1);
    const end = { verdict: 'matched but', remarks: [], withheld: [] } as const;
    await database.completeCertificate(open!.id, { ...end, completion: open!.completion });
    await database.purge(5_000);
    expect(await left()).toEqual({ ranges: 0, unproven: 0 });
    expect(await database.run(runId)).toBeNull();
  });

  it('empties what is personal in customers who were buried long ago, and leaves what else is known of them', async () => {
    const { database } = world;
    const person = { Email: 'jane@example.com', TotalSpent: '12.5000' };
    for (const id of ['1', '2', '3']) await world.write('customers', recordOf('customers', id, person));
    await world.write('orders', recordOf('orders', '5', { Email: 'jane@example.com' }));
    await world.bury('customers', T, true, '1');
    await world.bury('orders', T, true, '5');
    world.advance(6000);
    await world.bury('customers', T, true, '2');
    const emails = async () =>
      [...(await world.rows('customers')).values()].map(({ key, row }) => [
        key,
        row['Email'],
        row['TotalSpent'],
      ]);
    for (let times = 0; times < 2; times++) {
      await database.purge(5000);
      expect(await emails()).toEqual([
        ['1', null, '12.5000'],
        ['2', 'jane@example.com', '12.5000'],
        ['3', 'jane@example.com', '12.5000'],
      ]);
    }
    expect((await world.rows('customers')).get('1')).toMatchObject({ deletedAt: T, erasedAt: null });
    expect((await world.rows('orders')).get('5')!.row['Email']).toBe('jane@example.com');
    // One that lives again is as Shopify tells.
    await world.write('customers', recordOf('customers', '1', person, { updatedAt: T + 1_000 }));
    expect((await emails())[0]).toEqual(['1', 'jane@example.com', '12.5000']);
  });
}
