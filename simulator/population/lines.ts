/** Line items: a snapshot of what was bought, with the discounts that fell on it. */
import type { LineItem, Product, ProductVariant } from '../model.ts';
import { type Amount, bag, convert, parseAmount, smallest } from '../money.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { customLines } from './catalogue.ts';

export interface Currencies {
  readonly currencyCode: string;
  readonly presentmentCurrencyCode: string;
}

export interface LinePlan extends Currencies {
  readonly quantity: number;
  /** Per cent off this line alone (shows in `totalDiscountSet`). */
  readonly ownPercent: bigint;
  /** Per cent off by a code for the whole order (shows only as an allocation). */
  readonly codePercent: bigint;
}

interface Snapshot {
  readonly title: string;
  readonly variantTitle: string | null;
  readonly sku: string | null;
  readonly vendor: string | null;
  readonly isGiftCard: boolean;
  readonly requiresShipping: boolean;
  readonly taxable: boolean;
  readonly productGid: string | null;
  readonly variantGid: string | null;
  readonly price: Amount;
}

export function boughtLine(shop: Shop, product: Product, variant: ProductVariant, plan: LinePlan): LineItem {
  return newLine(shop, plan, {
    title: product.title,
    variantTitle: product.hasOnlyDefaultVariant ? null : variant.title,
    sku: variant.sku,
    vendor: product.vendor,
    isGiftCard: product.isGiftCard,
    requiresShipping: variant.inventoryItem.requiresShipping,
    taxable: variant.taxable,
    productGid: product.id,
    variantGid: variant.id,
    price: parseAmount(variant.price),
  });
}

/** A line that somebody typed: no product behind it. */
export function customLine(shop: Shop, random: Random, plan: LinePlan): LineItem {
  const yen = parseAmount(String(random.between(3, 20) * 100));
  return newLine(shop, plan, {
    title: random.pick(customLines),
    variantTitle: null,
    sku: null,
    vendor: null,
    isGiftCard: false,
    requiresShipping: false,
    taxable: random.chance(0.5),
    productGid: null,
    variantGid: null,
    price: convert(yen, 'JPY', plan.currencyCode),
  });
}

/** The line of a product that was deleted since: its words stay, its references are gone. */
export function orphaned(line: LineItem): LineItem {
  return { ...line, productGid: null, variantGid: null };
}

function newLine(shop: Shop, plan: LinePlan, { price, ...snapshot }: Snapshot): LineItem {
  const quantity = BigInt(plan.quantity);
  const presentment = convert(price, plan.currencyCode, plan.presentmentCurrencyCode);
  const set = (amount: (unit: Amount, currency: string) => Amount) =>
    bag(
      amount(price, plan.currencyCode),
      plan.currencyCode,
      amount(presentment, plan.presentmentCurrencyCode),
      plan.presentmentCurrencyCode,
    );
  const own = (unit: Amount, currency: string) => part(unit * quantity, plan.ownPercent, currency);
  const byCode = (unit: Amount, currency: string) => part(unit * quantity, plan.codePercent, currency);
  const allocations = [];
  if (plan.ownPercent > 0n) allocations.push({ allocatedAmountSet: set(own) });
  if (plan.codePercent > 0n) allocations.push({ allocatedAmountSet: set(byCode) });
  return {
    __typename: 'LineItem',
    id: `gid://shopify/LineItem/${shop.nextId()}`,
    name: snapshot.variantTitle ? `${snapshot.title} - ${snapshot.variantTitle}` : snapshot.title,
    ...snapshot,
    quantity: plan.quantity,
    currentQuantity: plan.quantity,
    originalUnitPriceSet: set((unit) => unit),
    originalTotalSet: set((unit) => unit * quantity),
    discountedTotalSet: set((unit, currency) => unit * quantity - own(unit, currency)),
    totalDiscountSet: set(own),
    discountAllocations: allocations,
  };
}

function part(amount: Amount, percent: bigint, currency: string): Amount {
  const value = (amount * percent) / 100n;
  return value - (value % smallest(currency));
}
