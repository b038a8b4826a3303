import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childOf, type Factory, recordOf, worldOf, writeOf } from './database-fixture.ts';

/** Values, sets and their owners, where one database could be less exact than the other. */
export function exactBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const rowsOf = async (entity: 'customers' | 'orders' | 'products') => await world.rows(entity);

  it('a text arrives in every character, however awkward', async () => {
    const texts = {
      FirstName: `"quoted" \\back\\slash\\n 'single' /`,
      LastName: '\t tab \r\n line \u001f',
      Company: '{"json": ["\\u0041"]} %_[a-z] --; <b>&amp;</b>',
      City: 'Zoë 😀 \u2028 \u00a0 e\u0301 ﷺ',
      Note: `${'"\\\n'.repeat(3000)}${'é'.repeat(4000)} `,
      Tags: ' ',
    };
    await world.write('customers', recordOf('customers', '7', texts), recordOf('customers', '8'));
    await world.write('customers', recordOf('customers', '7', texts));
    expect((await rowsOf('customers')).get('7')!.row).toMatchObject(texts);
    expect((await rowsOf('customers')).get('8')!.row).toMatchObject({ FirstName: null, Note: null });
  });

  it('an empty text is no null', async () => {
    await world.write('customers', recordOf('customers', '7', { City: '', Note: '' }));
    expect((await rowsOf('customers')).get('7')!.row).toMatchObject({ City: '', Note: '', Company: null });
  });

  it('what is withheld of one row is not withheld of the others in the same commit (R9)', async () => {
    const before = ['7', '8', '9'].map((id) => recordOf('customers', id, { City: 'Rome', Email: 'a@b.c' }));
    await world.write('customers', ...before);
    await world.write(
      'customers',
      recordOf('customers', '7', {}, { withheld: ['City'] }),
      recordOf('customers', '8', {}, { withheld: ['Email', 'City'] }),
      recordOf('customers', '9', {}),
    );
    const rows = await rowsOf('customers');
    expect(['7', '8', '9'].map((id) => [rows.get(id)!.row['City'], rows.get(id)!.row['Email']])).toEqual([
      ['Rome', null],
      ['Rome', 'a@b.c'],
      [null, null],
    ]);
  });

  it('a copy follows its source in every character, case and blanks too', async () => {
    const line = childOf('orders', 'OrderItems', '511', { ShopifyProductId: '1' });
    const children = { OrderItems: [line], Refunds: [] };
    await world.write('orders', recordOf('orders', '51', {}, { children }));
    for (const Handle of ['hat', 'Hat', 'Hat ', 'hât']) {
      await world.write('products', recordOf('products', '1', { Handle }));
      await world.database.link(world.storeId, 'products', ['1']);
      const [item] = (await rowsOf('orders')).get('51')!.children['OrderItems']!;
      expect(item!.row['ProductHandle']).toBe(Handle);
    }
  });

  describe('a child', () => {
    const variant = (key: string, Price: string) => childOf('products', 'ProductVariants', key, { Price });
    const product = (id: string, ...variants: readonly ReturnType<typeof variant>[]) =>
      recordOf('products', id, {}, { children: { ProductVariants: variants } });

    it('that two parents of one commit claim belongs to the one that was read last', async () => {
      await world.commit('products', {
        verdicts: [product('1', variant('11', '1.0000')), product('2', variant('11', '2.0000'))].map(
          (record) => writeOf(record),
        ),
      });
      const rows = await rowsOf('products');
      expect(rows.get('1')!.children['ProductVariants']).toEqual([]);
      expect(rows.get('2')!.children['ProductVariants']).toMatchObject([
        { key: '11', row: { Price: '2.0000' } },
      ]);
    });

    it('moves away from a parent that goes, and is not deleted with it', async () => {
      const refund = (key: string, ...items: readonly string[]) => {
        const children = { RefundItems: items.map((item) => childOf('orders', 'RefundItems', item)) };
        return childOf('orders', 'Refunds', key, {}, { children });
      };
      const order = (...refunds: readonly ReturnType<typeof refund>[]) =>
        recordOf('orders', '5', {}, { children: { OrderItems: [], Refunds: refunds } });
      const rowIds = async () => await world.select('select Id from RefundItems order by Id');
      await world.write('orders', order(refund('51', '511', '512')));
      const before = await rowIds();
      await world.write('orders', order(refund('52', '511', '512')));
      expect(await rowIds()).toEqual(before);
      expect((await rowsOf('orders')).get('5')!.children['Refunds']).toMatchObject([
        { key: '52', children: { RefundItems: [{ key: '511' }, { key: '512' }] } },
      ]);
    });

    it('whose set was read is told from one whose set was withheld, in the same commit (R9)', async () => {
      await world.write(
        'products',
        product('1', variant('11', '1.0000')),
        product('2', variant('21', '1.0000')),
      );
      await world.write('products', product('1'), recordOf('products', '2', {}, { children: {} }));
      const rows = await rowsOf('products');
      expect(rows.get('1')!.children['ProductVariants']).toEqual([]);
      expect(rows.get('2')!.children['ProductVariants']).toMatchObject([{ key: '21' }]);
    });
  });
}
