import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { type Factory, positionOf, raiseOf, T, worldOf } from './database-fixture.ts';

/** The life of a store: activated, known, deactivated, activated anew. */
export function storesBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const one = { domain: 'one.myshopify.com', secretName: 'one' };
  const census = positionOf({ runId: 1 });
  const facts = {
    shopId: '4711',
    name: 'One',
    domain: 'one.example',
    currency: 'EUR',
    ianaTimezone: 'Europe/Berlin',
    plan: 'plus',
    scopes: ['read_orders'],
    sentAt: T,
  };

  it('is created once and found by its domain', async () => {
    const again = await world.database.activateStore({ ...one, secretName: 'rotated' });
    expect(again).toMatchObject({ id: world.storeId, active: true, shopId: null, secretName: 'rotated' });
    expect(await world.database.stores()).toEqual([again]);
    const two = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
    expect((await world.database.stores()).map(({ id }) => id)).toEqual([world.storeId, two.id]);
  });

  it('keeps its progress when it is activated while active', async () => {
    await world.detect('sweep', { watermark: T });
    await world.database.activateStore(one);
    expect(await world.database.syncState(world.storeId, 'customers')).toMatchObject({ watermark: T });
  });

  it('starts anew after it was inactive: nothing compared, no census under way, its marks still standing, held ones too', async () => {
    await world.detect('sweep', { watermark: T, sweepFinishedAt: T, deepSweepFinishedAt: T });
    const runId = await world.detect('census', { census, censusFinishedAt: T, hold: ['8'] });
    await world.mark(raiseOf('7'));
    await world.database.deactivateStore(world.storeId);
    expect(await world.database.stores()).toMatchObject([{ active: false }]);
    expect(await world.database.dueDoorbells()).toEqual([]);
    expect(await world.database.stalledRuns(0)).toEqual([]);
    expect(await world.database.activateStore(one)).toMatchObject({ id: world.storeId, active: true });
    expect(await world.database.syncState(world.storeId, 'customers')).toEqual({
      watermark: null,
      lastSweepAt: null,
      lastDeepSweepAt: null,
      lastCensusAt: null,
      census: null,
      lastContentAt: null,
      coverageFrom: null,
    });
    expect(await world.take()).toMatchObject([{ id: '7' }]);
    // Only a read ends a mark (R15): the census that follows takes over what an earlier one held.
    expect(await world.database.run(runId)).toMatchObject({ state: 'failed', held: 1 });
  });

  it('learns what Shopify says of it, and keeps the shop id it learned first (R10)', async () => {
    await world.database.recordShop(world.storeId, facts);
    await world.database.recordShop(world.storeId, { ...facts, shopId: '666', name: 'Renamed' });
    expect(await world.database.stores()).toMatchObject([
      { shopId: '4711', name: 'Renamed', domain: one.domain, settings: { scopes: ['read_orders'] } },
    ]);
  });

  const denial = { firstAt: 1_795_500_000_012, since: 1_795_500_000_345, told: false };

  it('changes only the settings that are named', async () => {
    await world.database.recordShop(world.storeId, facts);
    await world.database.updateSettings(world.storeId, { attention: 'token refused' });
    await world.database.updateSettings(world.storeId, { denied: { 'Orders.Email': denial } });
    expect((await world.database.stores())[0]!.settings).toMatchObject({
      scopes: ['read_orders'],
      attention: 'token refused',
      denied: { 'Orders.Email': denial },
    });
    await expect(world.database.updateSettings(999, {})).rejects.toThrow();
  });

  it('holds whatever a setting may be, and nothing again', async () => {
    const settings = async () => (await world.database.stores())[0]!.settings;
    const before = await settings();
    const change = {
      attention: 'says "no" \\ ü\n',
      denied: { 'Orders.Email': denial, 'Orders.Note': { ...denial, since: null } },
      identity: { about: 'old.myshopify.com', says: 'two names' },
      subscribedAt: 1_795_500_000_123,
      refusedTopics: ['CUSTOMERS_MERGE'],
      otherVersion: { version: '2026-07', at: 1_795_500_000_456 },
      answersVersion: { version: '2026-07', at: 1_795_500_000_457 },
      fields: ['ProductVariant.barcodes'],
      owed: { 'orders/sweep': 1_795_500_000_458 },
      brakeHeld: ['orders'],
      brakeReleased: { customers: 1_795_500_000_789 },
    };
    await world.database.updateSettings(world.storeId, change);
    expect(await settings()).toEqual({ ...before, ...change });
    const { scopes: _, ...nothing } = before;
    await world.database.updateSettings(world.storeId, nothing);
    expect(await settings()).toEqual(before);
    await world.database.updateSettings(world.storeId, { ...before, ...change });
    await world.database.updateSettings(world.storeId, {});
    expect(await settings()).toEqual({ ...before, ...change });
  });

  describe('is its shop id (R17):', () => {
    const stores = async () => await world.database.stores();
    const named = (domain: string, more: { shopId?: string; rivals?: readonly string[] } = {}) =>
      world.database.activateStore({ domain, secretName: domain, ...more });

    it('a known id under another name renames the store, which keeps all that is its own', async () => {
      await named(one.domain, { shopId: '4711' });
      await world.detect('sweep', { watermark: T });
      await world.mark(raiseOf('7'));
      const renamed = await named('two.myshopify.com', { shopId: '4711' });
      expect(renamed).toMatchObject({
        ...{ id: world.storeId, domain: 'two.myshopify.com', secretName: 'two.myshopify.com', active: true },
        formerDomains: [one.domain],
      });
      expect(await stores()).toEqual([renamed]);
      expect(await world.database.syncState(world.storeId, 'customers')).toMatchObject({ watermark: T });
      expect(await world.take()).toMatchObject([{ id: '7' }]);
      await named('three.myshopify.com', { shopId: '4711' });
      expect(await named(one.domain, { shopId: '4711' })).toMatchObject({
        ...{ id: world.storeId, domain: one.domain },
        formerDomains: ['two.myshopify.com', 'three.myshopify.com'],
      });
    });

    it('two processes that connect two names of one shop at once end with one store', async () => {
      const other = await world.connect();
      const names = Array.from({ length: 6 }, (_, n) => `n${n}.myshopify.com`);
      const found = await Promise.all(
        names.map((domain, n) =>
          (n % 2 === 0 ? world.database : other).activateStore({ domain, secretName: 's', shopId: '4711' }),
        ),
      );
      expect(new Set(found.map(({ id }) => id)).size).toBe(1);
      expect((await stores()).filter(({ shopId }) => shopId === '4711')).toHaveLength(1);
      await other.close();
    });

    it('a name of another shop is left alone, and so is a shop that has a rival’s name', async () => {
      await named(one.domain, { shopId: '4711' });
      await named('two.myshopify.com', { shopId: '666' });
      const before = await stores();
      expect(await named(one.domain, { shopId: '999' })).toMatchObject({ id: world.storeId, shopId: '4711' });
      expect(await named(one.domain, { shopId: '666' })).toMatchObject({ id: world.storeId, shopId: '4711' });
      const rivals = [one.domain];
      expect(await named('three.myshopify.com', { shopId: '4711', rivals })).toMatchObject({
        ...{ id: world.storeId, domain: one.domain },
      });
      expect(await stores()).toEqual(before);
    });

    it('what was registered by its name alone rests, and becomes the store that it turns out to be', async () => {
      await named(one.domain, { shopId: '4711' });
      const two = { domain: 'two.myshopify.com', secretName: 'two' };
      const unreached = await world.database.registerStore(two);
      expect(unreached).toMatchObject({ shopId: null, active: false, rest: { why: 'unreached' } });
      expect((await world.database.registerStore({ ...two, secretName: 'again' })).id).toBe(unreached.id);
      const asked = {
        ...{ storeId: unreached.id, topic: 'CUSTOMERS_REDACT' as const, digest: 'd', shopId: '4711' },
        ...{ receivedAt: world.now(), customers: ['7'], orders: [], vouched: false },
      };
      const requestId = await world.database.recordPrivacyRequest(asked);
      expect(await named(two.domain, { shopId: '4711' })).toMatchObject({ id: world.storeId });
      expect((await stores()).map(({ id, domain }) => [id, domain])).toEqual([[world.storeId, two.domain]]);
      expect(await world.database.takePrivacyRequest(requestId, 1_000)).toMatchObject({
        storeId: world.storeId,
        keys: [{ entity: 'customers', ids: ['7'] }],
      });
    });

    it('who is registered under a former name is the store that had it', async () => {
      await named(one.domain, { shopId: '4711' });
      await named('two.myshopify.com', { shopId: '4711' });
      const found = await world.database.registerStore({ ...one, secretName: 'new' });
      expect(found).toMatchObject({ id: world.storeId, domain: 'two.myshopify.com', secretName: 'new' });
    });

    it('no answer gives a store the id of another', async () => {
      await named(one.domain, { shopId: '4711' });
      const { id } = await named('two.myshopify.com');
      await world.database.recordShop(id, facts);
      expect((await stores()).map(({ shopId }) => shopId)).toEqual(['4711', null]);
    });
  });

  describe('rests', () => {
    const store = async () => (await world.database.stores())[0]!;

    it('disconnected: looked at when it was not looked at for a while, and by one', async () => {
      const look = (afterMs: number) => world.database.takeLook(world.storeId, afterMs);
      expect(await look(0)).toBe(false);
      await world.database.deactivateStore(world.storeId);
      expect(await store()).toMatchObject({ refused: true, rest: { why: 'disconnected', looks: 0 } });
      expect((await store()).rest!.since).toBe(world.now());
      world.advance(999);
      expect(await look(1_000)).toBe(false);
      world.advance(1);
      expect([await look(1_000), await look(1_000)]).toEqual([true, false]);
      world.advance(5_000);
      expect(await look(1_000)).toBe(true);
      expect((await store()).rest).toMatchObject({ looks: 2 });
      await world.database.lookSoon(world.storeId);
      expect((await store()).rest).toMatchObject({ looks: 0 });
      expect(await look(1_000)).toBe(true);
      await world.database.activateStore(one);
      expect(await store()).toMatchObject({ active: true, refused: false, rest: null, unheard: 0 });
    });

    it('paused: not activated, not looked at, until its pause is ended', async () => {
      const held = await world.lease();
      await world.database.pauseStore(world.storeId);
      expect(await world.database.renewLease(held, 1_000)).toBe(false);
      expect(await store()).toMatchObject({ active: false, refused: false, rest: { why: 'paused' } });
      world.advance(90_000);
      await world.database.deactivateStore(world.storeId);
      expect(await world.database.activateStore(one)).toMatchObject({
        active: false,
        rest: { why: 'paused' },
      });
      expect(await world.database.takeLook(world.storeId, 0)).toBe(false);
      await world.database.endPause(world.storeId);
      expect((await store()).rest).toMatchObject({ why: 'disconnected' });
      expect(await world.database.takeLook(world.storeId, 1_000_000)).toBe(true);
      expect(await world.database.activateStore(one)).toMatchObject({ active: true, rest: null });
      await world.database.endPause(world.storeId);
      expect(await store()).toMatchObject({ active: true });
    });

    it('counts what comes meanwhile, and nothing of a store that is active', async () => {
      await world.database.countUnheard(world.storeId);
      expect((await store()).unheard).toBe(0);
      await world.database.deactivateStore(world.storeId);
      await Promise.all([1, 2, 3].map(() => world.database.countUnheard(world.storeId)));
      expect((await store()).unheard).toBe(3);
    });

    it('its refusals are timed by the database from the first one that nothing has contradicted', async () => {
      expect(await world.database.noteRefusal(world.storeId)).toBe(0);
      world.advance(61_000);
      expect(await world.database.noteRefusal(world.storeId)).toBe(61_000);
      expect(await store()).toMatchObject({ active: true, refused: true });
      await world.database.noteAccess(world.storeId);
      expect(await store()).toMatchObject({ refused: false });
      world.advance(1_000);
      expect(await world.database.noteRefusal(world.storeId)).toBe(0);
      expect(await world.database.noteRefusal(999)).toBe(0);
    });
  });

  it('shows the Web API when it was last compared, and when all of it has been mirrored once', async () => {
    const shown = async () => {
      const [row] = await world.select('select InitialSetupCompleted, LastSyncDate from Stores');
      return [Number(row!['InitialSetupCompleted']), row!['LastSyncDate'] !== null];
    };
    expect(await shown()).toEqual([0, false]);
    await world.detect('sweep', { sweepFinishedAt: T });
    expect(await shown()).toEqual([0, true]);
    for (const entity of ENTITY_NAMES.slice(1)) await world.detect('census', { censusFinishedAt: T }, entity);
    expect(await shown()).toEqual([0, true]);
    await world.detect('census', { censusFinishedAt: T }, ENTITY_NAMES[0]);
    expect(await shown()).toEqual([1, true]);
  });
}
