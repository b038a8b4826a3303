import { afterEach, expect, test } from 'vitest';
import { World } from './world.ts';

/** Batches that cannot be read in one go: too long for a lease, or with one object that Shopify cannot serve. */
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

/** More variants than come with the product itself: each such product costs requests of its own. */
function giveManyVariants(): void {
  const gid = (type: string) => `gid://shopify/${type}/${world.shop.nextId()}`;
  for (const product of [...world.shop.products.values()]) {
    const [variant] = product.variants;
    const variants = Array.from({ length: 101 }, (_, i) => ({
      ...variant!,
      id: gid('ProductVariant'),
      position: i + 1,
      inventoryItem: { ...variant!.inventoryItem, id: gid('InventoryItem') },
    }));
    world.shop.products.put({ ...product, variants });
  }
}

test('a batch that takes longer than its lease is not read in vain: each slice keeps what it has read', async () => {
  const products = 20;
  world = await World.create({ size: { customers: 0, products, orders: 0 } });
  giveManyVariants();
  // Shopify takes its time: all the lists of one batch together take longer than a lease lasts.
  world.rewrite = (body) => {
    world.wait(4_000);
    return body;
  };
  await world.connect();
  const storeId = await world.storeId();
  const mirrored = async () => (await world.database.status(storeId)).rows['Products'];
  for (let rounds = 0; rounds < 10 && (await mirrored()) !== products; rounds++) {
    await world.step();
    world.wait(5_000);
  }
  expect(await mirrored()).toBe(products);
  expect(await world.differences(['products'])).toEqual([]);
});

test('an object that Shopify cannot serve delays no other, and is mirrored once it can be served', async () => {
  world = await World.create({ size: { customers: 40, products: 2, orders: 10 } });
  await world.mirrored();
  const [bad, good] = [...world.shop.customers.values()];
  const here = world;
  const real = here.simulator.fetch.bind(here.simulator);
  const failure = { data: null, errors: [{ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] };
  here.simulator.fetch = async (request) => {
    const text = await request.clone().text();
    if (!text.includes('ReadCustomers') || !text.includes(`"${bad!.id}"`)) return await real(request);
    return Response.json(failure, { headers: { date: new Date(here.now).toUTCString() } });
  };
  here.edit(bad!.id, { note: 'cannot be served' });
  here.edit(good!.id, { note: 'can be served' });
  await here.live(30 * MINUTE);
  const differing = async () => new Set((await here.differences(['customers'])).map(({ id }) => id));
  expect(await differing()).toEqual(new Set([decimal(bad!.id)]));
  here.simulator.fetch = real;
  await here.live(2 * 60 * MINUTE, MINUTE);
  expect(await differing()).toEqual(new Set());
});
