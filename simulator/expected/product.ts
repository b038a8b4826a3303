import type { Product, ProductVariant } from '../model.ts';
import {
  decimal4,
  decimal4OrNull,
  decimalId,
  type ExpectedRow,
  instant,
  instantOrNull,
  times,
} from './row.ts';

export function productRow(product: Product): ExpectedRow {
  return {
    table: 'Products',
    key: decimalId(product.id),
    row: {
      Title: product.title,
      Handle: product.handle,
      Description: product.descriptionHtml,
      Category: product.category?.fullName ?? null,
      Vendor: product.vendor,
      ProductType: product.productType,
      Status: product.status,
      Tags: product.tags.join(', '),
      InventoryQuantity: product.totalInventory,
      PublishedAt: instantOrNull(product.publishedAt),
      IsGiftCard: product.isGiftCard,
      ...times(product),
    },
    children: product.variants.map(variantRow),
  };
}

/** A JSON list in Shopify's order, null where there is none. */
function barcodesOf({ barcode, barcodes }: ProductVariant): string | null {
  const all = barcodes ?? (barcode === null ? [] : [barcode]);
  return all.length === 0 ? null : JSON.stringify(all);
}

function variantRow(variant: ProductVariant): ExpectedRow {
  const { inventoryItem } = variant;
  const { weight } = inventoryItem.measurement;
  return {
    table: 'ProductVariants',
    key: decimalId(variant.id),
    row: {
      ShopifyInventoryItemId: decimalId(inventoryItem.id),
      Title: variant.title,
      Sku: variant.sku,
      Barcode: variant.barcode,
      Barcodes: barcodesOf(variant),
      Position: variant.position,
      Price: decimal4(variant.price),
      CompareAtPrice: decimal4OrNull(variant.compareAtPrice),
      UnitCost: decimal4OrNull(inventoryItem.unitCost?.amount),
      InventoryQuantity: variant.inventoryQuantity,
      ...optionColumns(variant),
      Weight: weight === null ? null : decimal4(String(weight.value)),
      WeightUnit: weight?.unit ?? null,
      RequiresShipping: inventoryItem.requiresShipping,
      Taxable: variant.taxable,
      CreatedAt: instant(variant.createdAt),
      UpdatedAt: instant(variant.updatedAt),
    },
    children: [],
  };
}

/** The first three selected options, in their order. */
export function optionColumns({ selectedOptions: [first, second, third] }: ProductVariant) {
  return {
    Option1Name: first?.name ?? null,
    Option1Value: first?.value ?? null,
    Option2Name: second?.name ?? null,
    Option2Value: second?.value ?? null,
    Option3Name: third?.name ?? null,
    Option3Value: third?.value ?? null,
  };
}
