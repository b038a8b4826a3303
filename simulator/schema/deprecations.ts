/**
 * Fields of the Admin API that Shopify announced as deprecated after the package was published that our cut of the schema
 * was made from (see the first line of `admin-2026-10.graphql`). The cut knows nothing of these, so they stand here until
 * it does: test/deprecations.test.ts fails for a document that asks for one of them, and for an entry that the cut has
 * caught up with.
 */
export interface Deprecation {
  /** `Type.field` */
  readonly field: string;
  /** The first version that deprecates it. */
  readonly since: string;
  readonly instead: string;
  /** Page of shopify.dev. */
  readonly source: string;
}

/** The changelog was read up to this day for the version that we speak. */
export const CHANGELOG_READ = { version: '2026-10', until: '2026-12-01' };

export const DEPRECATIONS: readonly Deprecation[] = [
  {
    field: 'ProductVariant.barcode',
    since: '2026-10',
    instead: 'ProductVariant.barcodes',
    source: 'https://shopify.dev/changelog/product-variant-barcode-is-being-replaced-by-barcodes',
  },
];
