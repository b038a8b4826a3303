import { describe, expect, test } from 'vitest';
import { askByHand } from '../privacy/manual.ts';
import { redactShop } from '../simulator/privacy.ts';
import { markSignal } from '../webhooks/marking.ts';
import { signal } from '../webhooks/signal.ts';
import { type PrivacyWorld, privacyWorld } from './privacy-world.ts';
import type { World } from './world.ts';

/** `shop/redact`: everything of a store goes, but only of one that Shopify no longer lets us into, and for two days. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const ask = async ({ world }: PrivacyWorld): Promise<void> => {
  redactShop(world.shop);
  await world.work();
};

const latest = async (world: World) => (await world.database.privacyRequests(null, 1))[0]!;

/** Rows by table, of every table that says whose they are. */
function rowsByTable({ select }: PrivacyWorld, storeId: number): Readonly<Record<string, number>> {
  const tables = select(
    `SELECT m.name FROM sqlite_master m WHERE m.type = 'table'
     AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'StoreId')`,
  ).map(({ name }) => String(name));
  const counts = [...tables, 'Stores'].map((name) => {
    const column = name === 'Stores' ? 'Id' : 'StoreId';
    const [found] = select(`SELECT COUNT(*) AS n FROM "${name}" WHERE "${column}" = ${storeId}`);
    return [name, Number(found!['n'])] as const;
  });
  return Object.fromEntries(counts.filter(([, n]) => n > 0));
}

describe('shop/redact', () => {
  test('of a store whose app is still installed is refused, and said to the operator', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const storeId = await world.storeId();
    const before = rowsByTable(made, storeId);
    await ask(made);
    const { PrivacyRequests, ...after } = rowsByTable(made, storeId);
    expect(PrivacyRequests).toBe(1);
    expect(after).toEqual(before);
    expect(await latest(world)).toMatchObject({ state: 'refused', certificate: null });
    const { privacy } = await world.database.status(storeId);
    expect(privacy).toMatchObject({
      open: 0,
      refused: 1,
      message: expect.stringMatching(/is installed there: nothing was erased/),
    });
    const [store] = await world.database.stores();
    expect(store!.active).toBe(true);
    world.change('customer-edit');
    await world.live(2 * MINUTE_MS);
    expect(await world.differences()).toEqual([]);
  });

  test('of one that was uninstalled deletes every row, after two days, and leaves a certificate', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const storeId = await world.storeId();
    world.change('customer-edit');
    await world.live(2 * MINUTE_MS);
    world.shop.installed = false;
    await ask(made);
    await world.live(6 * MINUTE_MS);
    const [store] = await world.database.stores();
    expect(store!.active).toBe(false);
    expect(store!.settings.attention).toMatch(/^the app was uninstalled .*: install it again/);
    await world.live(46 * HOUR_MS, 20 * MINUTE_MS);
    expect((await latest(world)).state).toBe('waiting');
    expect(Object.keys(rowsByTable(made, storeId))).toEqual(
      expect.arrayContaining(['Customers', 'Orders', 'Deliveries']),
    );
    expect((await world.database.status(storeId)).privacy).toMatchObject({ open: 1, message: null });
    const { PrivacyRequests: _, ...before } = rowsByTable(made, storeId);
    await world.live(2 * HOUR_MS, 10 * MINUTE_MS);
    expect(rowsByTable(made, storeId)).toEqual({ PrivacyRequests: 1 });
    expect(made.wordsFound()).toEqual([]);
    const { state, message, certificate } = await latest(world);
    expect(state).toBe('done');
    expect(message).toMatch(/disable its secrets in the vault/);
    expect(certificate).toMatchObject({
      topic: 'SHOP_REDACT',
      shopId: world.shop.profile.id.replace('gid://shopify/Shop/', ''),
      subject: null,
    });
    for (const table of ['Customers', 'Orders', 'OrderItems', 'Products', 'ProductVariants', 'Stores'])
      expect([table, certificate!.rows[table]]).toEqual([table, before[table]]);
  });

  test('leaves nothing that names the shop, whatever was asked before', async () => {
    const made = await privacyWorld();
    const { world, select } = made;
    made.requestData();
    await ask(made);
    expect((await latest(world)).state).toBe('refused');
    world.shop.installed = false;
    await world.database.deactivateStore(await world.storeId());
    world.service.directory.forget();
    await world.live(48 * HOUR_MS, HOUR_MS);
    const asked = { store: world.shop.profile.domain, ask: 'erase store' };
    expect((await askByHand(world.service, asked)).status).toBe(202);
    await world.live(5 * MINUTE_MS);
    expect(await world.database.stores()).toEqual([]);
    const tables = select("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) =>
      String(name),
    );
    const everything = tables.flatMap((name) => select(`SELECT * FROM "${name}"`));
    expect(JSON.stringify(everything)).toContain('SHOP_REDACT');
    expect(JSON.stringify(everything)).not.toContain(world.shop.profile.domain.split('.')[0]);
  });

  test('goes on where it was interrupted, and counts every row once', async () => {
    let failures = 0;
    const made = await privacyWorld({
      size: { customers: 900, products: 100, orders: 400 },
      webhooks: false,
      break: (real, world) =>
        new Proxy(real, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              const result: unknown = await value.apply(target, args);
              // Each step takes so long that the slice is over after it.
              if (name === 'eraseStore') {
                failures++;
                world().wait(5 * MINUTE_MS);
              }
              return result;
            };
          },
        }),
    });
    const { world } = made;
    world.shop.appUri = 'https://driftless.test/';
    const storeId = await world.storeId();
    const { SyncRuns: _, ...before } = rowsByTable(made, storeId);
    world.shop.installed = false;
    await ask(made);
    await world.live(50 * HOUR_MS, HOUR_MS);
    expect(failures).toBeGreaterThan(3);
    expect(rowsByTable(made, storeId)).toEqual({ PrivacyRequests: 1 });
    expect((await latest(world)).certificate!.rows).toMatchObject(before);
  });

  test('stops, and refuses, when the app is installed again before the two days are over', async () => {
    const made = await privacyWorld();
    const { world } = made;
    world.shop.installed = false;
    await ask(made);
    await world.live(10 * HOUR_MS, 20 * MINUTE_MS);
    world.shop.installed = true;
    await world.connect();
    await world.live(50 * HOUR_MS, 20 * MINUTE_MS);
    expect((await latest(world)).state).toBe('refused');
    expect(await world.differences()).toEqual([]);
  });

  test('ends where it is when the app is installed again in the middle of it: the store is mirrored anew', async () => {
    const back: { install?: () => Promise<void> } = {};
    const made = await privacyWorld({
      break: (real) =>
        new Proxy(real, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              if (name !== 'eraseStore') return await value.apply(target, args);
              // A few rows, and then the merchant is back.
              const result: unknown = await target.eraseStore(Number(args[0]), 10);
              const { install } = back;
              delete back.install;
              await install?.();
              return result;
            };
          },
        }),
    });
    const { world } = made;
    const storeId = await world.storeId();
    world.shop.installed = false;
    await ask(made);
    back.install = async () => {
      world.shop.installed = true;
      await world.connect();
    };
    await world.live(50 * HOUR_MS, 20 * MINUTE_MS);
    expect(back.install).toBeUndefined();
    expect(await latest(world)).toMatchObject({
      state: 'refused',
      message: expect.stringMatching(/what had been erased is mirrored anew/),
    });
    expect(await world.database.stores()).toMatchObject([{ id: storeId, active: true }]);
    expect(await world.differences()).toEqual([]);
  });

  test('that was refused is taken up when Shopify asks again, rightly this time', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const storeId = await world.storeId();
    await ask(made);
    expect((await latest(world)).state).toBe('refused');
    world.shop.installed = false;
    await world.database.deactivateStore(storeId);
    world.service.directory.forget();
    await world.live(48 * HOUR_MS, HOUR_MS);
    await ask(made);
    await world.live(5 * MINUTE_MS);
    expect(rowsByTable(made, storeId)).toEqual({ PrivacyRequests: 1 });
    expect((await latest(world)).state).toBe('done');
  });

  test('proves nothing while Shopify cannot say: a frozen shop waits, with the reason', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const { fetch } = world.simulator;
    world.simulator.fetch = async () => new Response('{}', { status: 402 });
    await ask(made);
    expect(await latest(world)).toMatchObject({
      state: 'waiting',
      message: expect.stringMatching(/cannot be erased before it is certain .* frozen/),
    });
    world.simulator.fetch = fetch;
  });

  test('leaves no row behind that a late signal would make', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const storeId = await world.storeId();
    world.change('customer-edit');
    await world.courier.pump();
    const late = world.queues.receive('signals', 10, 600_000);
    expect(late.length).toBeGreaterThan(0);
    world.shop.installed = false;
    await world.database.deactivateStore(storeId);
    world.service.directory.forget();
    await world.live(48 * HOUR_MS, HOUR_MS);
    await ask(made);
    for (const { text } of late) {
      const told = signal.parse(JSON.parse(text));
      await markSignal(world.service, told);
      // Nor does it fail for what it would note in the store's settings.
      await markSignal(world.service, { ...told, apiVersion: '2020-01' });
    }
    expect(rowsByTable(made, storeId)).toEqual({ PrivacyRequests: 1 });
  });

  test('leaves the other stores alone', async () => {
    const made = await privacyWorld();
    const { world } = made;
    const other = world.simulator.addShop({ domain: 'other.myshopify.com' });
    world.service = world.process({
      SHOPIFY_2_SHOP: other.profile.domain,
      SHOPIFY_2_CLIENT_ID: other.installation.clientId,
      SHOPIFY_2_CLIENT_SECRET: other.installation.clientSecret,
    });
    await world.mirrored();
    const [first, second] = await world.database.stores();
    const before = rowsByTable(made, second!.id);
    world.shop.installed = false;
    await world.database.deactivateStore(first!.id);
    world.service.directory.forget();
    world.wait(48 * HOUR_MS);
    await ask(made);
    expect(rowsByTable(made, first!.id)).toEqual({ PrivacyRequests: 1 });
    expect(rowsByTable(made, second!.id)).toEqual(before);
  });
});
