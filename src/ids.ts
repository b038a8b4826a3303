/**
 * Shopify ids are decimal strings here and everywhere: they exceed 2^53, and as text they sort wrongly
 * (`'1000' < '999'`). Shopify pages by number, so one order, (length, text), is used in TypeScript by
 * `compareIds` and in SQL by an index on the same pair.
 */

/** Negative when `a` comes before `b` in Shopify's order. Both are decimal digits without leading zeros. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

export const isId = (text: string): boolean => /^[1-9]\d{0,19}$/.test(text);

/** `('Customer', '42')` → `gid://shopify/Customer/42` */
export const gid = (type: string, id: string): string => `gid://shopify/${type}/${id}`;

/** `gid://shopify/Customer/42` → `42`; null when the text is no GID of that type (any type if none is given). */
export function idOfGid(text: string, type?: string): string | null {
  const match = /^gid:\/\/shopify\/(\w+)\/([1-9]\d{0,19})$/.exec(text);
  return match && (type === undefined || match[1] === type) ? match[2]! : null;
}
