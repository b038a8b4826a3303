/** One order as it was placed: nothing paid, sent or taken back yet. `lifetimes.ts` gives it its past. */
import { withTotals } from '../changes/totals.ts';
import type { Customer, LineItem, Order } from '../model.ts';
import { bag, convert, parseAmount } from '../money.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { discountCodes, orderNotes, orderTagSets, sources } from './catalogue.ts';
import { boughtLine, type Currencies, customLine, type LinePlan, orphaned } from './lines.ts';

export interface OrderPlan {
  readonly at: number;
  readonly number: number;
  /** Null for a guest. */
  readonly customer: Customer | null;
  readonly lineCount: number;
  /** Share of lines whose product no longer exists. */
  readonly orphans: number;
}

export function newOrder(shop: Shop, random: Random, plan: OrderPlan): Order {
  const { at, customer } = plan;
  const currencies = currenciesOf(shop, random);
  const code = random.chance(0.15) ? random.pick(discountCodes) : null;
  const id = `gid://shopify/Order/${shop.nextId()}`;
  const lineItems = newLines(shop, random, plan, currencies, code ? 10n : 0n);
  const shipping = shippingOf(random, currencies);
  const address = customer?.defaultAddress ?? null;
  const none = bag(0n, currencies.currencyCode, 0n, currencies.presentmentCurrencyCode);
  const email = customer?.defaultEmailAddress?.emailAddress ?? null;
  const placed = withTotals({
    __typename: 'Order',
    id,
    name: `#${plan.number}`,
    number: plan.number,
    createdAt: at,
    processedAt: at,
    updatedAt: at,
    cancelledAt: null,
    cancelReason: null,
    closedAt: null,
    closed: false,
    confirmed: true,
    edited: false,
    test: random.chance(0.02),
    email: customer ? email : random.chance(0.3) ? null : `guest.${random.digits(6)}@example.net`,
    phone: customer?.defaultPhoneNumber?.phoneNumber ?? null,
    customerLocale: random.chance(0.9) ? (customer?.locale ?? 'ja') : null,
    customerGid: customer?.id ?? null,
    note: random.chance(0.08) ? random.pick(orderNotes) : null,
    tags: random.pick(orderTagSets),
    sourceName: random.chance(0.98) ? random.pick(sources) : null,
    displayFinancialStatus: null,
    displayFulfillmentStatus: 'UNFULFILLED',
    returnStatus: 'NO_RETURN',
    ...currencies,
    taxesIncluded: currencies.currencyCode === 'JPY',
    taxExempt: customer?.taxExempt ?? false,
    discountCodes: code ? [code] : [],
    shippingAddress: address,
    billingAddress: address,
    subtotalPriceSet: null,
    totalDiscountsSet: null,
    totalShippingPriceSet: shipping,
    totalTaxSet: null,
    totalPriceSet: none,
    currentSubtotalPriceSet: none,
    currentTotalDiscountsSet: none,
    currentTotalTaxSet: none,
    currentTotalPriceSet: none,
    originalTotalPriceSet: none,
    totalOutstandingSet: none,
    totalReceivedSet: none,
    totalRefundedSet: none,
    netPaymentSet: none,
    lineItems,
    refunds: [],
  });
  return { ...placed, originalTotalPriceSet: placed.totalPriceSet };
}

/** A tenth of the orders was paid in another currency than the shop's. */
function currenciesOf(shop: Shop, random: Random): Currencies {
  const { currencyCode } = shop.profile;
  const foreign = currencyCode === 'USD' ? 'EUR' : 'USD';
  return { currencyCode, presentmentCurrencyCode: random.chance(0.1) ? foreign : currencyCode };
}

function newLines(
  shop: Shop,
  random: Random,
  { lineCount, orphans }: OrderPlan,
  currencies: Currencies,
  codePercent: bigint,
): LineItem[] {
  return Array.from({ length: lineCount }, () => {
    const quantity = random.chance(0.7) ? 1 : random.between(2, 5);
    const ownPercent = random.chance(0.1) ? 20n : 0n;
    const line = newLineOf(shop, random, { ...currencies, quantity, ownPercent, codePercent });
    return orphans > 0 && random.chance(orphans) ? orphaned(line) : line;
  });
}

/** A line for any product that the shop has, or a custom one. */
export function newLineOf(shop: Shop, random: Random, plan: LinePlan): LineItem {
  const product = random.chance(0.95) ? anyProduct(shop, random) : undefined;
  const variant = product && random.pick(product.variants);
  return product && variant ? boughtLine(shop, product, variant, plan) : customLine(shop, random, plan);
}

function anyProduct(shop: Shop, random: Random) {
  const { size } = shop.products;
  return size === 0 ? undefined : shop.products.at(random.between(0, size - 1));
}

const yenOfShipping = [0, 0, 500, 800, 1200];

function shippingOf(random: Random, { currencyCode, presentmentCurrencyCode }: Currencies) {
  const yen = parseAmount(String(random.pick(yenOfShipping)));
  const amount = convert(yen, 'JPY', currencyCode);
  const presentment = convert(amount, currencyCode, presentmentCurrencyCode);
  return bag(amount, currencyCode, presentment, presentmentCurrencyCode);
}
