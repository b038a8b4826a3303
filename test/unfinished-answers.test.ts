import { afterEach, describe, expect, test } from 'vitest';
import type { Value } from '../src/entities/column.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { errorAt, nodesOf, type Spoil, spoiling } from './spoiled-answers.ts';
import { World, type WorldOptions } from './world.ts';

/** R9: an answer of which nobody can tell what is missing proves nothing. */

const MINUTE = 60_000;
const size = { customers: 30, products: 8, orders: 30 };
let world: World;
let answers: ReturnType<typeof spoiling>;
afterEach(() => world.close());

async function mirrored(options: WorldOptions = {}): Promise<void> {
  world = await World.create({ size, ...options });
  answers = spoiling(world);
  await world.mirrored();
}

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const customer = (nth = 0) =>
  [...world.shop.customers.values()].filter(({ firstName }) => firstName !== null)[nth]!;
const status = async () => await world.database.status(await world.storeId());
const lacking = async () => (await status()).lacking;
const marks = async () => (await status()).marksWaiting;
const rowsOf = async (entity: EntityName) =>
  await world.database.mirrorRows(await world.storeId(), entity, null, 10_000);
const stored = async (entity: EntityName, gid: string) =>
  (await rowsOf(entity)).find(({ key }) => key === decimal(gid))!;
const rowOf = async (
  gid: string,
  entity: EntityName = 'customers',
): Promise<Readonly<Record<string, Value>>> => (await stored(entity, gid)).row;
const lose = (lost: number) => {
  world.courier.faults = { ...world.courier.faults, lost };
};

describe('a list that is null', () => {
  const nulled =
    (field: string, inner: string | null, path?: 'error'): Spoil =>
    (answer) => {
      for (const [i, node] of nodesOf(answer)) {
        const list = node[field] as { nodes?: Record<string, unknown>[] } | Record<string, unknown>[] | null;
        if (!list) continue;
        if (inner === null) node[field] = null;
        else for (const each of Array.isArray(list) ? list : list.nodes!) each[inner] = null;
        if (path && inner === null) answer.errors.push(errorAt(['nodes', i, field], 'ACCESS_DENIED'));
      }
    };

  const change = (entity: 'products' | 'orders', gid: string) => {
    const objects = world.shop[entity] as typeof world.shop.orders;
    const object = objects.current(gid)!;
    objects.put({ ...object, tags: ['changed'], updatedAt: world.now });
  };

  test.each([
    ['products', 'variants', null],
    ['orders', 'lineItems', null],
    ['orders', 'refunds', null],
    ['orders', 'refunds', 'refundLineItems'],
  ] as const)('without an error is unfinished: %s.%s, %s', async (entity, field, inner) => {
    await mirrored();
    const objects = [...world.shop[entity].values()];
    const { id } = objects.find((each) => !('refunds' in each) || each.refunds.length > 0)!;
    const before = await stored(entity, id);
    answers.spoil = nulled(field, inner);
    change(entity, id);
    await world.reconcile('sweep', [entity]);
    await world.live(5 * MINUTE);
    expect(await stored(entity, id)).toEqual(before);
    expect([await marks(), await lacking()]).toEqual([1, []]);
    answers.spoil = null;
    await world.live(5 * MINUTE);
    expect(await rowOf(id, entity)).toMatchObject({ Tags: 'changed' });
    expect(await marks()).toBe(0);
  });

  test('with an error is withheld: the rest is written, the rows stay, the mark stays', async () => {
    await mirrored();
    const { id } = [...world.shop.products.values()][0]!;
    const before = await stored('products', id);
    answers.spoil = nulled('variants', null, 'error');
    change('products', id);
    await world.reconcile('sweep', ['products']);
    await world.live(5 * MINUTE);
    const after = await stored('products', id);
    expect(after.row).toMatchObject({ Tags: 'changed' });
    expect(after.children).toEqual(before.children);
    expect(await lacking()).toEqual([{ column: 'ProductVariants.*', reason: 'error', rows: 1 }]);
    expect(await marks()).toBe(1);
  });
});

describe('an error that leads to no field', () => {
  const PATHS: readonly (readonly [string, readonly (string | number)[] | undefined])[] = [
    ['no path', undefined],
    ['an empty path', []],
    ['all objects', ['nodes']],
    ['an object that was not asked for', ['nodes', 99]],
    ['a place that is none', ['nodes', 'x', 'firstName']],
    ['the shop', ['shop']],
    ['something that was not asked for', ['somebody', 'else']],
  ];
  const OF_ONE: typeof PATHS = [
    ['an object that is there', ['nodes', 0]],
    ['a value that is there', ['nodes', 0, 'id']],
    ['a column that is there', ['nodes', 0, 'taxExempt']],
    ['a field that was not asked for', ['nodes', 0, 'unheardOf']],
    ['below a field', ['nodes', 0, 'amountSpent', 'unheardOf']],
  ];

  test.each([...PATHS, ...OF_ONE])('%s: no null is taken for real, no mark is cleared', async (_, path) => {
    await mirrored();
    const { id } = customer();
    const before = await rowOf(id);
    answers.spoil = (answer) => {
      if (answer.operation !== 'ReadCustomers') return;
      for (const [, node] of nodesOf(answer)) node['firstName'] = null;
      answer.errors.push(errorAt(path));
    };
    world.edit(id, { note: 'changed' });
    await world.live(5 * MINUTE);
    expect(await rowOf(id)).toEqual(before);
    expect(await marks()).toBe(1);
    answers.spoil = null;
    await world.live(5 * MINUTE);
    expect(await rowOf(id)).toMatchObject({ Note: 'changed', FirstName: before['FirstName'] });
    expect(await marks()).toBe(0);
  });

  test.each(OF_ONE)('%s: the others of the batch are read', async (_, path) => {
    await mirrored();
    const [one, other] = [customer(0), customer(1)];
    answers.spoil = (answer) => {
      const place = nodesOf(answer).find(([, node]) => node['id'] === one.id)?.[0];
      if (answer.operation !== 'ReadCustomers' || place === undefined) return;
      answer.errors.push(errorAt(['nodes', place, ...path!.slice(2)]));
    };
    world.edit(one.id, { note: 'one' });
    world.edit(other.id, { note: 'other' });
    await world.live(5 * MINUTE);
    expect(await rowOf(other.id)).toMatchObject({ Note: 'other' });
    expect((await rowOf(one.id))['Note']).not.toBe('one');
    expect(await marks()).toBe(1);
  });

  test.each(PATHS)('%s: nothing is absent, whole or by its head', async (_, path) => {
    await mirrored();
    const { id } = customer();
    answers.spoil = (answer) => {
      if (!['ReadCustomers', 'LookCustomers'].includes(answer.operation)) return;
      answer.data['nodes'] = (answer.data['nodes'] as unknown[]).map(() => null);
      answer.errors.push(errorAt(path));
    };
    world.edit(id, { note: 'changed' });
    await world.live(5 * MINUTE);
    expect((await stored('customers', id)).deletedAt).toBeNull();
    expect(await marks()).toBe(1);
    // A delete that is announced is looked for by its head.
    await world.database.mark(await world.storeId(), [
      {
        ...{ entity: 'customers', id: decimal(id), lane: 'webhook', reason: 'TEST' },
        ...{ announces: 'absence', expectedUpdatedAt: null, dueInMs: 0 },
      },
    ]);
    await world.live(5 * MINUTE);
    expect((await stored('customers', id)).deletedAt).toBeNull();
    expect(await marks()).toBe(1);
    answers.spoil = null;
    await world.live(15 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test.each([
    ['no path', undefined],
    ['the shop', ['shop']],
    ['the parent', ['parent']],
    ['a variant that is there', ['parent', 'variants', 'nodes', 0]],
    ['another list', ['parent', 'media']],
    ['a variant of something else', ['elsewhere', 'variants', 'nodes', 0, 'sku']],
    ['a variant of another list', ['parent', 'media', 'nodes', 0, 'sku']],
    ['the root', ['root', 'updatedAt']],
  ] as const)('in a later page of a list: %s', async (_, path) => {
    await mirrored();
    const { id } = [...world.shop.products.values()].find(({ variants }) => variants.length > 200)!;
    const before = await stored('products', id);
    answers.spoil = (answer) => {
      if (answer.operation !== 'ReadProductVariants') return;
      const parent = answer.data['parent'] as { variants: { nodes: Record<string, unknown>[] } };
      for (const variant of parent.variants.nodes) variant['sku'] = null;
      answer.errors.push(errorAt(path));
    };
    const product = world.shop.products.current(id)!;
    world.shop.products.put({ ...product, tags: ['changed'], updatedAt: world.now });
    await world.reconcile('sweep', ['products']);
    await world.live(5 * MINUTE);
    expect(await stored('products', id)).toEqual(before);
    expect(await marks()).toBe(1);
    answers.spoil = null;
    await world.live(5 * MINUTE);
    expect(await world.differences(['products'])).toEqual([]);
  });

  test.each([
    ['a page of heads', 'SweepCustomers', ['customers', 'nodes', 0]],
    ['a page of heads', 'SweepCustomers', undefined],
    ['a page of heads', 'CensusCustomers', ['shop']],
    ['the count', 'CountCustomers', undefined],
  ] as const)('beside %s (%s) proves nothing', async (_, operation, path) => {
    await mirrored();
    lose(1);
    const { id } = customer();
    answers.spoil = (answer) => {
      if (answer.operation !== operation) return;
      const list = answer.data['customers'] as { nodes: unknown[] } | undefined;
      list?.nodes.splice(0);
      answer.errors.push(errorAt(path));
    };
    const [before] = await world.database.certificates(await world.storeId(), 1);
    const { watermark } = await world.database.syncState(await world.storeId(), 'customers');
    world.edit(id, { note: 'not told' });
    await world.reconcile(operation === 'SweepCustomers' ? 'sweep' : 'census', ['customers']);
    const [after] = await world.database.certificates(await world.storeId(), 1);
    if (operation === 'CountCustomers') expect(after!.counted).toBeNull();
    else expect(after!.id).toBe(before!.id);
    if (operation === 'SweepCustomers')
      expect((await world.database.syncState(await world.storeId(), 'customers')).watermark).toBe(watermark);
    expect((await status()).rows['Customers']).toBe(30);
    answers.spoil = null;
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('is none where it takes the number of an object’s children and nothing else', async () => {
    await mirrored();
    const [before] = await world.database.certificates(await world.storeId(), 1);
    answers.spoil = (answer) => {
      if (answer.operation !== 'CensusProducts') return;
      const { nodes } = answer.data['products'] as { nodes: Record<string, unknown>[] };
      nodes[0]!['variantsCount'] = null;
      answer.errors.push(errorAt(['products', 'nodes', 0, 'variantsCount']));
    };
    await world.reconcile('census', ['products']);
    await world.live(MINUTE);
    const [after] = await world.database.certificates(await world.storeId(), 1);
    expect(after).toMatchObject({ entity: 'products', verdict: 'matched' });
    expect(after!.id).toBeGreaterThan(before!.id);
  });
});

test('a field that does not stand in the answer is no null: its object is read again', async () => {
  await mirrored();
  const { id, lastName } = customer();
  answers.spoil = (given) => {
    for (const [, node] of nodesOf(given)) if (node['id'] === id) delete node['lastName'];
  };
  world.edit(id, { note: 'x' });
  await world.live(3 * MINUTE);
  expect((await rowOf(id))['LastName']).toBe(lastName);
  expect(await marks()).toBe(1);
  answers.spoil = null;
  await world.live(60 * MINUTE, 30_000);
  expect(await rowOf(id)).toMatchObject({ LastName: lastName, Note: 'x' });
});
