/** One product with its variants, made up. Most are small; now and then one has 250 variants. */
import type { Product, ProductVariant } from '../model.ts';
import { convert, fixed, money, parseAmount, smallest } from '../money.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import {
  adjectives,
  colours,
  descriptions,
  fits,
  productTagSets,
  sizes,
  vendors,
  type Ware,
  wares,
} from './catalogue.ts';

type Choice = ProductVariant['selectedOptions'];

export interface ProductPlan {
  readonly createdAt: number;
  readonly updatedAt: number;
  /** 250 variants in three options. */
  readonly large: boolean;
}

export function newProduct(
  shop: Shop,
  random: Random,
  { createdAt, updatedAt, large }: ProductPlan,
): Product {
  const id = shop.nextId();
  const ware = random.pick(wares);
  const isGiftCard = !large && random.chance(0.02);
  const options = large
    ? optionsOf(shop, [sizes, colours, fits])
    : optionsOf(shop, random.pick(smallOptions));
  const price = priceOf(shop, random, ware);
  const choices = combinations(options);
  const make = (choice: Choice, index: number) =>
    newVariant(shop, random, { choice, position: index + 1, at: createdAt, price, ware, isGiftCard });
  const variants = choices.map(make);
  const status = random.pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'DRAFT', 'ARCHIVED', 'UNLISTED']);
  return {
    __typename: 'Product',
    id: `gid://shopify/Product/${id}`,
    createdAt,
    updatedAt,
    publishedAt: status === 'ACTIVE' ? createdAt : null,
    handle: `${ware.handle}-${id}`,
    title: isGiftCard ? 'ギフトカード' : `${random.pick(adjectives)} ${ware.title}`,
    descriptionHtml: random.pick(descriptions),
    vendor: random.pick(vendors),
    productType: ware.productType,
    status,
    tags: random.pick(productTagSets),
    isGiftCard,
    hasOnlyDefaultVariant: options.length === 1 && options[0]?.values.length === 1,
    category: ware.category,
    options,
    ...withInventory(variants),
  };
}

/** The variants, and the two fields of the product that follow from them. */
export function withInventory(variants: readonly ProductVariant[]) {
  const tracked = variants.filter((variant) => variant.inventoryItem.tracked);
  const totalInventory = tracked.reduce((sum, variant) => sum + (variant.inventoryQuantity ?? 0), 0);
  return { variants, totalInventory, tracksInventory: tracked.length > 0 };
}

const smallOptions: readonly (readonly (readonly string[])[])[] = [
  [['Default Title']],
  [['Default Title']],
  [sizes.slice(1, 4)],
  [sizes, colours.slice(0, 2)],
  [colours.slice(2, 5)],
  [sizes.slice(0, 2), colours.slice(0, 2), fits.slice(0, 2)],
];

function optionsOf(shop: Shop, lists: readonly (readonly string[])[]): Product['options'] {
  const names = lists[0]?.[0] === 'Default Title' ? ['Title'] : ['サイズ', 'Color', 'Fit'];
  return lists.map((values, index) => ({
    id: `gid://shopify/ProductOption/${shop.nextId()}`,
    name: names[index] ?? `Option ${index + 1}`,
    position: index + 1,
    values,
  }));
}

function combinations(options: Product['options']): Choice[] {
  let choices: Choice[] = [[]];
  for (const { name, values } of options) {
    choices = choices.flatMap((choice) => values.map((value) => [...choice, { name, value }]));
  }
  return choices;
}

export interface VariantPlan {
  readonly choice: Choice;
  readonly position: number;
  readonly at: number;
  /** In the shop's currency, as text. */
  readonly price: string;
  readonly ware: Ware;
  readonly isGiftCard: boolean;
}

export function newVariant(shop: Shop, random: Random, plan: VariantPlan): ProductVariant {
  const { ware, at, price } = plan;
  const id = shop.nextId();
  const tracked = !plan.isGiftCard && random.chance(0.85);
  const quantity = random.chance(0.1) ? 0 : random.between(-2, 400);
  return {
    __typename: 'ProductVariant',
    id: `gid://shopify/ProductVariant/${id}`,
    createdAt: at,
    updatedAt: at,
    title: plan.choice.map(({ value }) => value).join(' / '),
    sku: random.chance(0.9) ? `${ware.handle.slice(0, 4).toUpperCase()}-${id.slice(-6)}` : null,
    barcode: random.chance(0.5) ? `49${random.digits(11)}` : null,
    position: plan.position,
    price,
    compareAtPrice: random.chance(0.2) ? higher(shop, price) : null,
    taxable: !plan.isGiftCard && random.chance(0.95),
    availableForSale: !tracked || quantity > 0,
    inventoryPolicy: random.chance(0.1) ? 'CONTINUE' : 'DENY',
    inventoryQuantity: tracked ? quantity : random.chance(0.5) ? 0 : null,
    selectedOptions: plan.choice,
    inventoryItem: {
      __typename: 'InventoryItem',
      id: `gid://shopify/InventoryItem/${shop.nextId()}`,
      tracked,
      requiresShipping: !plan.isGiftCard && ware.weight !== null,
      unitCost: random.chance(0.7) ? costOf(shop, price) : null,
      measurement: { weight: plan.isGiftCard ? null : ware.weight },
    },
  };
}

function priceOf(shop: Shop, random: Random, { price: [low, high] }: Ware): string {
  const yen = parseAmount(String(random.between(low / 100, high / 100) * 100));
  return fixed(convert(yen, 'JPY', shop.profile.currencyCode), 2);
}

function higher(shop: Shop, price: string): string {
  const amount = (parseAmount(price) * 5n) / 4n;
  return fixed(amount - (amount % smallest(shop.profile.currencyCode)), 2);
}

function costOf(shop: Shop, price: string) {
  const { currencyCode } = shop.profile;
  const cost = (parseAmount(price) * 2n) / 5n;
  return money(cost - (cost % smallest(currencyCode)), currencyCode);
}
