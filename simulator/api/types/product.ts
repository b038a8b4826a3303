import { BY_ID } from '../../collection.ts';
import type { Money, Product, ProductVariant } from '../../model.ts';
import { numericId } from '../../ordering.ts';
import { type Args, PAGE_MAX, pageOf } from '../page.ts';
import { notSimulated } from '../problem.ts';
import type { Reading } from '../reading.ts';
import type { Resolvers } from '../resolver.ts';

/** `Product.variants` says: as many as this when a single product is asked at the root. */
const VARIANTS_OF_ONE_PRODUCT_MAX = 2048;

export const product: Resolvers<Product> = {
  legacyResourceId: ({ id }) => numericId(id),
  variants: ({ variants }, args, _reading, { path }) => {
    const atRoot = path.prev?.prev === undefined;
    return pageOf(sorted(variants, args), args, atRoot ? VARIANTS_OF_ONE_PRODUCT_MAX : PAGE_MAX);
  },
  variantsCount: ({ variants }) => ({ count: variants.length, precision: 'EXACT' }),
  totalVariants: ({ variants }) => variants.length,
  options: ({ options }, { first }) => options.slice(0, typeof first === 'number' ? first : undefined),
  priceRangeV2: ({ variants }, _args, { shop }) => {
    const prices = variants.map(({ price }) => price).sort((a, b) => Number(a) - Number(b));
    const money = (amount = '0.0'): Money => ({ amount, currencyCode: shop.profile.currencyCode });
    return { minVariantPrice: money(prices[0]), maxVariantPrice: money(prices.at(-1)) };
  },
  seo: () => ({ title: null, description: null }),
};

export const productVariant: Resolvers<ProductVariant> = {
  legacyResourceId: ({ id }) => numericId(id),
  product: ({ id }, _args, reading) => productOf(reading, id),
  inventoryItem: ({ inventoryItem }) => inventoryItem,
};

/** Only in the schemas that have them. */
export const variantBarcodes: Resolvers<ProductVariant> = {
  barcodes: ({ barcode, barcodes }, args) => {
    const all = barcodes ?? (barcode === null ? [] : [barcode]);
    return pageOf(
      all.map((value) => ({ id: null, type: null, value })),
      args,
    );
  },
};

export const inventoryItem: Resolvers<ProductVariant['inventoryItem']> = {
  legacyResourceId: ({ id }) => numericId(id),
  variant: ({ id }, _args, reading) => variantOf(reading, id),
  sku: ({ id }, _args, reading) => variantOf(reading, id)?.sku ?? null,
};

/** The product that has this variant or inventory item now. */
export function productOf(reading: Reading, gid: string): Product | null {
  const owner = reading.shop.products.ownerOf(gid);
  return owner === null ? null : reading.get('products', owner);
}

/** The variant by its own GID or by that of its inventory item. */
export function variantOf(reading: Reading, gid: string): ProductVariant | null {
  const variants = productOf(reading, gid)?.variants ?? [];
  return variants.find(({ id, inventoryItem: { id: itemId } }) => id === gid || itemId === gid) ?? null;
}

function sorted(variants: readonly ProductVariant[], { sortKey }: Args): readonly ProductVariant[] {
  if (sortKey === 'POSITION') return variants;
  if (sortKey !== 'ID') throw notSimulated(`variants sorted by ${String(sortKey)}`);
  return variants.toSorted((a, b) => Number(BY_ID.rankOf(a)) - Number(BY_ID.rankOf(b)));
}
