import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLEAR, type Factory, keepFor, raiseOf, T, verdictOf, worldOf } from './database-fixture.ts';

/** Marks: raising (R3, R6), taking, and what a commit may do to them. */
export function marksBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  describe('raising a mark', () => {
    it('keeps one mark per key, with a sequence that is new each time', async () => {
      await world.mark(raiseOf('7'));
      const [first] = await world.take();
      await world.mark(raiseOf('7'));
      const marks = await world.take();
      expect(marks).toHaveLength(1);
      expect(marks[0]!.sequence).not.toBe(first!.sequence);
    });

    it('keeps the greatest expectation, the best lane and the earliest due time', async () => {
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 9, lane: 'sweep', dueInMs: 500 }));
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 5, lane: 'backfill', dueInMs: 900 }));
      await world.mark(raiseOf('7', { expectedUpdatedAt: null, lane: 'census', dueInMs: 700 }));
      expect(await world.take()).toEqual([]);
      expect(await world.database.nextDueInMs(world.storeId, 'customers')).toBe(500);
      world.advance(500);
      expect(await world.take()).toMatchObject([{ expectedUpdatedAt: T + 9, lane: 'sweep' }]);
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 11, lane: 'webhook' }));
      expect(await world.take()).toMatchObject([{ expectedUpdatedAt: T + 11, lane: 'webhook' }]);
    });

    it('anew forgets what was expected and found, but not that the deletion was announced, and is due at once', async () => {
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 9, lane: 'sweep' }));
      await world.mark(raiseOf('7', { announces: 'absence', expectedUpdatedAt: null }));
      const taken = await world.take();
      const putOff = keepFor(3_600_000, { firstNullAt: T + 1, firstLiveAt: T + 2, attempts: 9 });
      await world.commit('customers', {
        verdicts: taken.map(({ id, sequence }) => ({ ...verdictOf(id, sequence), mark: putOff })),
      });
      expect(await world.take()).toEqual([]);
      const anew = raiseOf('7', { expectedUpdatedAt: null, lane: 'webhook' });
      await world.database.markAnew(world.storeId, [anew, raiseOf('8', { expectedUpdatedAt: null })]);
      expect([...(await world.take())].sort((a, b) => Number(a.id) - Number(b.id))).toMatchObject([
        {
          ...{ id: '7', lane: 'webhook', announces: 'presence', deleteAnnouncedAgoMs: 0, hintedAgoMs: 0 },
          ...{ expectedUpdatedAt: null, firstNullAt: null, firstLiveAt: null, attempts: 0 },
        },
        { id: '8', deleteAnnouncedAgoMs: null },
      ]);
      // A read that was under way when it was asked for neither clears nor keeps it (R6).
      await world.commit('customers', {
        verdicts: taken.map(({ id, sequence }) => ({ ...verdictOf(id, sequence), mark: CLEAR })),
      });
      expect(await world.take()).toHaveLength(2);
    });

    it('keeps what earlier reads have found, and starts its patience anew', async () => {
      await world.mark(raiseOf('7'), raiseOf('8'));
      const taken = await world.take();
      const evidence = keepFor(0, { firstNullAt: T + 1, firstLiveAt: T + 2, attempts: 3 });
      await world.commit('customers', {
        verdicts: taken.map(({ id, sequence }) => ({ ...verdictOf(id, sequence), mark: evidence })),
      });
      await world.mark(raiseOf('7'));
      const found = { firstNullAt: T + 1, firstLiveAt: T + 2, attempts: 0 };
      expect((await world.take()).find(({ id }) => id === '7')).toMatchObject(found);
    });

    it('remembers an announced delete through later signals that expect presence', async () => {
      await world.mark(raiseOf('7', { announces: 'absence' }));
      world.advance(1000);
      await world.mark(raiseOf('7', { announces: 'presence' }));
      world.advance(50);
      expect(await world.take()).toMatchObject([
        { announces: 'presence', deleteAnnouncedAgoMs: 1050, raisedAgoMs: 50 },
      ]);
      await world.mark(raiseOf('7', { announces: 'absence' }));
      expect(await world.take()).toMatchObject([
        { announces: 'absence', deleteAnnouncedAgoMs: 0, raisedAgoMs: 0 },
      ]);
    });

    it('marks keys of several entities in one call, each in its own key space', async () => {
      await world.mark(
        raiseOf('7'),
        raiseOf('7', { entity: 'orders' }),
        raiseOf('8', { entity: 'products' }),
      );
      for (const [entity, id] of [
        ['customers', '7'],
        ['orders', '7'],
        ['products', '8'],
      ] as const) {
        expect((await world.take(entity)).map((mark) => mark.id)).toEqual([id]);
      }
    });

    it('happens also for a delivery that has been logged before (R3)', async () => {
      const delivery = {
        webhookId: 'w1',
        topic: 'CUSTOMERS_UPDATE',
        entity: 'customers',
        id: '7',
        triggeredAt: T,
        receivedAt: world.now(),
      } as const;
      await world.database.mark(world.storeId, [raiseOf('7')], { deliveries: [delivery] });
      const [taken] = await world.take();
      await world.commit('customers', { verdicts: [verdictOf('7', taken!.sequence)] });
      await world.database.mark(world.storeId, [raiseOf('7')], { deliveries: [delivery] });
      expect(await world.take()).toHaveLength(1);
      expect(await world.database.status(world.storeId)).toMatchObject({ deliveries: 1 });
    });

    it('is all or nothing', async () => {
      const impossible = {
        webhookId: 'w',
        topic: 'T',
        entity: 'customers',
        id: '7',
        triggeredAt: null,
      } as const;
      const log = { deliveries: [{ ...impossible, receivedAt: Number.NaN }] };
      await expect(world.database.mark(world.storeId, [raiseOf('7')], log)).rejects.toThrow();
      expect(await world.take()).toEqual([]);
    });
  });

  describe('a mark after its key was read', () => {
    it('is cleared or kept only if nobody has raised it meanwhile (R6)', async () => {
      await world.mark(raiseOf('7'), raiseOf('8'), raiseOf('9'));
      const taken = await world.take();
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 1 }), raiseOf('8'));
      const read = taken.map(({ id, sequence }) => verdictOf(id, sequence));
      await world.commit('customers', {
        verdicts: [read[0]!, { ...read[1]!, mark: keepFor(10_000, { attempts: 5 }) }, read[2]!],
      });
      expect(await world.take()).toMatchObject([
        { id: '7', expectedUpdatedAt: T + 1 },
        { id: '8', attempts: 0 },
      ]);
    });

    it('waits, when kept, by the clock of the database, and leaves the webhook lane', async () => {
      await world.mark(raiseOf('7'), raiseOf('8', { lane: 'backfill' }));
      const taken = await world.take();
      await world.commit('customers', {
        verdicts: taken.map(({ id, sequence }) => ({
          ...verdictOf(id, sequence),
          mark: keepFor(30_000, { firstNullAt: T, attempts: 1 }),
        })),
      });
      world.advance(29_999);
      expect(await world.take()).toEqual([]);
      world.advance(1);
      expect(await world.take()).toMatchObject([
        { id: '7', lane: 'sweep', firstNullAt: T, attempts: 1, sequence: taken[0]!.sequence },
        { id: '8', lane: 'backfill' },
      ]);
    });

    it('is gone when cleared, and the key can be marked again', async () => {
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 9, announces: 'absence' }));
      const [taken] = await world.take();
      await world.commit('customers', { verdicts: [{ ...verdictOf('7', taken!.sequence), mark: CLEAR }] });
      expect(await world.database.nextDueInMs(world.storeId, 'customers')).toBeNull();
      await world.mark(raiseOf('7'));
      expect(await world.take()).toMatchObject([{ expectedUpdatedAt: null, deleteAnnouncedAgoMs: null }]);
    });
  });

  describe('taking marks', () => {
    it('takes the best lane first, and in a lane what has been due longest', async () => {
      await world.mark(raiseOf('1', { lane: 'backfill' }), raiseOf('2', { lane: 'census' }));
      world.advance(10);
      await world.mark(raiseOf('3', { lane: 'webhook' }), raiseOf('4', { lane: 'sweep' }));
      await world.mark(raiseOf('5', { lane: 'webhook', dueInMs: 5 }), raiseOf('6', { dueInMs: 99 }));
      world.advance(10);
      expect((await world.take()).map(({ id }) => id)).toEqual(['3', '5', '4', '2', '1']);
    });

    it('gives a tenth of each batch, and at least one place, to the oldest of any lane', async () => {
      await world.mark(...ids(100, 103).map((id) => raiseOf(id, { lane: 'backfill' })));
      world.advance(10);
      await world.mark(...ids(500, 560).map((id) => raiseOf(id)));
      const lanes = async (limit: number) => {
        const taken = await world.take('customers', limit);
        return [taken.length, taken.filter(({ lane }) => lane === 'backfill').length];
      };
      expect(await lanes(30)).toEqual([30, 3]);
      expect(await lanes(5)).toEqual([5, 1]);
      expect(await lanes(1000)).toEqual([63, 3]);
    });

    it('leaves marks that are not due, of other entities, or held', async () => {
      await world.mark(raiseOf('1', { dueInMs: 1 }), raiseOf('2', { entity: 'orders' }));
      await world.detect('census', { hold: ['3'] });
      expect(await world.take()).toEqual([]);
    });
  });
}

const ids = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));
