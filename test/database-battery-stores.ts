import { afterEach, beforeEach, expect, it } from 'vitest';
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

  it('starts anew after it was inactive: nothing compared, no census under way, its marks still standing', async () => {
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
    expect(await world.database.run(runId)).toMatchObject({ state: 'failed', held: 0 });
  });

  it('learns what Shopify says of it, and keeps the shop id it learned first (R10)', async () => {
    await world.database.recordShop(world.storeId, facts);
    await world.database.recordShop(world.storeId, { ...facts, shopId: '666', name: 'Renamed' });
    expect(await world.database.stores()).toMatchObject([
      { shopId: '4711', name: 'Renamed', domain: one.domain, settings: { scopes: ['read_orders'] } },
    ]);
  });

  it('changes only the settings that are named', async () => {
    await world.database.recordShop(world.storeId, facts);
    await world.database.updateSettings(world.storeId, { attention: 'token refused' });
    await world.database.updateSettings(world.storeId, { withheld: ['Orders.Email'] });
    expect((await world.database.stores())[0]!.settings).toMatchObject({
      scopes: ['read_orders'],
      attention: 'token refused',
      withheld: ['Orders.Email'],
    });
    await expect(world.database.updateSettings(999, {})).rejects.toThrow();
  });

  it('holds whatever a setting may be, and nothing again', async () => {
    const settings = async () => (await world.database.stores())[0]!.settings;
    const before = await settings();
    const change = {
      attention: 'says "no" \\ ü\n',
      withheld: ['Orders.Email', 'Orders.Note'],
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
