import { afterEach, expect, test } from 'vitest';
import { compare } from '../local/compare.ts';
import { expectedRows } from '../simulator/expected.ts';
import type { Product } from '../simulator/model.ts';
import { World } from './world.ts';

/** What was sold stays sold: a deleted product still has its sales. */
const size = { customers: 12, products: 8, orders: 40 };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let world: World;
afterEach(() => world.close());

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);

interface Line {
  readonly order: string;
  readonly key: string;
  readonly ids: readonly unknown[];
  readonly gone: unknown;
}
async function lines(): Promise<readonly Line[]> {
  const orders = await world.database.mirrorRows(await world.storeId(), 'orders', null, 1_000);
  return orders.flatMap(({ key: order, children }) =>
    children['OrderItems']!.map(({ key, row }) => ({
      order,
      key,
      ids: [row['ShopifyProductId'], row['ShopifyVariantId'], row['ProductId']],
      gone: row['IsProductGone'],
    })),
  );
}
const soldOf = async (product: Product) =>
  (await lines()).filter(({ ids }) => ids[0] === decimal(product.id));

/** A product that was sold, deleted with its delivery; its lines as they stood before. */
async function deleted() {
  world = await World.create({ size });
  await world.mirrored();
  const sales = Map.groupBy(await lines(), ({ ids }) => ids[0]);
  const most = [...sales].filter(([id]) => id !== null).sort(([, a], [, b]) => b.length - a.length)[0]!;
  const gid = `gid://shopify/Product/${String(most[0])}`;
  const product = world.shop.products.current(gid)!;
  expect(product).toBeDefined();
  const before = await soldOf(product);
  expect(before.every(({ ids, gone }) => ids.every((id) => id !== null) && gone === false)).toBe(true);
  world.change('product-delete', gid);
  await world.live(2 * MINUTE);
  return { product, before };
}

test('after a product is deleted its lines keep their ids, however they are read, and say that it is gone', async () => {
  const { product, before } = await deleted();
  const stays = async (gone: boolean) => {
    const now = new Map((await lines()).map((line) => [line.key, line]));
    for (const line of before) {
      expect(now.get(line.key)?.ids).toEqual(line.ids);
      expect(now.get(line.key)?.gone).toBe(gone);
    }
  };
  await stays(false);
  // By a content census, by a delivery, and by the share of each night.
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  await stays(true);
  for (const { order } of before) {
    const gid = `gid://shopify/Order/${order}`;
    world.shop.orders.put({ ...world.shop.orders.current(gid)!, tags: ['again'], updatedAt: world.now });
  }
  await world.reconcile('sweep', ['orders']);
  await world.live(2 * MINUTE);
  await stays(true);
  world.wait(DAY);
  await world.reconcile('census', ['orders']);
  await world.live(2 * MINUTE);
  await stays(true);
  expect((await soldOf(product)).length).toBe(before.length);
  expect(await world.differences(['orders'])).toEqual([]);
});

test('that it is gone is one change of one column, found once', async () => {
  const { before } = await deleted();
  const storeId = await world.storeId();
  const changes = async () =>
    (await world.database.keyStory(storeId, 'orders', before[0]!.order)).changes.filter(
      ({ type }) => type === 'changed',
    );
  const earlier = (await changes()).length;
  for (let n = 0; n < 3; n++) {
    await world.reconcile('content', ['orders']);
    await world.live(2 * MINUTE);
  }
  const told = await changes();
  expect(told.length).toBe(earlier + 1);
  expect(told.find(({ columns }) => columns?.includes('OrderItems.IsProductGone'))?.columns).toEqual([
    'OrderItems.IsProductGone',
  ]);
});

test('a line that never had a product is not gone, nor is one whose product was never known', async () => {
  world = await World.create({ size });
  const custom = [...world.shop.orders.values()].find(({ lineItems }) =>
    lineItems.some(({ productGid }) => productGid === null),
  );
  const [first] = world.shop.orders.values();
  if (custom === undefined)
    world.shop.orders.put({
      ...first!,
      lineItems: first!.lineItems.map((line) => ({ ...line, productGid: null, variantGid: null })),
    });
  const never = [...world.shop.products.values()].find(({ id }) =>
    [...world.shop.orders.values()].some(({ lineItems }) =>
      lineItems.some(({ productGid }) => productGid === id),
    ),
  )!;
  world.change('product-delete', never.id);
  await world.mirrored();
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  const unsold = (await lines()).filter(({ ids }) => ids[0] === null);
  expect(unsold.length).toBeGreaterThan(0);
  expect(new Set(unsold.map(({ gone }) => gone))).toEqual(new Set([false]));
});

test('a variant that is deleted alone keeps its id on the line, and its product is not gone', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const line = (await lines()).find(({ ids }) => ids[0] !== null && ids[1] !== null)!;
  const gid = `gid://shopify/Product/${String(line.ids[0])}`;
  const product = world.shop.products.current(gid)!;
  const variants = product.variants.filter(({ id }) => decimal(id) !== line.ids[1]);
  world.shop.products.put({ ...product, variants, updatedAt: world.now });
  await world.reconcile('sweep');
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  expect((await lines()).find(({ key }) => key === line.key)).toEqual(line);
});

test('another product that Shopify names overwrites the one that was known', async () => {
  const { before } = await deleted();
  await world.reconcile('content', ['orders']);
  await world.live(2 * MINUTE);
  const [line] = before;
  const gid = `gid://shopify/Order/${line!.order}`;
  const order = world.shop.orders.current(gid)!;
  const [other] = world.shop.products.values();
  world.shop.orders.put({
    ...order,
    lineItems: order.lineItems.map((each) =>
      decimal(each.id) === line!.key
        ? { ...each, productGid: other!.id, variantGid: other!.variants[0]!.id }
        : each,
    ),
    updatedAt: world.now,
  });
  await world.reconcile('sweep', ['orders']);
  await world.live(2 * MINUTE);
  const now = (await lines()).find(({ key }) => key === line!.key)!;
  expect([now.ids[0], now.ids[1], now.gone]).toEqual([
    decimal(other!.id),
    decimal(other!.variants[0]!.id),
    false,
  ]);
});

test('the comparison with the truth notices an id that was lost although the product lives, and a false flag', async () => {
  world = await World.create({ size });
  await world.mirrored();
  const storeId = await world.storeId();
  const line = (await lines()).find(({ ids }) => ids[0] !== null)!;
  const told = async (change: Readonly<Record<string, null | boolean>>) => {
    const spoilt = {
      ...world.database,
      mirrorRows: async (...args: Parameters<typeof world.database.mirrorRows>) =>
        (await world.database.mirrorRows(...args)).map((row) => ({
          ...row,
          children: {
            ...row.children,
            OrderItems: row.children['OrderItems']!.map((child) =>
              child.key === line.key ? { ...child, row: { ...child.row, ...change } } : child,
            ),
          },
        })),
    };
    const { differences } = await compare(spoilt, storeId, 'orders', expectedRows(world.shop, 'orders'));
    return differences.map(({ where }) => where);
  };
  expect(await told({ ShopifyProductId: null })).toContain(`OrderItems/${line.key}.ShopifyProductId differs`);
  expect(await told({ IsProductGone: true })).toContain(`OrderItems/${line.key}.ShopifyProductId differs`);
  expect(await told({})).toEqual([]);
});
