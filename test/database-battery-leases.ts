import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fenced } from '../src/failures.ts';
import type { Lease } from '../src/lease.ts';
import { type Factory, NOTHING_SEEN, raiseOf, recordOf, worldOf, writeOf } from './database-fixture.ts';

/** Leases, and that nobody writes who has lost his. */
export function leasesBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const acquire = (ms = 1000, kind: Lease['kind'] = 'refresh') =>
    world.database.acquireLease(world.storeId, 'customers', kind, ms);

  /** Every write under the lease is refused, and leaves nothing behind. */
  const expectFenced = async (lease: Lease) => {
    const { database } = world;
    const commit = {
      verdicts: [writeOf(recordOf('customers', '666'))],
      rejects: [{ id: '666', reason: 'none' }],
      raises: [raiseOf('666')],
      changed: new Map(),
      announce: true,
      gaps: [],
      tally: NOTHING_SEEN,
      points: 0,
    };
    await expect(database.commitRefresh(lease, commit)).rejects.toThrow(Fenced);
    await expect(database.takeMarks(lease, 10)).rejects.toThrow(Fenced);
    expect((await database.mirrorOf(world.storeId, 'customers', ['666'])).get('666')).toEqual({
      row: null,
      marked: false,
      announcedAt: null,
    });
    expect(await database.status(world.storeId)).toMatchObject({ rejects: 0 });
  };

  describe('a lease', () => {
    it('has one holder until it is released', async () => {
      const lease = await acquire();
      expect(await acquire()).toBeNull();
      expect(await world.database.releaseLease(lease!)).toBe(true);
      expect((await acquire())!.token).not.toBe(lease!.token);
    });

    it('can be taken over only once it has run out, by the clock of the database', async () => {
      const lost = await acquire(1000);
      world.advance(999);
      expect(await acquire()).toBeNull();
      world.advance(1);
      expect(await acquire()).not.toBeNull();
      await expectFenced(lost!);
      expect(await world.database.renewLease(lost!, 1000)).toBe(false);
      expect(await world.database.releaseLease(lost!)).toBe(false);
      expect(await acquire()).toBeNull();
    });

    it('that has run out is lost, even if nobody took it over', async () => {
      const lease = await acquire(1000);
      world.advance(1000);
      await expectFenced(lease!);
      expect(await world.database.renewLease(lease!, 1000)).toBe(false);
    });

    it('lasts from its renewal on', async () => {
      const lease = await acquire(1000);
      world.advance(900);
      expect(await world.database.renewLease(lease!, 1000)).toBe(true);
      world.advance(900);
      expect(await world.database.takeMarks(lease!, 10)).toEqual([]);
      world.advance(100);
      await expectFenced(lease!);
    });

    it('is independent of the other kinds, entities and stores', async () => {
      await acquire();
      expect(await acquire(1000, 'sweep')).not.toBeNull();
      expect(await acquire(1000, 'census')).not.toBeNull();
      expect(await world.database.acquireLease(world.storeId, 'orders', 'refresh', 1000)).not.toBeNull();
      const other = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
      expect(await world.database.acquireLease(other.id, 'customers', 'refresh', 1000)).not.toBeNull();
    });

    it('of another kind does not open the fence', async () => {
      const sweep = await acquire(1000, 'sweep');
      await expectFenced({ ...sweep!, kind: 'refresh' });
    });

    it('is fenced when its store was deactivated, and nobody gets one there', async () => {
      const lease = await acquire();
      await world.database.deactivateStore(world.storeId);
      await expectFenced(lease!);
      expect(await acquire()).toBeNull();
    });

    it('is fenced when its store was deactivated and activated again', async () => {
      const lease = await acquire();
      await world.database.deactivateStore(world.storeId);
      await world.database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
      await expectFenced(lease!);
      expect(await acquire()).not.toBeNull();
    });

    it('does not mind that its store, being active, is activated once more', async () => {
      const lease = await acquire();
      await world.database.activateStore({ domain: 'one.myshopify.com', secretName: 'new' });
      expect(await world.database.takeMarks(lease!, 10)).toEqual([]);
    });
  });

  describe('releasing a lease unless marks are due', () => {
    it('fails while there is one, so that no wake-up is lost', async () => {
      const lease = await acquire();
      await world.mark(raiseOf('7'));
      expect(await world.database.releaseLease(lease!, { unlessDue: true })).toBe(false);
      expect(await world.database.takeMarks(lease!, 10)).toHaveLength(1);
    });

    it('succeeds when marks wait, are held or belong to another key space', async () => {
      const lease = await acquire();
      await world.mark(raiseOf('7', { dueInMs: 1 }), raiseOf('8', { entity: 'orders' }));
      await world.detect('census', { hold: ['9'] });
      expect(await world.database.releaseLease(lease!, { unlessDue: true })).toBe(true);
      expect(await acquire()).not.toBeNull();
    });
  });
}
