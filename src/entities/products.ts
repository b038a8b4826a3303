import { z } from 'zod';
import {
  boolean,
  type Column,
  derived,
  id,
  instant,
  integer,
  longText,
  measure,
  money,
  since,
  text,
  words,
} from './column.ts';
import type { ChildSet, Entity, TopicKey } from './entity.ts';

/** The name or value of the n-th option of a variant; null when it has fewer. */
const option = (position: 1 | 2 | 3, field: 'name' | 'value'): Column =>
  derived(
    'text',
    ['selectedOptions { name value }'],
    z.tuple([z.array(z.object({ name: z.string().max(255), value: z.string().max(255) }))]),
    ([options]) => options[position - 1]?.[field] ?? null,
    { length: 255 },
  );

/** Shopify's own limit; the first is what `barcode` was. As a connection it costs seven points for each variant. */
const BARCODES = 'barcodes(first: 20) { nodes { value } }';
const barcode = z.string().max(255, 'is longer than 255 characters');
const barcodes = z.tuple([z.object({ nodes: z.array(z.object({ value: barcode })) })]);
const json = (values: readonly string[]) => (values.length === 0 ? null : JSON.stringify(values));

/** `barcode` is deprecated in 2026-10 in favour of `barcodes`; schemas have the one, the other, or both. */
const asList = (before: Column, after: Column): Column => since('ProductVariant.barcodes', before, after);

/** Variants have no delete topic and no `UPDATED_AT` sort key: they are found through their product, as a whole set. */
const variants: ChildSet = {
  table: 'ProductVariants',
  key: 'ShopifyVariantId',
  parent: 'ProductId',
  type: 'ProductVariant',
  field: 'variants',
  shape: 'connection',
  first: 100,
  countField: 'variantsCount',
  args: 'sortKey: POSITION',
  columns: {
    ShopifyInventoryItemId: id('inventoryItem.id'),
    Title: text('title', 255),
    Sku: text('sku', 255),
    Barcode: asList(
      text('barcode', 255),
      derived('text', [BARCODES], barcodes, ([{ nodes }]) => nodes[0]?.value ?? null, { length: 255 }),
    ),
    Barcodes: asList(
      derived('longText', ['barcode'], z.tuple([barcode]), ([value]) => json([value])),
      derived('longText', [BARCODES], barcodes, ([{ nodes }]) => json(nodes.map(({ value }) => value))),
    ),
    Position: integer('position'),
    Price: money('price'),
    CompareAtPrice: money('compareAtPrice'),
    UnitCost: money('inventoryItem.unitCost.amount'),
    InventoryQuantity: integer('inventoryQuantity'),
    Option1Name: option(1, 'name'),
    Option1Value: option(1, 'value'),
    Option2Name: option(2, 'name'),
    Option2Value: option(2, 'value'),
    Option3Name: option(3, 'name'),
    Option3Value: option(3, 'value'),
    Weight: measure('inventoryItem.measurement.weight.value'),
    WeightUnit: text('inventoryItem.measurement.weight.unit', 50),
    RequiresShipping: boolean('inventoryItem.requiresShipping'),
    Taxable: boolean('taxable'),
    CreatedAt: instant('createdAt'),
    UpdatedAt: instant('updatedAt'),
  },
  children: [],
};

const own: TopicKey = { entity: 'products', path: 'id', own: true, announces: 'presence' };

/** Products with their variants. An order on a tracked product moves the product's `updatedAt` too. */
export const products = {
  name: 'products',
  called: { en: 'products', ja: '商品' },
  type: 'Product',
  countField: 'productsCount',
  table: 'Products',
  key: 'ShopifyProductId',
  scope: 'read_products',
  topicScopes: [],
  sweptAt: '0 30 */4 * * *',
  batch: 250,
  filterByWholeDay: false,
  windowed: false,
  columns: {
    Title: text('title', 255),
    Handle: text('handle', 255),
    Description: longText('descriptionHtml'),
    Category: text('category.fullName', 500),
    Vendor: text('vendor', 255),
    ProductType: text('productType', 255),
    Status: text('status', 50),
    Tags: words('tags'),
    InventoryQuantity: integer('totalInventory'),
    PublishedAt: instant('publishedAt'),
    IsGiftCard: boolean('isGiftCard'),
  },
  children: [variants],
  topics: {
    PRODUCTS_CREATE: [own],
    PRODUCTS_UPDATE: [own],
    PRODUCTS_DELETE: [{ ...own, own: false, announces: 'absence' }],
    INVENTORY_ITEMS_UPDATE: [
      { ...own, own: false, through: { table: 'ProductVariants', column: 'ShopifyInventoryItemId' } },
    ],
  },
  links: [],
  affects: [],
  erasedWith: [],
} as const satisfies Entity;
