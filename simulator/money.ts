/**
 * Exact money. Inside the simulator an amount is a bigint of ten-thousandths of the currency (the precision of
 * the mirror's columns); at its edges it is text, in the three spellings that exist for the same amount:
 * GraphQL trims zeros ("12000.0", "12.5"), webhook bodies keep the currency's digits ("12000", "12.50"), and
 * the mirror has four decimals ("12000.0000").
 *
 * Equal amounts are one object: a shop of a million orders has few distinct prices, and most of its memory
 * would otherwise be `Money`.
 */
import type { Money, MoneyBag } from './model.ts';

/** Ten-thousandths. */
export type Amount = bigint;

const SCALE = 10_000n;

/** Digits behind the point of the currencies that a simulated shop can have. */
const digitsOf: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, USD: 2, EUR: 2, GBP: 2, KWD: 3 };

export function currencyDigits(currency: string): number {
  return digitsOf[currency] ?? 2;
}

/** The smallest amount of a currency. */
export function smallest(currency: string): Amount {
  return SCALE / 10n ** BigInt(currencyDigits(currency));
}

export function parseAmount(text: string): Amount {
  const match = /^(-?)(\d+)(?:\.(\d{1,4})0*)?$/.exec(text);
  if (!match) throw new Error(`"${text}" is not an amount with at most four decimals.`);
  const value = BigInt((match[2] ?? '') + (match[3] ?? '').padEnd(4, '0'));
  return match[1] ? -value : value;
}

/** With exactly `digits` decimals (0 to 4); what lies behind them must be zero. */
export function fixed(amount: Amount, digits: number): string {
  const sign = amount < 0n ? '-' : '';
  const text = (amount < 0n ? -amount : amount).toString().padStart(5, '0');
  const fraction = text.slice(-4, text.length - 4 + digits);
  return `${sign}${text.slice(0, -4)}${fraction && `.${fraction}`}`;
}

/** As a GraphQL answer spells it. */
export function graphqlText(amount: Amount): string {
  const text = fixed(amount, 4).replace(/0+$/, '');
  return text.endsWith('.') ? `${text}0` : text;
}

interface Coin {
  readonly money: Money;
  /** The bag of an order that was paid in the shop's own currency: both sides are this money. */
  readonly bag: MoneyBag;
}

const COINS_MAX = 200_000;
const coins = new Map<string, Map<Amount, Coin>>();

function coin(amount: Amount, currencyCode: string): Coin {
  const known = coins.get(currencyCode) ?? new Map<Amount, Coin>();
  if (known.size === 0) coins.set(currencyCode, known);
  const kept = known.get(amount);
  if (kept) return kept;
  const money = Object.freeze({ amount: graphqlText(amount), currencyCode });
  const made = { money, bag: Object.freeze({ shopMoney: money, presentmentMoney: money }) };
  if (known.size < COINS_MAX) known.set(amount, made);
  return made;
}

export function money(amount: Amount, currency: string): Money {
  return coin(amount, currency).money;
}

/** The same value in both currencies of an order; one argument pair when they are the same. */
export function bag(
  shop: Amount,
  currency: string,
  presentment: Amount,
  presentmentCurrency: string,
): MoneyBag {
  if (currency === presentmentCurrency) return coin(shop, currency).bag;
  return { shopMoney: money(shop, currency), presentmentMoney: money(presentment, presentmentCurrency) };
}

/** How many yen the other currencies cost here. Fixed: what matters is that both sides of a bag differ. */
const yenPer: Readonly<Record<string, bigint>> = { JPY: 1n, USD: 152n, EUR: 164n, GBP: 193n };

/** The amount in another currency, rounded half up to what that currency has. */
export function convert(amount: Amount, from: string, to: string): Amount {
  if (from === to) return amount;
  const unit = smallest(to) * (yenPer[to] ?? 1n);
  return ((amount * (yenPer[from] ?? 1n) * 2n + unit) / (2n * unit)) * smallest(to);
}
