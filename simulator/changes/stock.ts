/** What happens to the stock: quantities move the product's `updatedAt`, unit costs do not. */
import type { LineItem, Product, ProductVariant } from '../model.ts';
import { convert, money, parseAmount } from '../money.ts';
import { withInventory } from '../population/products.ts';
import { inventoryItemBody, inventoryLevelBody } from '../webhooks/payloads/product.ts';
import { later } from './order-steps.ts';
import { putUpdated } from './products.ts';
import type { Stage, Subject } from './stage.ts';

export function changeInventory(stage: Stage): Subject | null {
  const { random } = stage;
  const tracked = (variant: ProductVariant) => variant.inventoryItem.tracked;
  const product = stage.choose('products', ({ variants }) => variants.some(tracked));
  if (!product) return null;
  const variant = random.pick(product.variants.filter(tracked));
  const by = random.between(-20, 40) || 1;
  return moveInventory(stage, product, new Map([[variant.id, by]]));
}

/** An order takes what it buys from the stock (`sign` −1), a return brings it back (+1). */
export function moveStock(stage: Stage, lines: readonly LineItem[], sign: 1 | -1): void {
  const moves = new Map<string, Map<string, number>>();
  for (const { productGid, variantGid, quantity } of lines) {
    if (!productGid || !variantGid) continue;
    const ofProduct = moves.get(productGid) ?? new Map<string, number>();
    ofProduct.set(variantGid, (ofProduct.get(variantGid) ?? 0) + sign * quantity);
    moves.set(productGid, ofProduct);
  }
  for (const [productGid, by] of moves) {
    const product = stage.shop.products.current(productGid);
    if (product?.variants.some((one) => by.has(one.id) && one.inventoryItem.tracked)) {
      moveInventory(stage, product, by);
    }
  }
}

function moveInventory(stage: Stage, product: Product, by: ReadonlyMap<string, number>): Subject {
  const moved: ProductVariant[] = [];
  const variants = product.variants.map((variant) => {
    const step = by.get(variant.id) ?? 0;
    if (step === 0 || !variant.inventoryItem.tracked) return variant;
    const inventoryQuantity = (variant.inventoryQuantity ?? 0) + step;
    const availableForSale = inventoryQuantity > 0 || variant.inventoryPolicy === 'CONTINUE';
    const updatedAt = later(variant.updatedAt, stage.at);
    const after = { ...variant, inventoryQuantity, availableForSale, updatedAt };
    moved.push(after);
    return after;
  });
  const done = putUpdated(stage, product, withInventory(variants));
  for (const variant of moved) {
    stage.announce('inventory_levels/update', inventoryLevelBody(stage.shop, variant, stage.at));
  }
  return done;
}

/** The one change of a product that nothing but `inventory_items/update` tells of. */
export function changeUnitCost(stage: Stage): Subject | null {
  const { shop, random, at } = stage;
  const product = stage.choose('products');
  if (!product) return null;
  const chosen = random.pick(product.variants);
  const { currencyCode } = shop.profile;
  const cost = convert(parseAmount(String(random.between(100, 5000))), 'JPY', currencyCode);
  const unitCost = random.chance(0.9) ? money(cost, currencyCode) : null;
  const variant = { ...chosen, inventoryItem: { ...chosen.inventoryItem, unitCost } };
  const variants = product.variants.map((one) => (one.id === chosen.id ? variant : one));
  shop.products.put({ ...product, variants });
  stage.announce('inventory_items/update', inventoryItemBody(shop, variant, at));
  return { kind: 'products', id: product.id };
}
