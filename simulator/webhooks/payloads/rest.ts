/**
 * How webhook bodies spell values: they are REST resources, not GraphQL objects. Ids are JSON numbers, even
 * those above 2^53, so they are bigints here and the courier writes them without loss; times carry the shop's
 * offset and whole seconds; enums are lower-case.
 */
import { LosslessNumber } from 'lossless-json';
import type { Money, MoneyBag } from '../../model.ts';
import { type Amount, currencyDigits, fixed, parseAmount } from '../../money.ts';
import type { Shop } from '../../shop.ts';

/** `gid://shopify/MailingAddress/7?model_name=CustomerAddress` → 7n */
export function restId(gid: string): bigint {
  const digits = /(\d+)(?:\?.*)?$/.exec(gid)?.[1];
  if (digits === undefined) throw new Error(`"${gid}" is not a Shopify GID: it does not end in digits.`);
  return BigInt(digits);
}

export function restIdOrNull(gid: string | null): bigint | null {
  return gid === null ? null : restId(gid);
}

/** `2026-11-23T18:04:05+09:00` in the shop's time zone. */
export function restTime(shop: Shop, at: number): string {
  const minutes = shop.profile.timezoneOffsetMinutes;
  const local = new Date(Math.floor(at / 1000) * 1000 + minutes * 60_000).toISOString().slice(0, 19);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${local}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}

export function restTimeOrNull(shop: Shop, at: number | null): string | null {
  return at === null ? null : restTime(shop, at);
}

const two = (value: number) => String(value).padStart(2, '0');

/** With the digits of its currency: "12000" yen, "12.50" dollars. */
export function restMoney({ amount, currencyCode }: Money): string {
  return restAmount(parseAmount(amount), currencyCode);
}

export function restAmount(amount: Amount, currency: string): string {
  return fixed(amount, currencyDigits(currency));
}

/** The same amount as a JSON number, where Shopify sends one. */
export function restNumber(money: Money): LosslessNumber {
  return new LosslessNumber(restMoney(money));
}

export interface RestBag {
  readonly shop_money: { readonly amount: string; readonly currency_code: string };
  readonly presentment_money: { readonly amount: string; readonly currency_code: string };
}

export function restBag({ shopMoney, presentmentMoney }: MoneyBag): RestBag {
  return {
    shop_money: { amount: restMoney(shopMoney), currency_code: shopMoney.currencyCode },
    presentment_money: { amount: restMoney(presentmentMoney), currency_code: presentmentMoney.currencyCode },
  };
}

export function restTags(tags: readonly string[]): string {
  return tags.join(', ');
}
