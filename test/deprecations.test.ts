import { readFileSync } from 'node:fs';
import {
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { afterEach, describe, expect, test } from 'vitest';
import { estimateCost } from '../simulator/api/cost.ts';
import { CHANGELOG_READ, DEPRECATIONS } from '../simulator/schema/deprecations.ts';
import { type BarcodeFields, loadSchema, API_VERSION as SIMULATED } from '../simulator/schema/load.ts';
import { NEWER_FIELDS } from '../src/entities/newer-fields.ts';
import type { Log } from '../src/log.ts';
import { API_VERSION } from '../src/shopify/documents.ts';
import { operationsOf } from './operations.ts';
import { tamper } from './tampered.ts';
import { World } from './world.ts';

/** What Shopify deprecates: noticed, and survived in every schema there may be. */
const MINUTE = 60_000;
let world: World | undefined;
afterEach(() => world?.close());

/** The newest schema we know: what the cut says, with what was announced since. */
const SHAPES: readonly (readonly [BarcodeFields, readonly string[]])[] = [
  ['single', []],
  ['both', NEWER_FIELDS],
  ['list', NEWER_FIELDS],
];

describe.each(SHAPES)('every document for a shop whose schema has the barcodes as `%s`', (shape, fields) => {
  const schema = loadSchema(shape);
  test.each(operationsOf(fields))(
    '%s is valid, asks for no deprecated field, and is affordable',
    (_, sent) => {
      const document = parse(sent.operation.text);
      expect(validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule]).map(String)).toEqual([]);
      expect(estimateCost(schema, document, sent.variables)).toBeLessThan(1_000);
    },
  );
});

test('no document asks a field that was announced as deprecated, where its successor is there', () => {
  const schema = loadSchema('both');
  const asked = new Set<string>();
  for (const [, { operation }] of operationsOf(NEWER_FIELDS)) {
    const types = new TypeInfo(schema);
    visit(
      parse(operation.text),
      visitWithTypeInfo(types, {
        Field: ({ name }) => void asked.add(`${types.getParentType()?.name}.${name.value}`),
      }),
    );
  }
  expect(DEPRECATIONS.map(({ field }) => field).filter((field) => asked.has(field))).toEqual([]);
  expect(DEPRECATIONS.map(({ instead }) => instead).filter((field) => !asked.has(field))).toEqual([]);
});

test('what is listed as announced later is unknown to the cut of the schema; else the list is out of date', () => {
  const types = loadSchema();
  for (const { field } of DEPRECATIONS) {
    const [type, name] = field.split('.');
    const known = types.getType(type!);
    const deprecated = known && 'getFields' in known ? known.getFields()[name!] : undefined;
    expect(deprecated, `${field} is gone from the cut: take it off the list`).toBeDefined();
    expect(
      deprecated && 'deprecationReason' in deprecated ? deprecated.deprecationReason : 'gone',
      `${field} is known to the cut: take it off the list`,
    ).toBeUndefined();
  }
});

test('the cut, the changelog that was read and our requests are of one version, and the cut says what it is of', () => {
  expect([SIMULATED, CHANGELOG_READ.version]).toEqual([API_VERSION, API_VERSION]);
  const sdl = readFileSync(
    new URL(`../simulator/schema/admin-${API_VERSION}.graphql`, import.meta.url),
    'utf8',
  );
  expect(sdl.split('\n')[0]).toMatch(/^# Cut from @shopify\/dev-mcp@[\d.]+, Admin API 2026-10\./);
});

describe('barcodes', () => {
  const size = { customers: 2, products: 8, orders: 2 };
  const LIST = ['4901234567894', 'with "quotes", and a comma', 'B0'];
  /** A shop whose schema knows lists has variants with several. */
  const several = ({ shop }: World) => {
    const [product] = shop.products.values();
    const variants = product!.variants.map((variant, i) =>
      i === 0 ? { ...variant, barcode: LIST[0]!, barcodes: LIST } : variant,
    );
    shop.products.put({ ...product!, variants, updatedAt: world!.now });
    return { id: product!.id.split('/').at(-1)!, variant: variants[0]!.id.split('/').at(-1)! };
  };
  const held = async ({ id, variant }: { readonly id: string; readonly variant: string }) => {
    const rows = await world!.database.mirrorRows(await world!.storeId(), 'products', null, 100);
    const row = rows
      .find(({ key }) => key === id)!
      .children['ProductVariants']!.find(({ key }) => key === variant)!.row;
    return [row['Barcode'], row['Barcodes']];
  };

  test.each<BarcodeFields>(['both', 'list'])(
    'of a shop whose schema has them as `%s` are mirrored all, the first of them where it was',
    async (barcodes) => {
      world = await World.create({ size, shop: { barcodes } });
      const where = several(world);
      await world.mirrored();
      expect(await held(where)).toEqual([LIST[0], JSON.stringify(LIST)]);
      expect(await world.differences(['products'])).toEqual([]);
      expect((await world.database.stores())[0]?.settings).toMatchObject({
        attention: null,
        fields: NEWER_FIELDS,
      });
    },
  );

  test('of a shop whose schema has one for each variant are a list of one', async () => {
    world = await World.create({ size });
    await world.mirrored();
    expect(await world.differences(['products'])).toEqual([]);
    const rows = await world.database.mirrorRows(await world.storeId(), 'products', null, 100);
    const variants = rows.flatMap(({ children }) => children['ProductVariants']!);
    expect(variants.some(({ row }) => row['Barcodes'] !== null)).toBe(true);
    for (const { row } of variants)
      expect(row['Barcodes']).toBe(row['Barcode'] === null ? null : JSON.stringify([row['Barcode']]));
    expect((await world.database.stores())[0]?.settings.fields).toEqual([]);
  });

  test.each<BarcodeFields>(['both', 'list'])(
    'are all read again with the hourly look after which the schema becomes `%s`, and no gap is found in it',
    async (barcodes) => {
      world = await World.create({ size });
      await world.mirrored();
      const { gapsFound } = await world.database.status(await world.storeId());
      // A list that was there all the time, of which the older schema told the first.
      const product = [...world.shop.products.values()].find(
        ({ variants }) => variants[0]!.barcode !== null,
      )!;
      const list = [product.variants[0]!.barcode!, ...LIST];
      const variants = product.variants.map((each, i) => (i === 0 ? { ...each, barcodes: list } : each));
      world.shop.products.put({ ...product, variants });
      const where = {
        id: product.id.split('/').at(-1)!,
        variant: product.variants[0]!.id.split('/').at(-1)!,
      };
      world.shop.barcodes = barcodes;
      // What is changed meanwhile is read although the schema is not what it was when it was looked at.
      const other = [...world.shop.products.values()].find(({ id }) => id !== product.id)!;
      world.change('product-edit', other.id);
      await world.live(5 * MINUTE);
      expect((await world.differences(['products'])).filter(({ id }) => other.id.endsWith(`/${id}`))).toEqual(
        [],
      );
      // The hourly look at every store.
      await world.connect();
      await world.live(5 * MINUTE);
      expect(await held(where)).toEqual([list[0], JSON.stringify(list)]);
      expect(await world.differences(['products'])).toEqual([]);
      const status = await world.database.status(await world.storeId());
      expect(status.gapsFound).toBe(gapsFound);
    },
  );

  test('a shop that refuses to tell its schema is connected and read all the same', async () => {
    world = await World.create({ size });
    const real = world.simulator.fetch.bind(world.simulator);
    const denied = { data: null, errors: [{ message: 'no', extensions: { code: 'ACCESS_DENIED' } }] };
    let asked = 0;
    world.simulator.fetch = async (request) => {
      if (!(await request.clone().text()).includes('"ReadSchema"')) return await real(request);
      asked++;
      return Response.json(denied, { headers: { date: new Date(world!.now).toUTCString() } });
    };
    await world.mirrored();
    expect(asked).toBeGreaterThan(0);
    expect(await world.differences(['products'])).toEqual([]);
    expect((await world.database.stores())[0]?.settings.attention).toBeNull();
  });

  test('a shop that does not tell its schema is read by the older field', async () => {
    world = await World.create({ size });
    const tampering = tamper(world, ({ operation, data }) => {
      if (operation === 'ReadSchema') for (const type of Object.keys(data)) data[type] = null;
    });
    await world.mirrored();
    expect(tampering.requests.get('ReadSchema')).toBeGreaterThan(0);
    expect(await world.differences(['products'])).toEqual([]);
  });
});

describe('what Shopify says beside its answers', () => {
  const size = { customers: 3, products: 1, orders: 1 };
  /** A world that is answered with these headers, and what its log says of them. */
  const answeredWith = async (headers: (operation: string) => Readonly<Record<string, string>>) => {
    const said: (readonly [string, unknown])[] = [];
    const log: Log = (name, properties) => {
      if (name === 'answersOdd' || name === 'apiDeprecated') said.push([name, properties]);
    };
    world = await World.create({ size, log });
    await world.connect();
    const tampering = tamper(world, () => {}, headers);
    await world.mirrored();
    return { said, tampering };
  };
  const settings = async () => (await world!.database.stores())[0]!.settings;

  test('answers in another version are said once an hour, shown, and no longer shown when they are over', async () => {
    const { said, tampering } = await answeredWith(() => ({ 'x-shopify-api-version': '2027-01' }));
    const storeId = await world!.storeId();
    const odd = ['answersOdd', { StoreId: storeId, Version: '2027-01', Expected: '2026-10' }];
    expect(said).toEqual([odd]);
    expect((await settings()).answersVersion).toMatchObject({ version: '2027-01' });
    await world!.reconcile('sweep');
    expect(said).toEqual([odd]);
    world!.wait(61 * MINUTE);
    await world!.reconcile('sweep');
    expect(said).toEqual([odd, odd]);
    tampering.end();
    await world!.connect();
    expect((await settings()).answersVersion).not.toBeNull();
    world!.wait(121 * MINUTE);
    await world!.connect();
    expect((await settings()).answersVersion).toBeNull();
    expect(await world!.differences()).toEqual([]);
  });

  test('answers in our version, and without any deprecation, say nothing', async () => {
    const { said } = await answeredWith(() => ({}));
    expect(said).toEqual([]);
    expect((await settings()).answersVersion).toBeNull();
  });

  test('a deprecation is said once a day for each operation', async () => {
    const reason = 'https://shopify.dev/api/usage/versioning#deprecation-practices';
    const { said } = await answeredWith(
      (operation): Readonly<Record<string, string>> =>
        /^Sweep|^ReadProducts$/.test(operation) ? { 'x-shopify-api-deprecated-reason': reason } : {},
    );
    const operations = () =>
      said.map(([name, properties]) =>
        [name, (properties as { readonly Operation: string }).Operation].join(' '),
      );
    for (let n = 0; n < 3; n++) await world!.reconcile('sweep', ['customers', 'orders']);
    expect(operations().sort()).toEqual([
      'apiDeprecated ReadProducts',
      'apiDeprecated SweepCustomers',
      'apiDeprecated SweepOrders',
    ]);
    expect(said[0]![1]).toMatchObject({ Cause: reason });
    world!.wait(24 * 60 * MINUTE);
    await world!.reconcile('sweep', ['customers']);
    expect(operations().filter((each) => each.endsWith('SweepCustomers'))).toHaveLength(2);
  });
});
