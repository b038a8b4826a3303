/**
 * Bodies of the products' and the inventory's topics. A product carries at most 100 variants in full; all of
 * them, however many, are named in `variant_gids`, last changed first.
 */
import type { Product, ProductVariant } from '../../model.ts';
import { parseAmount } from '../../money.ts';
import type { Shop } from '../../shop.ts';
import { restAmount, restId, restMoney, restTags, restTime, restTimeOrNull } from './rest.ts';

const FULL_VARIANTS_MAX = 100;
const LOCATION_ID = 82_000_000_001n;

export function productBody(shop: Shop, product: Product) {
  return {
    admin_graphql_api_id: product.id,
    body_html: product.descriptionHtml,
    created_at: restTime(shop, product.createdAt),
    handle: product.handle,
    id: restId(product.id),
    product_type: product.productType,
    published_at: restTimeOrNull(shop, product.publishedAt),
    template_suffix: null,
    title: product.title,
    updated_at: restTime(shop, product.updatedAt),
    vendor: product.vendor,
    status: product.status.toLowerCase(),
    published_scope: 'global',
    tags: restTags(product.tags),
    variants: product.variants
      .slice(0, FULL_VARIANTS_MAX)
      .map((variant) => variantBody(shop, product, variant)),
    options: product.options.map((option) => ({
      name: option.name,
      id: restId(option.id),
      product_id: restId(product.id),
      position: option.position,
      values: option.values,
    })),
    images: [],
    image: null,
    media: [],
    variant_gids: variantGids(product.variants),
    has_variants_that_requires_components: false,
    category: categoryBody(product),
  };
}

function variantBody(shop: Shop, product: Product, variant: ProductVariant) {
  const { currencyCode } = shop.profile;
  const price = (text: string) => restAmount(parseAmount(text), currencyCode);
  const [first, second, third] = variant.selectedOptions;
  return {
    admin_graphql_api_id: variant.id,
    barcode: variant.barcode,
    compare_at_price: variant.compareAtPrice === null ? null : price(variant.compareAtPrice),
    created_at: restTime(shop, variant.createdAt),
    id: restId(variant.id),
    inventory_policy: variant.inventoryPolicy.toLowerCase(),
    position: variant.position,
    price: price(variant.price),
    product_id: restId(product.id),
    sku: variant.sku,
    taxable: variant.taxable,
    title: variant.title,
    updated_at: restTime(shop, variant.updatedAt),
    option1: first?.value ?? null,
    option2: second?.value ?? null,
    option3: third?.value ?? null,
    image_id: null,
    inventory_item_id: restId(variant.inventoryItem.id),
    inventory_quantity: variant.inventoryQuantity ?? 0,
    old_inventory_quantity: variant.inventoryQuantity ?? 0,
  };
}

/** In UTC with milliseconds, unlike every other time in the body. */
function variantGids(variants: readonly ProductVariant[]) {
  return variants
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .map(({ id, updatedAt }) => ({
      admin_graphql_api_id: id,
      updated_at: new Date(updatedAt).toISOString(),
    }));
}

function categoryBody({ category }: Product) {
  if (!category) return null;
  const name = category.fullName.split(' > ').at(-1) ?? category.fullName;
  return { admin_graphql_api_id: category.id, name, full_name: category.fullName };
}

/** Products, orders: a deletion names nothing but the id. */
export function deleteBody({ id }: { readonly id: string }) {
  return { id: restId(id) };
}

export function inventoryItemBody(shop: Shop, variant: ProductVariant, at: number) {
  const { inventoryItem } = variant;
  const { weight } = inventoryItem.measurement;
  return {
    id: restId(inventoryItem.id),
    sku: variant.sku,
    created_at: restTime(shop, variant.createdAt),
    updated_at: restTime(shop, at),
    requires_shipping: inventoryItem.requiresShipping,
    cost: inventoryItem.unitCost && restMoney(inventoryItem.unitCost),
    country_code_of_origin: null,
    province_code_of_origin: null,
    harmonized_system_code: null,
    tracked: inventoryItem.tracked,
    country_harmonized_system_codes: [],
    weight_value: weight?.value ?? 0,
    weight_unit: weight?.unit === 'KILOGRAMS' ? 'kg' : 'g',
    admin_graphql_api_id: inventoryItem.id,
  };
}

export function inventoryLevelBody(shop: Shop, variant: ProductVariant, at: number) {
  const itemId = restId(variant.inventoryItem.id);
  return {
    inventory_item_id: itemId,
    location_id: LOCATION_ID,
    available: variant.inventoryQuantity,
    updated_at: restTime(shop, at),
    admin_graphql_api_id: `gid://shopify/InventoryLevel/${LOCATION_ID}?inventory_item_id=${itemId}`,
  };
}
