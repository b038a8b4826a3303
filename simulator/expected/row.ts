/** A row of the mirror, and how its values are spelled. */
import { fixed, parseAmount } from '../money.ts';

export type Value = string | number | boolean | null;

export interface ExpectedRow {
  readonly table: string;
  /** Shopify's decimal id. */
  readonly key: string;
  readonly row: Readonly<Record<string, Value>>;
  readonly children: readonly ExpectedRow[];
  /** Columns that a mirror fills from its own rows of other objects, once it has them. */
  readonly links?: Readonly<Record<string, Value>>;
}

/** `gid://shopify/Order/7` → `7` */
export function decimalId(gid: string): string {
  const digits = /(\d+)(?:\?.*)?$/.exec(gid)?.[1];
  if (digits === undefined) throw new Error(`"${gid}" is not a Shopify GID: it does not end in digits.`);
  return digits;
}

/** "12000.0" → "12000.0000" */
export function decimal4(text: string): string {
  return fixed(parseAmount(text), 4);
}

export function decimal4OrNull(text: string | undefined | null): string | null {
  return text == null ? null : decimal4(text);
}

/** Whole seconds, as Shopify's API shows times. */
export function instant(at: number): string {
  return `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

export function instantOrNull(at: number | null | undefined): string | null {
  return at == null ? null : instant(at);
}

/** The two spellings under which the mirror keeps when an object was made and changed. */
export function times({ createdAt, updatedAt }: { readonly createdAt: number; readonly updatedAt: number }) {
  const [created, updated] = [instant(createdAt), instant(updatedAt)];
  return { CreatedAt: created, UpdatedAt: updated, ShopifyCreatedAt: created, ShopifyUpdatedAt: updated };
}
