/** What happens to products and their variants. All of it moves the product's `updatedAt`. */
import type { Product, ProductVariant } from '../model.ts';
import { convert, fixed, parseAmount } from '../money.ts';
import { adjectives, descriptions, productTagSets, wares } from '../population/catalogue.ts';
import { newProduct, withInventory } from '../population/products.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { deleteBody, productBody } from '../webhooks/payloads/product.ts';
import { later } from './order-steps.ts';
import type { Stage, Subject } from './stage.ts';

/** What Shopify allows a product to have. */
const VARIANTS_MAX = 2048;

const subject = (product: Product): Subject => ({ kind: 'products', id: product.id });

export function createProduct(stage: Stage): Subject {
  const { shop, random, at } = stage;
  const product = newProduct(shop, random, { createdAt: at, updatedAt: at, large: random.chance(0.05) });
  shop.products.put(product);
  stage.announce('products/create', productBody(shop, product));
  return subject(product);
}

export function deleteProduct(stage: Stage): Subject | null {
  const product = stage.choose('products');
  if (!product) return null;
  // Line items keep their words; their reference finds nothing from now on.
  stage.shop.products.delete(product.id);
  stage.announce('products/delete', deleteBody(product));
  return subject(product);
}

export function editProduct(stage: Stage): Subject | null {
  const product = stage.choose('products');
  return product && putUpdated(stage, product, anEdit(stage, product));
}

/** The product with what changed, announced by `products/update`. */
export function putUpdated(stage: Stage, product: Product, change: Partial<Product>): Subject {
  const updated = { ...product, ...change, updatedAt: later(product.updatedAt, stage.at) };
  stage.shop.products.put(updated);
  stage.announce('products/update', productBody(stage.shop, updated));
  return subject(updated);
}

function anEdit({ shop, random, at }: Stage, product: Product): Partial<Product> {
  const ware = random.pick(wares);
  const edits: readonly (() => Partial<Product>)[] = [
    () => ({ title: `${random.pick(adjectives)} ${ware.title}` }),
    () => ({ handle: `${ware.handle}-${random.digits(6)}` }),
    () => ({ descriptionHtml: `${random.pick(descriptions)}<p>#${random.digits(3)}</p>` }),
    () => (product.status === 'ACTIVE' ? { status: 'ARCHIVED' } : { status: 'ACTIVE', publishedAt: at }),
    () => ({ tags: random.pick(productTagSets) }),
    () => ({ category: ware.category, productType: ware.productType }),
    () => ({ variants: product.variants.map((variant) => repriced(shop, random, variant, at)) }),
    () => renamedOption(product, random, at),
  ];
  return random.pick(edits)();
}

function repriced(shop: Shop, random: Random, variant: ProductVariant, at: number): ProductVariant {
  const yen = parseAmount(String(random.between(10, 200) * 100));
  const price = fixed(convert(yen, 'JPY', shop.profile.currencyCode), 2);
  const compareAtPrice = random.chance(0.5) ? variant.price : null;
  return { ...variant, price, compareAtPrice, updatedAt: later(variant.updatedAt, at) };
}

/** The first option gets another name, in the product and in each of its variants. */
function renamedOption(product: Product, random: Random, at: number): Partial<Product> {
  const name = `Option ${random.digits(2)}`;
  const rename = <T extends { readonly name: string }>(list: readonly T[]) =>
    list.map((option, index) => (index === 0 ? { ...option, name } : option));
  const variants = product.variants.map((variant) => ({
    ...variant,
    selectedOptions: rename(variant.selectedOptions),
    updatedAt: later(variant.updatedAt, at),
  }));
  return { options: rename(product.options), variants };
}

export function addVariants(stage: Stage): Subject | null {
  const { shop, random, at } = stage;
  const product = stage.choose('products', ({ variants }) => variants.length < VARIANTS_MAX - 5);
  const pattern = product?.variants.at(-1);
  if (!product || !pattern) return null;
  const added = Array.from({ length: random.between(1, 4) }, (_, index) =>
    variantLike(shop, pattern, `${random.digits(4)}-${index}`, product.variants.length + index + 1, at),
  );
  const name = product.options[0]?.name;
  const options = product.options.map((option) =>
    option.name === name ? { ...option, values: [...option.values, ...added.map(firstValue)] } : option,
  );
  const change = { options, hasOnlyDefaultVariant: false, ...withInventory([...product.variants, ...added]) };
  return putUpdated(stage, product, change);
}

const firstValue = (variant: ProductVariant): string => variant.selectedOptions[0]?.value ?? '';

/** A new variant with the same price and another first option. */
function variantLike(shop: Shop, like: ProductVariant, value: string, position: number, at: number) {
  const selectedOptions = like.selectedOptions.map((option, index) =>
    index === 0 ? { ...option, value } : option,
  );
  return {
    ...like,
    id: `gid://shopify/ProductVariant/${shop.nextId()}`,
    createdAt: at,
    updatedAt: at,
    title: selectedOptions.map((option) => option.value).join(' / '),
    sku: null,
    barcode: null,
    position,
    selectedOptions,
    inventoryItem: { ...like.inventoryItem, id: `gid://shopify/InventoryItem/${shop.nextId()}` },
  };
}

/** One to three of the variants go; the others move up. */
export function removeVariants(stage: Stage): Subject | null {
  const { random } = stage;
  const product = stage.choose('products', ({ variants }) => variants.length > 1);
  if (!product) return null;
  const count = Math.min(random.between(1, 3), product.variants.length - 1);
  const from = random.between(0, product.variants.length - count);
  const variants = product.variants
    .toSpliced(from, count)
    .map((variant, index) =>
      variant.position === index + 1 ? variant : { ...variant, position: index + 1 },
    );
  return putUpdated(stage, product, withInventory(variants));
}
