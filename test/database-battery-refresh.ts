import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Factory,
  keepFor,
  NOTHING_SEEN,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
  writeOf,
} from './database-fixture.ts';

/** What a commit does to rows, change events, the delivery log, gaps and rejects. */
export function refreshBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const row = async (id: string) => (await world.rows('customers')).get(id);
  const state = async (id: string) =>
    (await world.database.mirrorOf(world.storeId, 'customers', [id])).get(id)!.row;
  const events = async () =>
    (await world.select('select ShopifyId, Type from ChangeEvents order by Id')).map(
      (event) => `${event['ShopifyId']} ${event['Type']}`,
    );

  describe('a written row', () => {
    it('holds every kind of value exactly as it was read', async () => {
      const read = {
        FirstName: 'Zoë 😀',
        Note: `a'b"c\n${'x'.repeat(9000)}`,
        TotalSpent: '123456789012345.6789',
        TotalOrders: -3,
        TaxExempt: true,
        VerifiedEmail: false,
        LastOrderDate: T + 123,
        LastShopifyOrderId: '9007199254740993123',
      };
      await world.write('customers', recordOf('customers', '7', read, { updatedAt: T + 1 }));
      expect((await row('7'))!.row).toMatchObject({
        ...read,
        City: null,
        CreatedAt: T - 1000,
        UpdatedAt: T + 1,
        ShopifyCreatedAt: T - 1000,
        ShopifyUpdatedAt: T + 1,
      });
      const refund = recordOf('customers', '7', { TotalSpent: '-0.0500' });
      await world.write('customers', refund);
      expect((await row('7'))!.row['TotalSpent']).toBe('-0.0500');
      expect(await state('7')).toEqual({
        updatedAt: T,
        createdAt: T - 1000,
        readAt: T + 5000,
        deletedAt: null,
        contentHash: refund.contentHash,
        lacks: null,
      });
    });

    it('takes a real null, and keeps what was withheld (R9)', async () => {
      await world.write('customers', recordOf('customers', '7', { City: 'Rome', Email: 'a@b.c' }));
      const read = recordOf('customers', '7', { City: null, Email: null }, { withheld: ['Email'] });
      await world.write('customers', read);
      expect((await row('7'))!.row).toMatchObject({ City: null, Email: 'a@b.c' });
    });

    it('may be new although something was withheld: that is unknown, not false', async () => {
      const withheld = ['AcceptsEmailMarketing', 'Email'];
      await world.write('customers', recordOf('customers', '7', { City: 'Rome' }, { withheld }));
      expect((await row('7'))!.row).toMatchObject({ City: 'Rome', AcceptsEmailMarketing: null, Email: null });
    });

    it('is written even if its mark was raised during the read, and the mark stays (R6)', async () => {
      await world.mark(raiseOf('7'));
      const [taken] = await world.take();
      await world.mark(raiseOf('7'));
      await world.commit('customers', { verdicts: [writeOf(recordOf('customers', '7'), taken!.sequence)] });
      expect(await state('7')).not.toBeNull();
      expect(await world.take()).toHaveLength(1);
    });

    it('is its store’s own: another store’s row with the same id is another row', async () => {
      await world.write('customers', recordOf('customers', '7', { City: 'Rome' }));
      const { id } = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
      expect(await world.database.mirrorRows(id, 'customers', null, 10)).toEqual([]);
    });
  });

  describe('a buried row', () => {
    it('is a tombstone that keeps its values, and a written one lives again', async () => {
      await world.write('customers', recordOf('customers', '7', { City: 'Rome' }));
      await world.bury('customers', T + 9, true, '7', '8');
      expect(await row('7')).toMatchObject({ deletedAt: T + 9, row: { City: 'Rome' } });
      expect(await world.database.longestUnread(world.storeId, 'customers', 9)).toEqual([]);
      expect(await row('8')).toBeUndefined();
      await world.bury('customers', T + 99, true, '7');
      expect(await row('7')).toMatchObject({ deletedAt: T + 9 });
      await world.write('customers', recordOf('customers', '7', { City: 'Oslo' }));
      expect(await row('7')).toMatchObject({ deletedAt: null, row: { City: 'Oslo' } });
    });

    it('counts for the brake for an hour, if nobody had announced it and it was alive', async () => {
      const facts = () => world.database.burialFacts(world.storeId, 'customers');
      await world.write('customers', ...['1', '2', '3', '4'].map((id) => recordOf('customers', id)));
      expect(await facts()).toEqual({ live: 4, buriedLastHour: 0 });
      await world.bury('customers', T, false, '1', '99');
      await world.bury('customers', T, true, '2');
      expect(await facts()).toEqual({ live: 2, buriedLastHour: 1 });
      world.advance(1_800_000);
      await world.bury('customers', T, false, '1', '3');
      expect(await facts()).toEqual({ live: 1, buriedLastHour: 2 });
      world.advance(1_800_000);
      expect(await facts()).toEqual({ live: 1, buriedLastHour: 1 });
      world.advance(1_800_000);
      expect(await facts()).toEqual({ live: 1, buriedLastHour: 0 });
    });
  });

  it('announces what was created, changed and deleted, and nothing when the content is equal', async () => {
    const record = recordOf('customers', '7', { City: 'Rome' });
    await world.write('customers', record);
    await world.write('customers', { ...record, updatedAt: T + 1 });
    await world.write('customers', recordOf('customers', '7', { City: 'Oslo' }));
    await world.bury('customers', T, true, '7', '8');
    await world.bury('customers', T, true, '7');
    await world.write('customers', recordOf('customers', '7', { City: 'Oslo' }));
    await world.commit('customers', { verdicts: [verdictOf('7')] });
    expect(await events()).toEqual(['7 created', '7 changed', '7 deleted', '7 created']);
  });

  it('counts deliveries and gaps as answered by the read that proves it, unless a signal came during the read', async () => {
    const { database, storeId } = world;
    const logged = async (webhookId: string, id: string) => {
      const delivery = { webhookId, topic: 'T', entity: 'customers', id } as const;
      const times = { triggeredAt: world.now() - 700, receivedAt: world.now() };
      await database.mark(storeId, [raiseOf(id)], { deliveries: [{ ...delivery, ...times }] });
    };
    const gap = { changedAt: null, seenAt: T, foundBy: 'sweep', reason: 'newer' } as const;
    await logged('w7', '7');
    await logged('w8', '8');
    await world.detect('sweep', { gaps: ['7', '8', '9'].map((id) => ({ id, ...gap })) });
    const [seven, eight] = await world.take();
    await logged('w8 again', '8');
    world.advance(300);
    await world.commit('customers', {
      verdicts: [{ ...verdictOf('7', seven!.sequence), proven: false, mark: keepFor(0) }],
    });
    expect(await database.status(storeId)).toMatchObject({ gapsFound: 3, gapsHealed: 0, lagP50Ms: null });
    await world.commit('customers', {
      verdicts: [{ ...verdictOf('7', seven!.sequence), mark: keepFor(0) }, verdictOf('8', eight!.sequence)],
    });
    expect(await database.status(storeId)).toMatchObject({ gapsHealed: 1, lagP50Ms: 1000, lagP99Ms: 1000 });
    world.advance(5000);
    await world.commit('customers', { verdicts: [verdictOf('7', seven!.sequence)] });
    expect(await database.status(storeId)).toMatchObject({ lagP99Ms: 1000, deliveries: 3 });
  });

  it('parks a reject until its key is written or buried', async () => {
    const rejects = async () => (await world.database.status(world.storeId)).rejects;
    const reject = (id: string) =>
      world.commit('customers', { rejects: [{ id, reason: 'Customers.City is bad' }] });
    await reject('7');
    await reject('7');
    await world.write('customers', recordOf('customers', '8'));
    await reject('8');
    expect(await world.select('select ShopifyId, Times from Rejects order by ShopifyId')).toMatchObject([
      { ShopifyId: '7', Times: 2 },
      { ShopifyId: '8', Times: 1 },
    ]);
    await world.commit('customers', { verdicts: [verdictOf('7')] });
    expect(await rejects()).toBe(2);
    await world.write('customers', recordOf('customers', '7'));
    expect(await rejects()).toBe(1);
    await world.bury('customers', T, true, '8');
    expect(await rejects()).toBe(0);
  });

  it('raises in the same transaction what the written rows imply', async () => {
    await world.commit('orders', {
      verdicts: [writeOf(recordOf('orders', '5'))],
      raises: [raiseOf('7', { reason: 'order:written' })],
    });
    expect(await world.take('customers')).toMatchObject([{ id: '7' }]);
  });

  it('adds refreshes up, a run per entity and hour', async () => {
    const seen = { tally: { ...NOTHING_SEEN, seen: 3, written: 2, deferred: 1 }, points: 13 };
    await world.commit('customers', seen);
    await world.commit('customers', seen);
    await world.commit('orders', seen);
    const runs = () =>
      world.select('select Entity, Kind, State, Seen, Written, Deferred, Points from SyncRuns order by Id');
    const hour = { Entity: 'customers', Kind: 'refresh', State: 'succeeded' };
    expect(await runs()).toMatchObject([
      { ...hour, Seen: 6, Written: 4, Deferred: 2, Points: 26 },
      { Entity: 'orders', Seen: 3 },
    ]);
    world.advance(3_600_000);
    await world.commit('customers', seen);
    expect(await runs()).toHaveLength(3);
    expect(await world.database.status(world.storeId)).toMatchObject({ points: 52 });
  });
}
