import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fenced } from '../src/failures.ts';
import { compareIds } from '../src/ids.ts';
import {
  type Factory,
  NOTHING_SEEN,
  positionOf,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
} from './database-fixture.ts';

/** What sweeps and censuses see of the mirror, and their commits (R5). */
export function detectionBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const syncState = () => world.database.syncState(world.storeId, 'customers');

  describe('ids', () => {
    /** As texts they would be in another order. */
    const IDS = ['101', '999', '1000000000', '1012345678901', '999999999999999999', '1000000000000000000'];
    const keysInRange = (after: string | null, through: string | null, limit = 100) =>
      world.database.keysInRange(world.storeId, 'customers', after, through, limit);
    const inRange = async (...range: Parameters<typeof keysInRange>) =>
      (await keysInRange(...range)).rows.map(({ id }) => id);

    beforeEach(() => world.write('customers', ...IDS.toReversed().map((id) => recordOf('customers', id))));

    it('are ordered by length, then text, as Shopify pages them (R13)', async () => {
      expect(IDS).toEqual(IDS.toSorted(compareIds));
      expect(await inRange(null, null)).toEqual(IDS);
      expect(await inRange('101', '1012345678901')).toEqual(IDS.slice(1, 4));
      expect(await inRange('999', null, 2)).toEqual(IDS.slice(2, 4));
      expect(await inRange(null, '998')).toEqual(['101']);
      expect(
        (await world.database.mirrorRows(world.storeId, 'customers', '999', 2)).map(({ key }) => key),
      ).toEqual(IDS.slice(2, 4));
    });

    it('of buried rows are in their range too, as such', async () => {
      await world.bury('customers', T, true, '999');
      const { rows } = await keysInRange('101', '1000000000', 9);
      expect(rows).toMatchObject([
        { id: '999', deletedAt: T },
        { id: '1000000000', deletedAt: null, syncedAt: world.now(), childCounts: {} },
      ]);
    });

    it('of marks are in their range too, held ones as such, whether they have a row or not', async () => {
      await world.detect('census', { hold: ['999', '2000000000000'] });
      await world.mark(raiseOf('7'), raiseOf('1000000000'), raiseOf('5000', { entity: 'orders' }));
      expect((await keysInRange(null, null)).marks).toEqual([
        { id: '7', held: false },
        { id: '999', held: true },
        { id: '1000000000', held: false },
        { id: '2000000000000', held: true },
      ]);
      expect((await keysInRange('7', '1000000000', 1)).marks).toEqual([{ id: '999', held: true }]);
      expect((await keysInRange('7', '999')).marks).toEqual([{ id: '999', held: true }]);
    });
  });

  it('sees of each key its row, whether a mark stands, and when a delivery announced it last', async () => {
    await world.write(
      'customers',
      recordOf('customers', '1', {}, { updatedAt: T + 1 }),
      recordOf('customers', '2'),
    );
    const delivery = { topic: 'T', entity: 'customers', receivedAt: T } as const;
    await world.database.mark(world.storeId, [raiseOf('2'), raiseOf('1', { entity: 'orders' })], {
      deliveries: [
        { ...delivery, webhookId: 'a', id: '2', triggeredAt: T + 20 },
        { ...delivery, webhookId: 'b', id: '2', triggeredAt: T + 10 },
        { ...delivery, webhookId: 'c', id: '1', entity: 'orders', triggeredAt: T + 30 },
      ],
    });
    await world.detect('census', { hold: ['3'] });
    const view = await world.database.mirrorOf(world.storeId, 'customers', ['1', '2', '3', '4']);
    expect(view.get('1')).toMatchObject({ row: { updatedAt: T + 1 }, marked: false, announcedAt: null });
    expect(view.get('2')).toMatchObject({ row: { updatedAt: T }, marked: true, announcedAt: T + 20 });
    expect(view.get('3')).toEqual({ row: null, marked: true, announcedAt: null });
    expect(view.get('4')).toEqual({ row: null, marked: false, announcedAt: null });
  });

  it('sees thousands of keys at once', async () => {
    const ids = Array.from({ length: 3000 }, (_, i) => String(i + 1));
    const view = await world.database.mirrorOf(world.storeId, 'customers', ids);
    expect([view.size, [...view.values()].some(({ marked }) => marked)]).toEqual([3000, false]);
  });

  it('finds the living, unmarked rows of a window, oldest first', async () => {
    const at = (id: string, updatedAt: number) => recordOf('customers', id, {}, { updatedAt });
    await world.write(
      'customers',
      at('8', T),
      at('2', T + 3),
      at('3', T + 1),
      at('4', T + 2),
      at('5', T + 9),
      at('6', T - 1),
    );
    await world.bury('customers', T, true, '4');
    await world.mark(raiseOf('3'));
    const find = (limit: number) => world.database.liveInWindow(world.storeId, 'customers', T, T + 3, limit);
    expect(await find(10)).toEqual(['8', '2']);
    expect(await find(1)).toEqual(['8']);
  });

  it('finds objects by what a column of theirs, or of their children, holds', async () => {
    const { database, storeId } = world;
    await world.write('orders', recordOf('orders', '5', { ShopifyCustomerId: '7' }), recordOf('orders', '6'));
    expect(await database.idsBy(storeId, 'orders', 'Orders', 'ShopifyCustomerId', ['7', '8'])).toEqual(['5']);
    expect(
      await database.idsBy(storeId, 'products', 'ProductVariants', 'ShopifyInventoryItemId', ['7']),
    ).toEqual([]);
    await expect(
      database.idsBy(storeId, 'customers', 'Orders', 'ShopifyCustomerId', ['7']),
    ).rejects.toThrow();
  });

  describe('a commit', () => {
    it('moves watermark, times and marks together, or not at all (R5)', async () => {
      const lost = await world.lease('customers', 'sweep');
      await world.database.releaseLease(lost);
      const runId = await world.database.startRun(world.storeId, 'customers', 'sweep');
      const commit = { runId, gaps: [], hold: ['8'], tally: { ...NOTHING_SEEN, seen: 2 }, points: 13 };
      const found = { ...commit, raises: [raiseOf('7')], watermark: T, sweepFinishedAt: T + 1 };
      await expect(world.database.commitDetection(lost, found)).rejects.toThrow(Fenced);
      expect(await world.take()).toEqual([]);
      expect(await syncState()).toMatchObject({ watermark: null, lastSweepAt: null });
      expect(await world.database.run(runId)).toMatchObject({ held: 0, points: 0 });
      await world.detect('sweep', { ...found, deepSweepFinishedAt: T + 2 });
      expect(await world.take()).toMatchObject([{ id: '7' }]);
      expect(await syncState()).toEqual({
        watermark: T,
        lastSweepAt: T + 1,
        lastDeepSweepAt: T + 2,
        lastCensusAt: null,
        census: null,
        lastContentAt: null,
        coverageFrom: null,
      });
      expect(await world.database.run(runId)).toMatchObject({ held: 1, points: 13, tally: { seen: 2 } });
    });

    it('moves the watermark only forward', async () => {
      await world.detect('sweep', { watermark: T + 5 });
      await world.detect('sweep', { watermark: T });
      await world.detect('sweep', {});
      expect(await syncState()).toMatchObject({ watermark: T + 5 });
    });

    it('keeps the place of a census until it is told otherwise', async () => {
      const census = positionOf({ runId: 1, throughId: '77', cursor: 'c', heads: 250 });
      await world.detect('census', { census });
      await world.detect('census', {});
      expect(await syncState()).toMatchObject({ census, lastCensusAt: null });
      await world.detect('census', { census: null, censusFinishedAt: T + 9 });
      expect(await syncState()).toMatchObject({ census: null, lastCensusAt: T + 9 });
    });

    it('opens a gap once, until it is healed', async () => {
      const gap = { id: '7', changedAt: T, seenAt: T, foundBy: 'sweep', reason: 'newer' } as const;
      await world.detect('sweep', { gaps: [gap], raises: [raiseOf('7')] });
      await world.detect('census', { gaps: [{ ...gap, foundBy: 'census' }] });
      expect(await world.database.status(world.storeId)).toMatchObject({ gapsFound: 1 });
      const [taken] = await world.take();
      const verdict = { id: '7', sequence: taken!.sequence, proven: true } as const;
      await world.commit('customers', {
        verdicts: [{ ...verdict, row: { do: 'leave' }, mark: { do: 'clear' } }],
      });
      await world.detect('sweep', { gaps: [gap] });
      expect(await world.database.status(world.storeId)).toMatchObject({ gapsFound: 2, gapsHealed: 1 });
    });
  });

  describe('a held mark', () => {
    it('waits for the end of its census, then is due at once', async () => {
      const runId = await world.detect('census', { hold: ['7', '8'] });
      expect(await world.database.nextDueInMs(world.storeId, 'customers')).toBeNull();
      expect(await world.database.dueDoorbells()).toEqual([]);
      expect(await world.database.status(world.storeId)).toMatchObject({ marksHeld: 2, marksWaiting: 0 });
      world.advance(1000);
      expect(await world.database.releaseHeld(runId)).toBe(2);
      expect(await world.take()).toMatchObject([
        { id: '7', lane: 'census', announces: 'presence', raisedAgoMs: 1000 },
        { id: '8' },
      ]);
      expect(await world.database.releaseHeld(runId)).toBe(0);
    });

    it('is freed with all the others of its census, however many', async () => {
      const hold = Array.from({ length: 2300 }, (_, i) => String(1000 + i));
      const runId = await world.detect('census', { hold });
      expect(await world.database.releaseHeld(runId)).toBe(2300);
      expect(await world.database.status(world.storeId)).toMatchObject({ marksHeld: 0, marksWaiting: 2300 });
    });

    it('is freed by any signal for its key', async () => {
      const runId = await world.detect('census', { hold: ['7', '8'] });
      await world.mark(raiseOf('7'));
      expect(await world.take()).toMatchObject([{ id: '7', lane: 'webhook' }]);
      expect(await world.database.run(runId)).toMatchObject({ held: 1 });
      expect(await world.database.releaseHeld(runId + 1)).toBe(0);
    });

    it('passes from an earlier census to the one that finds the key again', async () => {
      const earlier = await world.detect('census', { hold: ['7'] });
      const later = await world.detect('census', { hold: ['7'] });
      expect(await world.database.run(earlier)).toMatchObject({ held: 0 });
      expect(await world.database.releaseHeld(earlier)).toBe(0);
      expect(await world.database.releaseHeld(later)).toBe(1);
      expect(await world.take()).toMatchObject([{ id: '7' }]);
    });

    it('never takes the place of a mark that stands, which only a read SETTLE later ends', async () => {
      await world.mark(raiseOf('7', { dueInMs: 100, expectedUpdatedAt: T }));
      const [{ sequence }] = await standing();
      world.advance(50);
      const runId = await world.detect('census', { hold: ['7'] });
      expect(await world.database.run(runId)).toMatchObject({ held: 0 });
      world.advance(50);
      const [taken] = await world.take();
      expect(taken).toMatchObject({ id: '7', lane: 'webhook', expectedUpdatedAt: T, hintedAgoMs: 50 });
      expect(taken!.sequence).not.toBe(sequence);
    });

    it('proves nothing by a live answer for as long as a replica may lag', async () => {
      const runId = await world.detect('census', { hold: ['7'] });
      await world.database.releaseHeld(runId);
      world.advance(10);
      expect(await world.take()).toMatchObject([{ id: '7', hintedAgoMs: 10 }]);
    });
  });

  describe('a mark that stands when a census compares its key', () => {
    it('is touched: no read that was under way ends it, and it stays due when it was', async () => {
      await world.mark(raiseOf('7', { dueInMs: 100, expectedUpdatedAt: T }));
      const [{ sequence }] = await standing();
      await world.detect('census', { touch: [{ id: '7', unlisted: false }], census: positionOf() });
      await world.commit('customers', { verdicts: [verdictOf('7', sequence)] });
      expect(await world.take()).toEqual([]);
      world.advance(100);
      expect(await world.take()).toMatchObject([{ id: '7', lane: 'webhook', hintedAgoMs: null }]);
    });

    it('that was not listed is not ended by a live answer for as long as a replica may lag', async () => {
      await world.mark(raiseOf('7', { expectedUpdatedAt: T }));
      await world.detect('census', { touch: [{ id: '7', unlisted: true }], census: positionOf() });
      world.advance(10);
      expect(await world.take()).toMatchObject([{ id: '7', hintedAgoMs: 10 }]);
    });

    it('and has ended since is set anew, due at once', async () => {
      const touch = [
        { id: '7', unlisted: true },
        { id: '8', unlisted: false },
      ];
      const runId = await world.detect('census', { touch, census: positionOf() });
      expect(await world.take()).toMatchObject([
        { id: '7', lane: 'census', announces: 'presence', foundByRun: runId, hintedAgoMs: 0 },
        { id: '8', lane: 'census', announces: 'presence', foundByRun: runId, hintedAgoMs: null },
      ]);
    });
  });

  /** Marks as they are, due or not. */
  async function standing(): Promise<readonly [{ readonly sequence: string }]> {
    const [mark] = await world.select('select Sequence as "sequence" from StaleKeys');
    return [{ sequence: String(mark!['sequence']) }];
  }
}
