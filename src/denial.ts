/**
 * What speaks for it that Shopify denies a field to this app in every object, kept with the store's settings. One denial
 * proves nothing: a mark is only let go without the value once the field is known to be denied (R9).
 */
export interface Denial {
  /** Shopify's time of the first answer that denied the field in all objects that could have told it. */
  readonly firstAt: number;
  /** Shopify's time of the answer that proved it; null until then. */
  readonly since: number | null;
}
