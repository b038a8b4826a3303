import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Factory, worldOf } from './database-fixture.ts';

/** The right to renew a store's tokens with Shopify. */
export function tokenLeasesBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());
  const acquire = () => world.database.acquireTokenLease(world.storeId, 1000);

  describe('a token lease', () => {
    it('has one holder until it is released', async () => {
      const token = await acquire();
      expect(token).not.toBeNull();
      expect(await acquire()).toBeNull();
      await world.database.releaseTokenLease(world.storeId, token!);
      const next = await acquire();
      expect(next).not.toBeNull();
      expect(next).not.toBe(token);
    });

    it('goes to one of ten who ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, acquire));
      expect(answers.filter((token) => token !== null)).toHaveLength(1);
    });

    it('can be taken over once it has run out, and its former holder can neither keep nor release it', async () => {
      const lost = await acquire();
      world.advance(999);
      expect(await acquire()).toBeNull();
      world.advance(1);
      expect(await acquire()).not.toBeNull();
      expect(await world.database.renewTokenLease(world.storeId, lost!, 1000)).toBe(false);
      await world.database.releaseTokenLease(world.storeId, lost!);
      expect(await acquire()).toBeNull();
    });

    it('that has run out is lost, even if nobody took it over', async () => {
      const lost = await acquire();
      world.advance(1000);
      expect(await world.database.renewTokenLease(world.storeId, lost!, 1000)).toBe(false);
    });

    it('lasts from its renewal on', async () => {
      const token = await acquire();
      world.advance(900);
      expect(await world.database.renewTokenLease(world.storeId, token!, 1000)).toBe(true);
      world.advance(900);
      expect(await acquire()).toBeNull();
      world.advance(100);
      expect(await acquire()).not.toBeNull();
    });

    it('is the store’s own, beside its other leases, and nobody has that of a store that is not there', async () => {
      expect(await acquire()).not.toBeNull();
      const other = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
      expect(await world.database.acquireTokenLease(other.id, 1000)).not.toBeNull();
      expect(await world.database.acquireLease(world.storeId, 'customers', 'refresh', 1000)).not.toBeNull();
      expect(await world.database.acquireTokenLease(4_711, 1000)).toBeNull();
    });

    it('survives that its store is started anew: an installation holds it meanwhile', async () => {
      const token = await acquire();
      await world.database.deactivateStore(world.storeId);
      await world.database.activateStore({
        domain: (await world.database.stores())[0]!.domain,
        secretName: 'one',
      });
      expect(await world.database.renewTokenLease(world.storeId, token!, 1000)).toBe(true);
    });
  });
}
