import { afterEach, describe, expect, test } from 'vitest';
import { tick } from '../reconcile/tick.ts';
import type { Value } from '../src/entities/column.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { errorAt, nodesOf, refuseField, type Spoil, spoiling } from './spoiled-answers.ts';
import { World, type WorldOptions } from './world.ts';

/** R9: what Shopify withholds is neither empty nor done, and is remembered with the row that lacks it. */

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
const grant = (scopes: readonly string[]) => {
  world.shop.installation = { ...world.shop.installation, scopes: [...scopes] };
};
const without = (scope: string) => world.shop.installation.scopes.filter((each) => each !== scope);
const lose = (lost: number) => {
  world.courier.faults = { ...world.courier.faults, lost };
};

describe('an error on one field of one object', () => {
  test.each([undefined, 'ACCESS_DENIED', 'NOT_FOUND', 'SOMETHING_NEW'])(
    'keeps the mark until the value is told, however often it comes (%s)',
    async (code) => {
      await mirrored();
      const { id, note } = customer();
      answers.spoil = refuseField(id, 'note', code);
      world.edit(id, { note: 'a new note', lastName: null });
      await world.live(20 * MINUTE);
      expect(await rowOf(id)).toMatchObject({ Note: note, LastName: null });
      expect(await marks()).toBe(1);
      expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'error', rows: 1 }]);
      answers.spoil = null;
      await world.live(60 * MINUTE, 30_000);
      expect(await rowOf(id)).toMatchObject({ Note: 'a new note' });
      expect([await marks(), await lacking()]).toEqual([0, []]);
    },
  );

  test('is asked again ever more rarely', async () => {
    await mirrored();
    const { id } = customer();
    answers.spoil = refuseField(id, 'note');
    world.edit(id, { note: 'a new note' });
    await world.live(30 * MINUTE);
    const before = world.requests;
    lose(1);
    await world.live(2 * 60 * MINUTE, MINUTE);
    expect(world.requests - before).toBeLessThan(10);
    expect(await marks()).toBe(1);
  });

  test('is not forgotten by the status when another object is read', async () => {
    await mirrored();
    const [one, other] = [customer(0), customer(1)];
    answers.spoil = refuseField(one.id, 'note');
    world.edit(one.id, { note: 'a new note' });
    await world.live(2 * MINUTE);
    world.edit(other.id, { note: 'another note' });
    await world.live(2 * MINUTE);
    expect(await rowOf(other.id)).toMatchObject({ Note: 'another note' });
    expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'error', rows: 1 }]);
  });

  test('under one child concerns that child alone, and the others of the batch not at all', async () => {
    await mirrored();
    const products = [...world.shop.products.values()].filter(({ variants }) => variants.length > 1);
    const [one, other] = [products[0]!, products[1]!];
    const variantsOf = async (gid: string) => (await stored('products', gid)).children['ProductVariants']!;
    const [first] = await variantsOf(one.id);
    answers.spoil = (answer) => {
      for (const [i, node] of nodesOf(answer)) {
        const { nodes } = (node['variants'] as { nodes: Record<string, unknown>[] } | undefined) ?? {
          nodes: [],
        };
        const at = nodes.findIndex(({ id }) => decimal(String(id)) === first!.key);
        if (at < 0) continue;
        nodes[at]!['sku'] = null;
        answer.errors.push(errorAt(['nodes', i, 'variants', 'nodes', at, 'sku']));
      }
    };
    const renamed = (gid: string) => {
      const product = world.shop.products.current(gid)!;
      const variants = product.variants.map((variant) => ({ ...variant, sku: null, title: 'renamed' }));
      world.shop.products.put({ ...product, variants, updatedAt: world.now });
    };
    for (const { id } of [one, other]) renamed(id);
    await world.reconcile('sweep', ['products']);
    await world.live(5 * MINUTE);
    const after = await variantsOf(one.id);
    expect(after.find(({ key }) => key === first!.key)!.row).toMatchObject({
      Title: 'renamed',
      Sku: first!.row['Sku'],
    });
    expect(after.filter(({ row }) => row['Sku'] === null)).toHaveLength(after.length - 1);
    for (const { row } of await variantsOf(other.id))
      expect(row).toMatchObject({ Title: 'renamed', Sku: null });
    expect(await lacking()).toEqual([{ column: 'ProductVariants.Sku', reason: 'error', rows: 1 }]);
    expect(await marks()).toBe(1);
  });
});

describe('a field that is denied', () => {
  test('to all objects, in two answers SETTLE apart, lets the marks go: a still store is quiet', async () => {
    world = await World.create({ size });
    world.shop.withheld.add('Customer.note');
    await world.mirrored();
    expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'denied', rows: 30 }]);
    expect(await marks()).toBe(0);
    const still = await world.snapshot();
    await world.reconcile('sweep');
    await world.live(10 * MINUTE);
    expect(await world.snapshot()).toEqual(still);
  });

  test('keeps its marks until SETTLE has passed', async () => {
    world = await World.create({ size });
    world.shop.withheld.add('Customer.note');
    await world.connect();
    await world.live(25_000);
    expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'error', rows: 30 }]);
    expect(await marks()).toBeGreaterThanOrEqual(30);
  });

  test('to few of many keeps their marks', async () => {
    await mirrored();
    world.shop.withheld.add('Customer.note');
    for (let nth = 0; nth < 5; nth++) world.edit(customer(nth).id, { note: 'a new note' });
    await world.live(30 * MINUTE);
    expect(await marks()).toBe(5);
    expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'error', rows: 5 }]);
  });

  test('to one object, however often, is not denied to all', async () => {
    await mirrored();
    const { id } = customer();
    world.shop.withheld.add('Customer.note');
    for (let times = 0; times < 25; times++) {
      world.edit(id, { note: `note ${times}` });
      await world.live(MINUTE);
    }
    expect(await marks()).toBe(1);
  });

  test('to some and told of one is none: the marks of the others stay', async () => {
    world = await World.create({ size });
    answers = spoiling(world);
    const { id: told } = customer(7);
    answers.spoil = (answer) => {
      for (const [i, node] of nodesOf(answer)) {
        if (node['id'] === told || !('note' in node)) continue;
        node['note'] = null;
        answer.errors.push(errorAt(['nodes', i, 'note'], 'ACCESS_DENIED'));
      }
    };
    await world.mirrored();
    await world.reconcile('content', ['customers']);
    await world.live(10 * MINUTE);
    expect(await lacking()).toEqual([{ column: 'Customers.Note', reason: 'error', rows: 29 }]);
    expect(await marks()).toBe(29);
  });

  test('is known until it is told once: then a denial counts for one object again', async () => {
    world = await World.create({ size });
    answers = spoiling(world);
    world.shop.withheld.add('Customer.note');
    await world.mirrored();
    world.shop.withheld.clear();
    world.edit(customer(3).id, { note: 'told' });
    await world.live(2 * MINUTE);
    const { id } = customer(4);
    answers.spoil = refuseField(id, 'note', 'ACCESS_DENIED');
    world.edit(id, { note: 'not told' });
    await world.live(10 * MINUTE);
    expect(await marks()).toBe(1);
  });

  test('says nothing of objects that have nothing to tell', async () => {
    world = await World.create({ size });
    // Customers without an address of e-mail are never asked for it, and tell neither.
    world.shop.withheld.add('CustomerEmailAddress.emailAddress');
    expect([...world.shop.customers.values()].some((each) => each.defaultEmailAddress === null)).toBe(true);
    await world.mirrored();
    expect(await marks()).toBe(0);
    expect((await lacking()).map(({ column, reason }) => [column, reason])).toEqual([
      ['Customers.AcceptsEmailMarketing', 'denied'],
      ['Customers.Email', 'denied'],
    ]);
  });

  test('is asked anew once the scopes have changed', async () => {
    world = await World.create({ size });
    world.shop.withheld.add('Customer.note');
    const all = world.shop.installation.scopes;
    grant(without('read_products'));
    await world.mirrored();
    expect(Object.values((await world.database.stores())[0]!.settings.denied)).toHaveLength(1);
    grant(all);
    await world.connect();
    expect((await world.database.stores())[0]!.settings.denied).toEqual({});
  });
});

describe('a column without its scope', () => {
  test('lets the marks go, and the row remembers it', async () => {
    await mirrored();
    grant(without('read_orders'));
    await world.connect();
    const { id } = customer();
    world.edit(id, { note: 'a new note' });
    await world.live(2 * MINUTE);
    expect(await marks()).toBe(0);
    expect(await lacking()).toEqual([
      { column: 'Customers.LastOrderDate', reason: 'scope', rows: 1 },
      { column: 'Customers.LastShopifyOrderId', reason: 'scope', rows: 1 },
    ]);
  });
});

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
});

describe('a scope that comes back', () => {
  const shown = async () => (await world.database.stores())[0]!.settings.scopes;

  test('noticed first by a burial’s own look is caught up', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_products'));
    await world.connect();
    const order = [...world.shop.orders.values()].find(({ lineItems }) =>
      lineItems.some((each) => each.productGid),
    )!;
    // Of an order that is new, the app cannot see what was sold.
    world.change('order-create');
    await world.live(2 * MINUTE);
    expect((await lacking()).map(({ column }) => column)).toContain('OrderItems.ShopifyProductId');
    grant(all);
    const { id: gone } = [...world.shop.orders.values()].find(({ id }) => id !== order.id)!;
    world.change('order-delete', gone);
    await world.live(2 * MINUTE);
    expect(await shown()).toContain('read_products');
    await world.live(10 * MINUTE);
    expect(await lacking()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });

  test('owes nothing to entities that it does not open', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_products'));
    await world.connect();
    await world.live(2 * MINUTE);
    grant(all);
    await world.connect();
    const { contentOwed } = (await world.database.stores())[0]!.settings;
    expect(Object.keys(contentOwed).sort()).toEqual(['orders', 'products']);
  });

  test('read_all_orders owes the orders', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_all_orders'));
    await world.connect();
    grant(all);
    await world.connect();
    const { contentOwed } = (await world.database.stores())[0]!.settings;
    expect(Object.keys(contentOwed)).toEqual(['orders']);
  });

  test('is owed before it is noted, and stays owed until it is enqueued, whoever dies in between', async () => {
    await mirrored();
    const all = world.shop.installation.scopes;
    grant(without('read_orders'));
    await world.connect();
    world.edit(customer().id, { note: 'a new note' });
    await world.live(2 * MINUTE);
    grant(all);
    const { send } = world.queues;
    world.queues.send = async () => {
      throw new Error('the process died');
    };
    await world.connect();
    expect(await shown()).toContain('read_orders');
    await expect(tick(world.service)).rejects.toThrow('the process died');
    world.queues.send = send;
    await world.live(10 * MINUTE);
    expect(await lacking()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});
