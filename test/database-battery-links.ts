import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Row } from '../src/entities/column.ts';
import { childOf, type Factory, recordOf, T, worldOf } from './database-fixture.ts';

/** Links between rows of different entities, in whatever order those are committed. */
export function linksBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const link = (entity: 'customers' | 'products' | 'orders', ...ids: readonly string[]) =>
    world.database.link(world.storeId, entity, ids);

  const writeOrder = (id: string, customer: string | null, items: Readonly<Record<string, Row>> = {}) => {
    const children = {
      OrderItems: Object.entries(items).map(([key, row]) => childOf('orders', 'OrderItems', key, row)),
      Refunds: [],
    };
    return world.write('orders', recordOf('orders', id, { ShopifyCustomerId: customer }, { children }));
  };
  const writeProduct = (id: string, row: Row, variants: Readonly<Record<string, Row>> = {}) => {
    const children = {
      ProductVariants: Object.entries(variants).map(([key, variant]) =>
        childOf('products', 'ProductVariants', key, variant),
      ),
    };
    return world.write('products', recordOf('products', id, row, { children }));
  };
  const customerOf = async (id: string) => {
    const [row] = await world.select(
      `select c.ShopifyCustomerId as Customer from Orders o left join Customers c on c.Id = o.CustomerId
       where o.ShopifyOrderId = '${id}'`,
    );
    return row!['Customer'];
  };
  const items = async (id: string) => (await world.rows('orders')).get(id)!.children['OrderItems']!;

  describe('an order and its customer', () => {
    it('are linked when the order comes first, and when the customer does', async () => {
      await writeOrder('51', '7');
      await link('orders', '51');
      expect(await customerOf('51')).toBeNull();
      await world.write('customers', recordOf('customers', '7'));
      await link('customers', '7');
      expect(await customerOf('51')).toBe('7');
      await writeOrder('52', '7');
      await link('orders', '52');
      expect(await customerOf('52')).toBe('7');
    });

    it('stay linked when either is written again', async () => {
      await world.write('customers', recordOf('customers', '7'));
      await writeOrder('51', '7');
      await link('orders', '51');
      await writeOrder('51', '7');
      await world.write('customers', recordOf('customers', '7', { City: 'Rome' }));
      expect(await customerOf('51')).toBe('7');
    });

    it('are linked only within the named ids and the store', async () => {
      await world.write('customers', recordOf('customers', '7'), recordOf('customers', '8'));
      await writeOrder('51', '7');
      await writeOrder('52', '8');
      await link('orders', '52');
      await link('customers', '8');
      expect([await customerOf('51'), await customerOf('52')]).toEqual([null, '8']);
      const other = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
      await world.database.link(other.id, 'orders', ['51']);
      expect(await world.database.linkAll(other.id, 100)).toBe(0);
      expect(await customerOf('51')).toBeNull();
    });

    it('part when the order names another customer, or none, even if that one is not mirrored', async () => {
      await world.write('customers', recordOf('customers', '7'), recordOf('customers', '8'));
      await writeOrder('51', '7');
      await link('orders', '51');
      await writeOrder('51', '8');
      await link('orders', '51');
      expect(await customerOf('51')).toBe('8');
      await writeOrder('51', '999');
      await link('orders', '51');
      expect(await customerOf('51')).toBeNull();
      await writeOrder('51', '7');
      await link('orders', '51');
      await writeOrder('51', null);
      await link('orders', '51');
      expect(await customerOf('51')).toBeNull();
    });
  });

  describe('an order item', () => {
    const sold = { ShopifyProductId: '1', ShopifyVariantId: '11' };
    const variant = { CompareAtPrice: '9.5000', Option1Name: 'Size', Option1Value: 'L' };

    it('repeats what its product and variant say, whoever comes first, and follows them', async () => {
      await writeOrder('51', null, { '511': sold, '512': { ShopifyProductId: '2' } });
      await writeProduct('1', { Handle: 'hat', ProductType: 'Hats' }, { '11': variant });
      await link('products', '1');
      const [{ Id }] = (await world.select("select Id from Products where ShopifyProductId = '1'")) as [
        { Id: number },
      ];
      expect((await items('51'))[0]!.row).toMatchObject({
        ...sold,
        ...variant,
        ProductId: Id,
        ProductHandle: 'hat',
        ProductType: 'Hats',
        Option2Name: null,
      });
      expect((await items('51'))[1]!.row).toMatchObject({ ProductId: null, ProductHandle: null });
      await writeProduct('1', { Handle: 'hat-2', ProductType: null }, { '11': { CompareAtPrice: null } });
      await link('products', '1');
      expect((await items('51'))[0]!.row).toMatchObject({
        ProductHandle: 'hat-2',
        ProductType: null,
        CompareAtPrice: null,
        Option1Name: null,
      });
      await writeOrder('52', null, { '521': sold });
      await link('orders', '52');
      expect((await items('52'))[0]!.row).toMatchObject({ ProductId: Id, ProductHandle: 'hat-2' });
    });

    it('keeps its copies when the source is gone, as a record of what was sold', async () => {
      await writeProduct('1', { Handle: 'hat' }, { '11': variant });
      await writeOrder('51', null, { '511': sold });
      await link('orders', '51');
      await writeProduct('1', { Handle: 'hat' });
      await world.bury('products', T, true, '1');
      await link('products', '1');
      await writeOrder('51', null, { '511': {} });
      await link('orders', '51');
      expect((await items('51'))[0]!.row).toMatchObject({
        ...variant,
        ProductHandle: 'hat',
        ProductId: null,
      });
    });
  });

  describe('that are owed by a commit, when its process died before it made them,', () => {
    const owed = async () =>
      (await world.select('select ShopifyId from UnlinkedKeys order by ShopifyId')).map(
        (row) => row['ShopifyId'],
      );

    it('are made in bounded steps, and rows that agree are not touched', async () => {
      const { database, storeId } = world;
      await world.write('customers', recordOf('customers', '7'));
      await link('customers', '7');
      for (const id of ['51', '52', '53']) await writeOrder(id, '7');
      await writeOrder('54', '999');
      expect(await owed()).toEqual(['51', '52', '53', '54']);
      expect(await database.linkAll(storeId, 2)).toBe(2);
      expect(await database.linkAll(storeId, 2)).toBe(1);
      expect(await customerOf('53')).toBe('7');
      expect(await owed()).toEqual([]);
      expect(await database.linkAll(storeId, 2)).toBe(0);
      await writeOrder('53', null);
      expect(await database.linkAll(storeId, 2)).toBe(1);
      expect([await customerOf('52'), await customerOf('53')]).toEqual(['7', null]);
    });

    it('are made from either side, whatever they copy', async () => {
      const sold = { ShopifyProductId: '1', ShopifyVariantId: '11' };
      await writeOrder('51', '7', { '511': sold });
      await link('orders', '51');
      await world.write('customers', recordOf('customers', '7'));
      await writeProduct('1', { Handle: 'hat' }, { '11': { CompareAtPrice: '9.5000' } });
      await world.database.linkAll(world.storeId, 100);
      expect(await customerOf('51')).toBe('7');
      expect((await items('51'))[0]!.row).toMatchObject({ ProductHandle: 'hat', CompareAtPrice: '9.5000' });
      await writeProduct('1', { Handle: 'hat-2' }, { '11': { CompareAtPrice: '8.0000' } });
      await world.database.linkAll(world.storeId, 100);
      expect((await items('51'))[0]!.row).toMatchObject({ ProductHandle: 'hat-2', CompareAtPrice: '8.0000' });
    });

    it('are owed no longer once they are made, and never by a commit that changed no content', async () => {
      await world.write('customers', recordOf('customers', '7'), recordOf('customers', '8'));
      await link('customers', '7');
      expect(await owed()).toEqual(['8']);
      await link('customers', '8');
      await world.write('customers', recordOf('customers', '7', {}, { updatedAt: T + 1000 }));
      await world.bury('customers', T + 2000, true, '8');
      expect(await owed()).toEqual([]);
      await world.write(
        'customers',
        recordOf('customers', '7', { City: 'Rome' }),
        recordOf('customers', '8'),
      );
      expect(await owed()).toEqual(['7', '8']);
    });

    it('are those of their own store', async () => {
      await world.write('customers', recordOf('customers', '7'));
      await writeOrder('51', '7');
      const other = await world.otherStore();
      await other.write('customers', recordOf('customers', '9'));
      await other.database.link(other.storeId, 'customers', ['9']);
      await other.write('orders', recordOf('orders', '60', { ShopifyCustomerId: '9' }));
      expect(await other.database.linkAll(other.storeId, 1)).toBe(1);
      expect(await owed()).toEqual(['51', '7']);
    });
  });
}
