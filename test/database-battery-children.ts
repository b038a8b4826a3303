import { afterEach, beforeEach, expect, it } from 'vitest';
import { childOf, type Factory, recordOf, worldOf } from './database-fixture.ts';

/** Child sets: replaced with their object, kept where they were withheld. */
export function childrenBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const variant = (key: string, price: string, withheld: readonly string[] = []) =>
    childOf('products', 'ProductVariants', key, { Price: price, UnitCost: price }, { withheld });
  const product = (children: Record<string, readonly ReturnType<typeof variant>[]>, id = '1') =>
    recordOf('products', id, {}, { children });
  const prices = async (id = '1') =>
    (await world.rows('products'))
      .get(id)!
      .children['ProductVariants']!.map((child) => [child.key, child.row['Price'], child.row['UnitCost']]);

  it('are replaced as a whole set', async () => {
    await world.write(
      'products',
      product({ ProductVariants: [variant('11', '1.0000'), variant('12', '2.0000')] }),
    );
    await world.write(
      'products',
      product({ ProductVariants: [variant('13', '4.0000'), variant('12', '3.0000')] }),
    );
    expect(await prices()).toEqual([
      ['12', '3.0000', '3.0000'],
      ['13', '4.0000', '4.0000'],
    ]);
    await world.write('products', product({ ProductVariants: [] }));
    expect(await prices()).toEqual([]);
  });

  it('stay untouched when their table was withheld, and so do their withheld columns (R9)', async () => {
    await world.write('products', product({ ProductVariants: [variant('11', '1.0000')] }));
    await world.write('products', product({}));
    expect(await prices()).toEqual([['11', '1.0000', '1.0000']]);
    await world.write('products', product({ ProductVariants: [variant('11', '2.0000', ['UnitCost'])] }));
    expect(await prices()).toEqual([['11', '2.0000', '1.0000']]);
  });

  it('hold what was sold and whether it is gone, and keep both where they are withheld (R9)', async () => {
    const line = (row: Readonly<Record<string, string | boolean | null>>, withheld: readonly string[] = []) =>
      recordOf(
        'orders',
        '1',
        {},
        { children: { OrderItems: [childOf('orders', 'OrderItems', '2', row, { withheld })] } },
      );
    const held = async () => {
      const { row } = (await world.rows('orders')).get('1')!.children['OrderItems']![0]!;
      return [row['ShopifyProductId'], row['ShopifyVariantId'], row['IsProductGone']];
    };
    await world.write(
      'orders',
      line({ ShopifyProductId: '30', ShopifyVariantId: '31', IsProductGone: false }),
    );
    expect(await held()).toEqual(['30', '31', false]);
    await world.write(
      'orders',
      line({ ShopifyProductId: '30', ShopifyVariantId: '31', IsProductGone: true }),
    );
    expect(await held()).toEqual(['30', '31', true]);
    const withheld = ['ShopifyProductId', 'ShopifyVariantId', 'IsProductGone'];
    await world.write('orders', line({}, withheld));
    expect(await held()).toEqual(['30', '31', true]);
  });

  it('hold a list of barcodes exactly', async () => {
    const list = JSON.stringify([
      '4901234567894',
      'with "quotes" \\ and, a comma',
      'バーコード',
      'x'.repeat(255),
    ]);
    await world.write(
      'products',
      product({
        ProductVariants: [
          childOf('products', 'ProductVariants', '11', { Barcode: '4901234567894', Barcodes: list }),
        ],
      }),
    );
    const { row } = (await world.rows('products')).get('1')!.children['ProductVariants']![0]!;
    expect([row['Barcode'], row['Barcodes']]).toEqual(['4901234567894', list]);
  });

  it('follow to another parent, whichever of the two is written first', async () => {
    const both = (one: readonly string[], two: readonly string[]) => [
      product({ ProductVariants: one.map((key) => variant(key, '1.0000')) }, '1'),
      product({ ProductVariants: two.map((key) => variant(key, '1.0000')) }, '2'),
    ];
    await world.write('products', ...both(['11'], []));
    await world.write('products', ...both([], ['11']));
    expect([await prices('1'), (await prices('2')).length]).toEqual([[], 1]);
    await world.write('products', ...both(['11'], []));
    expect([(await prices('1')).length, await prices('2')]).toEqual([1, []]);
  });

  it('of children are replaced with them', async () => {
    const refunded = (key: string) => childOf('orders', 'RefundItems', key, { Quantity: 1 });
    const refund = (key: string, items: readonly string[]) =>
      childOf('orders', 'Refunds', key, { Note: key }, { children: { RefundItems: items.map(refunded) } });
    const order = (...refunds: readonly ReturnType<typeof refund>[]) =>
      recordOf('orders', '5', {}, { children: { OrderItems: [], Refunds: refunds } });
    const keys = async () =>
      (await world.rows('orders'))
        .get('5')!
        .children['Refunds']!.map(({ key, children }) => [
          key,
          children['RefundItems']!.map((item) => item.key),
        ]);
    await world.write('orders', order(refund('51', ['a', 'b']), refund('52', ['c'])));
    expect(await keys()).toEqual([
      ['51', ['a', 'b']],
      ['52', ['c']],
    ]);
    await world.write('orders', order(refund('51', ['b', 'd'])));
    expect(await keys()).toEqual([['51', ['b', 'd']]]);
    expect(await world.select('select Id from RefundItems')).toHaveLength(2);
  });
}
