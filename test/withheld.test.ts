import { afterEach, describe, expect, test } from 'vitest';
import type { Value } from '../src/entities/column.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { errorAt, nodesOf, refuseField, spoiling } from './spoiled-answers.ts';
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

  test('in all that changed, which told it since the scopes were read, keeps their marks', async () => {
    await mirrored();
    world.shop.withheld.add('Customer.note');
    const changed = [...world.shop.customers.values()].slice(0, 25);
    for (const { id } of changed) world.edit(id, { note: 'new' });
    await world.live(2 * MINUTE);
    expect(await marks()).toBe(25);
    world.shop.withheld.clear();
    await world.live(30 * MINUTE, MINUTE);
    for (const { id } of changed) expect(await rowOf(id)).toMatchObject({ Note: 'new' });
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
