import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import type { Run, RunKind } from '../src/run.ts';
import { lookForKeys, readKeys } from '../src/shopify/read.ts';
import { type Tampered, tamper } from './tampered.ts';
import { World } from './world.ts';

/** What Shopify answers is taken for what was asked only where it says so itself: `id` of every node and every head. */
const size = { customers: 12, products: 6, orders: 8 };
const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  world = await World.create({ size });
});
afterEach(() => world.close());

const lose = (lost: number) => {
  world.courier.faults = { ...world.courier.faults, lost };
};
const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const rows = async (entity: EntityName) =>
  new Map(
    (await world.database.mirrorRows(await world.storeId(), entity, null, 1_000)).map((row) => [
      row.key,
      row,
    ]),
  );
const marked = async (entity: EntityName, id: string) =>
  (await world.database.mirrorOf(await world.storeId(), entity, [id])).get(id)?.marked ?? false;
const [a, b, c] = [0, 1, 2];

/** Edits three customers, whose nodes are then answered as `place` says. */
async function answered(place: (nodes: readonly unknown[]) => readonly unknown[]) {
  await world.mirrored();
  const gids = [...world.shop.customers.values()].slice(0, 3).map(({ id }) => id);
  for (const id of gids) world.edit(id, { note: `edited ${decimal(id)}` });
  const tampering = tamper(world, ({ operation, data, variables }) => {
    if (operation !== 'ReadCustomers') return;
    const ids = variables['ids'] as readonly string[];
    if (!gids.every((id) => ids.includes(id))) return;
    const known = new Map(ids.map((id, i) => [id, data.nodes[i]]));
    const placed = place(gids.map((id) => known.get(id)));
    data.nodes = ids.map((id) => (gids.includes(id) ? placed[gids.indexOf(id)] : known.get(id)));
  });
  await world.work();
  return { ids: gids.map(decimal), tampering };
}

describe('a node counts for the key that it names itself', () => {
  const note = async (id: string) => (await rows('customers')).get(id)?.row['Note'];
  const cases: readonly (readonly [string, (nodes: readonly unknown[]) => readonly unknown[], number[]])[] = [
    ['a repeated node', (nodes) => [nodes[a], nodes[a], nodes[c]], [b]],
    ['two swapped nodes', (nodes) => [nodes[b], nodes[a], nodes[c]], [a, b]],
    ['a list that has slipped', (nodes) => [nodes[c], nodes[a], nodes[b]], [a, b, c]],
    [
      'a node that is of another type',
      (nodes) => [nodes[a], { ...(nodes[b] as object), id: 'gid://shopify/Order/1' }, nodes[c]],
      [b],
    ],
    [
      'a node of another customer',
      (nodes) => [nodes[a], { ...(nodes[b] as object), id: 'gid://shopify/Customer/77' }, nodes[c]],
      [b],
    ],
  ];
  test.each(cases)('%s clears no mark of another key, and writes no row unread', async (_, place, unread) => {
    const { ids, tampering } = await answered(place);
    for (const [i, id] of ids.entries())
      if (unread.includes(i)) {
        expect(await marked('customers', id)).toBe(true);
        expect(await note(id)).not.toBe(`edited ${id}`);
      } else expect(await note(id)).toBe(`edited ${id}`);
    expect((await rows('customers')).has('77')).toBe(false);
    tampering.end();
    await world.live(10 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('a null beside a node in the wrong place is no absence, read whole or looked for', async () => {
    await world.mirrored();
    const [store] = await world.database.stores();
    const entity = entityOf('customers');
    const shop = { id: `gid://shopify/Shop/${store!.shopId}` };
    const data = { shop, nodes: [{ id: 'gid://shopify/Customer/2' }, null] };
    const api = {
      query: async () => ({ data, errors: [], sentAt: world.now, answeredAt: world.now, points: 1 }),
    };
    for (const read of [readKeys, lookForKeys]) {
      const { reads } = await read(api, store!, entity, ['1', '2']);
      expect([reads.get('1')?.state, reads.get('2')?.state]).toEqual(['unfinished', 'unfinished']);
    }
  });

  test('a head of another object does not say that a deleted one is alive', async () => {
    await world.mirrored();
    const tampering = tamper(world, ({ operation, data }) => {
      if (operation !== 'LookCustomers') return;
      const other = [...world.shop.customers.values()][0]!.id;
      data.nodes = data.nodes.map((node: unknown) => node ?? { id: other, createdAt: '', updatedAt: '' });
    });
    const { id } = world.change('customer-delete');
    await world.work();
    expect(tampering.requests.get('LookCustomers')).toBeGreaterThan(0);
    expect(tampering.requests.get('ReadCustomers') ?? 0).toBeLessThanOrEqual(1);
    expect(await marked('customers', id)).toBe(true);
    tampering.end();
    await world.live(20 * MINUTE);
    expect((await rows('customers')).get(id)?.deletedAt).not.toBeNull();
  });
});

describe('a later page of a list', () => {
  const giant = () => [...world.shop.products.values()].find(({ variants }) => variants.length > 100)!;
  test.each([
    ['of another product', 'parent', { variants: undefined }],
    ['beside another product', 'root', {}],
  ])('%s is not written', async (_, which, more) => {
    const foreign = (data: Tampered['data']) => {
      data[which] = { ...data[which], ...more, id: 'gid://shopify/Product/77' };
      if (which === 'parent')
        data.parent.variants = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
    };
    const tampering = tamper(world, ({ operation, data }) => {
      if (operation === 'ReadProductVariants') foreign(data);
    });
    await world.mirrored();
    const id = decimal(giant().id);
    expect(tampering.requests.get('ReadProductVariants')).toBeGreaterThan(0);
    expect((await rows('products')).has(id)).toBe(false);
    expect(await marked('products', id)).toBe(true);
    tampering.end();
    await world.live(20 * MINUTE);
    expect(await world.differences(['products'])).toEqual([]);
  });
});

/** Every run there was of one kind, latest last. */
async function runs(kind: RunKind, entity: EntityName): Promise<readonly Run[]> {
  const all: Run[] = [];
  for (let id = 1; ; id++) {
    const run = await world.database.run(id);
    if (run === null) return all;
    if (run.kind === kind && run.entity === entity) all.push(run);
  }
}

describe('heads of a page', () => {
  const certified = async () => (await world.database.certificates(await world.storeId(), 50)).length;

  test.each<readonly [string, (nodes: { id: string }[]) => void, RegExp]>([
    ['with an id twice', (nodes) => void nodes.splice(3, 1, nodes[2]!), /twice/],
    ['out of the order of their ids', (nodes) => void nodes.splice(2, 2, nodes[3]!, nodes[2]!), /order/],
    [
      'with an object of another type',
      (nodes) => void nodes.splice(2, 1, { ...nodes[2]!, id: 'gid://shopify/Order/5' }),
      /no Customer/,
    ],
  ])('%s prove nothing: the census fails, says why, and is tried again', async (_, spoil, says) => {
    await world.mirrored();
    lose(1);
    world.change('customer-edit');
    const before = await certified();
    const tampering = tamper(world, ({ operation, data }) => {
      if (operation === 'CensusCustomers') spoil(data.customers.nodes);
    });
    await world.reconcile('census', ['customers']);
    expect(await certified()).toBe(before);
    expect((await runs('census', 'customers')).at(-1)).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(says),
    });
    expect(await world.differences(['customers'])).not.toEqual([]);
    tampering.end();
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
    expect(await certified()).toBe(before + 1);
  });

  test('with an id twice prove nothing to a sweep either: its watermark stays', async () => {
    await world.mirrored();
    const storeId = await world.storeId();
    lose(1);
    for (let n = 0; n < 3; n++) world.change('customer-edit');
    const { watermark } = await world.database.syncState(storeId, 'customers');
    const tampering = tamper(world, ({ operation, data }) => {
      if (operation === 'SweepCustomers') data.customers.nodes.push(data.customers.nodes[0]);
    });
    await world.reconcile('sweep', ['customers']);
    expect((await world.database.syncState(storeId, 'customers')).watermark).toBe(watermark);
    expect((await runs('sweep', 'customers')).at(-1)).toMatchObject({ state: 'failed' });
    tampering.end();
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });
});
