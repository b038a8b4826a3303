import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openExportDirectory } from '../app/export-directory.ts';
import { removeStale } from '../privacy/held-exports.ts';
import { askByHand, showRequests } from '../privacy/manual.ts';
import { redactShop } from '../simulator/privacy.ts';
import { privacyWorld, WORD } from './privacy-world.ts';

/** `customers/data_request`: a file with everything, for the operator alone, and not for ever. And requests by hand. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('customers/data_request', () => {
  test('writes everything that is held of the customer into a file that only this user may read', async () => {
    const { world, requestData, exported, readExport, exportDir, customer, orders } = await privacyWorld();
    world.change('customer-edit');
    await world.live(2 * MINUTE_MS);
    requestData();
    await world.work();
    const [name, ...more] = exported();
    expect(more).toEqual([]);
    expect(name).toMatch(/^data-request-\d+\.json$/);
    expect(statSync(join(exportDir, name!)).mode & 0o777).toBe(0o600);
    expect(statSync(exportDir).mode & 0o777).toBe(0o700);
    const held = readExport(name!) as {
      customers: Record<string, unknown>[];
      orders: (Record<string, unknown> & { OrderItems: unknown[]; ShopifyOrderId: string })[];
      shop: string;
    };
    expect(held.shop).toBe('demo.myshopify.com');
    expect(held.customers).toEqual([
      expect.objectContaining({
        ShopifyCustomerId: customer,
        Email: `${WORD}@example.com`,
        Note: WORD,
        TotalSpent: expect.stringMatching(/^\d+\.\d{4}$/),
        CreatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      }),
    ]);
    expect(held.orders.map(({ ShopifyOrderId }) => ShopifyOrderId).sort()).toEqual(orders.toSorted());
    for (const order of held.orders) expect(order.OrderItems.length).toBeGreaterThan(0);
    const [request] = await world.database.privacyRequests(null, 1);
    expect(request).toMatchObject({
      state: 'done',
      message: expect.stringMatching(
        /^written to .*data-request-\d+\.json: send it to the owner of the shop/,
      ),
      certificate: { rows: { Customers: 1, Orders: orders.length }, exports: [name] },
    });
    expect(JSON.stringify(request)).not.toContain(WORD);
  });

  test('tells what the machinery knows, too: which webhooks spoke of them', async () => {
    const { world, requestData, exported, readExport, person, customer } = await privacyWorld();
    world.edit(person().id, { note: WORD });
    await world.live(2 * MINUTE_MS);
    requestData();
    await world.work();
    const { history } = readExport(exported()[0]!) as {
      history: { entity: string; id: string; deliveries: { topic: string }[] }[];
    };
    const own = history.find(({ entity, id }) => entity === 'customers' && id === customer);
    expect(own!.deliveries.map(({ topic }) => topic)).toContain('CUSTOMERS_UPDATE');
  });

  test('without a directory waits, and says what to set', async () => {
    const { world, requestData } = await privacyWorld({ env: { EXPORT_DIR: '' } });
    requestData();
    await world.work();
    const { privacy } = await world.database.status(await world.storeId());
    expect(privacy).toMatchObject({ open: 1, message: expect.stringContaining('EXPORT_DIR') });
  });

  test('in a directory that cannot be written to waits, and is done when it can', async () => {
    const { world, requestData, exported } = await privacyWorld();
    const { exports } = world.service;
    world.service = { ...world.service, exports: openExportDirectory('/dev/null/nowhere') };
    requestData();
    await world.work();
    const { privacy } = await world.database.status(await world.storeId());
    expect(privacy).toMatchObject({
      open: 1,
      message: expect.stringMatching(/cannot be written to \(\w+\)/),
    });
    world.service = { ...world.service, exports };
    await world.live(5 * MINUTE_MS);
    expect(exported()).toHaveLength(1);
  });

  test('leaves a file that goes with the person, and the certificate says so', async () => {
    const { world, requestData, redact, exported } = await privacyWorld();
    requestData();
    await world.work();
    const [name] = exported();
    redact();
    await world.work();
    expect(exported()).toEqual([]);
    const [erasure] = await world.database.privacyRequests(null, 1);
    expect(erasure).toMatchObject({ topic: 'CUSTOMERS_REDACT', certificate: { exports: [name] } });
    expect(await world.database.heldExports()).toEqual([]);
  });

  test('leaves a file that goes with the store', async () => {
    const { world, requestData, exported } = await privacyWorld();
    requestData();
    await world.work();
    expect(exported()).toHaveLength(1);
    world.shop.installed = false;
    await world.database.deactivateStore(await world.storeId());
    world.service.directory.forget();
    world.wait(2 * DAY_MS);
    redactShop(world.shop);
    await world.work();
    expect(exported()).toEqual([]);
    expect(await world.database.stores()).toEqual([]);
  });

  test('that was being written when the person was erased leaves no file', async () => {
    const { world, requestData, redact, exported } = await privacyWorld();
    const { exports } = world.service;
    const others: (() => Promise<void>)[] = [
      async () => {
        redact();
        await world.work();
      },
    ];
    const healthy = world.service;
    world.service = {
      ...healthy,
      exports: {
        ...exports!,
        write: async (name, bytes) => {
          await exports!.write(name, bytes);
          // Read before, noted after: in between the person is erased by another process.
          world.service = healthy;
          await others.pop()?.();
        },
      },
    };
    requestData();
    await world.work();
    expect(exported()).toEqual([]);
  });

  test('leaves a file that is removed after a month', async () => {
    const { world, requestData, exported } = await privacyWorld();
    requestData();
    await world.work();
    world.wait(29 * DAY_MS);
    await removeStale(world.service);
    expect(exported()).toHaveLength(1);
    world.wait(2 * DAY_MS);
    await removeStale(world.service);
    expect(exported()).toEqual([]);
    expect(await world.database.heldExports()).toEqual([]);
  });
});

describe('by hand', () => {
  test('a customer is exported and erased as if Shopify had asked', async () => {
    const { world, customer, exported, wordsFound } = await privacyWorld();
    const store = 'demo.myshopify.com';
    expect(await askByHand(world.service, { store, ask: 'data', customer })).toMatchObject({ status: 202 });
    await world.work();
    expect(exported()).toHaveLength(1);
    expect(await askByHand(world.service, { store, ask: 'erase customer', customer })).toMatchObject({
      status: 202,
    });
    await world.work();
    expect(wordsFound()).toEqual([]);
    expect(exported()).toEqual([]);
    const { body } = await showRequests(world.service, store);
    expect(body['requests']).toMatchObject([{ state: 'done' }, { state: 'done' }]);
  });

  test('a store is erased at once where the operator vouches, but never one that still lets us in', async () => {
    const { world } = await privacyWorld();
    const store = 'demo.myshopify.com';
    await askByHand(world.service, { store, ask: 'erase store' });
    await world.work();
    expect((await world.database.privacyRequests(null, 1))[0]).toMatchObject({ state: 'refused' });
    const { fetch } = world.simulator;
    world.simulator.fetch = async () => new Response('{}', { status: 404 });
    await askByHand(world.service, { store, ask: 'erase store' });
    await world.work();
    expect(await world.database.stores()).toEqual([]);
    world.simulator.fetch = fetch;
  });

  test.each([
    [null, /send a JSON object/],
    [{ store: 'demo.myshopify.com', ask: 'everything' }, /send a JSON object with store, ask/],
    [{ store: 'demo.myshopify.com', ask: 'data', customer: 'jane@example.com' }, /decimal ids/],
    [{ store: 'demo.myshopify.com', ask: 'erase customer' }, /decimal ids/],
    [{ ask: 'erase store' }, /give the domain/],
  ])('%j is refused with what to send', async (json, says) => {
    const { world } = await privacyWorld();
    expect(await askByHand(world.service, json)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(says) },
    });
  });

  test('of a store that is not here is 404', async () => {
    const { world } = await privacyWorld();
    const reply = await askByHand(world.service, { store: 'no.myshopify.com', ask: 'erase store' });
    expect(reply.status).toBe(404);
    expect((await showRequests(world.service, 'no.myshopify.com')).status).toBe(404);
    expect(await showRequests(world.service, null)).toEqual({ status: 200, body: { requests: [] } });
  });
});
