import type { schema } from './schema.mssql.ts';

/** What the read contract says of columns that no description of an entity explains. */

/** Columns of the machinery's tables that others may read. `null` keeps a column out of the contract. */
type Words<T extends { readonly $inferSelect: object }> = Readonly<
  Record<keyof T['$inferSelect'], string | null>
>;

export const STORES = {
  Id: 'what every other table calls `StoreId`',
  Name: "the shop's name",
  Domain: '`something.myshopify.com`; unique',
  ShopifyShopId: 'Shopify id of the shop; null until it was read once',
  DataType: 'always `shopify`',
  TenantId: 'yours to fill; Driftless never writes it',
  Currency: 'the shop currency: that of every amount whose column does not say `Presentment`',
  IanaTimezone: "the shop's time zone, for example `Europe/Berlin`",
  Plan: "the shop's plan, as Shopify calls it",
  SecretName: null,
  IsActive: '0 while the app is uninstalled, or an operator has paused the store: its rows stand still',
  Settings: null,
  InitialSetupCompleted: '1 once every entity has been mirrored completely',
  LastSyncDate: 'when a sweep or census ended last (our clock); see `Freshness` for what that means',
  InstalledAt: 'when it was activated last (our clock)',
  UninstalledAt: 'when it was disconnected (our clock); null while it is active, or if it is only paused',
  PausedAt: null,
  RefusedAt: null,
  LookedAt: null,
  Looks: null,
  Unheard: null,
  FormerDomains: null,
  TokenLease: null,
  TokenLeaseUntil: null,
  CreatedAt: 'when the store was first seen (our clock)',
  UpdatedAt: 'when this row was written last (our clock)',
} satisfies Words<(typeof schema)['Stores']>;

export const CERTIFICATES = {
  Id: 'the later certificate has the greater number',
  StoreId: '`Stores.Id`',
  Entity: '`customers`, `products` or `orders`',
  RunId: 'the census',
  Depth: '`heads`: versions were compared; `content`: every object was read whole',
  FromAt: 'when the first range was compared',
  ToAt: 'when the last range was compared',
  Counted: "live objects by Shopify's own exact count; null when it gave none",
  Listed: 'live objects that Shopify listed, each of them compared',
  MirrorBefore: 'live rows when it began',
  MirrorAfter: 'live rows when all that was found had been read; null while it is not',
  Missing: 'listed objects that had no row',
  Newer: 'listed objects that were newer than their row',
  Vanished: 'live rows whose object was not listed',
  Other:
    'found for other reasons: not settled yet, marked already, buried though live, other children, a column that may be seen now, younger than the list, or read whole',
  Repaired: 'rows that were changed by reading what was found',
  Unversioned: 'of those, changes that no `updatedAt` had told',
  Rejected: 'found records that are parked because they cannot be mirrored as they are',
  Unknowable: 'rows that Shopify does not show to this app, and that are kept unchecked',
  Unproven: 'found keys that went out of sight before they were read (see `UnprovenKeys`)',
  Planted: 'keys that the census left out of its own list, to test itself; null before this was done',
  Detected: 'how many of those it then found missing: less than `Planted` is `blind`',
  UnknowableBefore: 'those were all created before this time',
  Withheld: 'JSON list of `Table.Column` that Shopify withholds from this app',
  ByIndex: 'JSON list of ranges that were listed through the search index, which may omit objects',
  Buried: 'rows that were buried since it began',
  ReadSince: 'every live row has been read whole since this time',
  Points: 'query cost that listing and counting took',
  Verdict:
    '`waiting`, `matched`, `matched but` (see `Remarks`), `held` (the brake), `count differs`, `blind`',
  Remarks: 'JSON list of sentences: why the verdict has a "but"',
  IssuedAt: 'when the last range had been compared (our clock)',
  CompletedAt: 'when all that was found had been read (our clock); null until then',
} satisfies Words<(typeof schema)['Certificates']>;

export const CERTIFIED_RANGES = {
  Id: 'the ranges of a census in the order of ids',
  StoreId: '`Stores.Id`',
  Entity: '`customers`, `products` or `orders`',
  RunId: 'the census: `Certificates.RunId`',
  AfterId: 'the range begins behind this Shopify id; null at the first',
  ThroughId: 'and ends with this one',
  EqualKeys: 'objects whose rows were equal to what Shopify listed',
  Digest: 'of those, see "Recomputing a certificate"',
  OtherKeys: 'JSON list of the ids of the range that were not equal; null where none was equal',
  ComparedAt: 'when it was compared (our clock)',
} satisfies Words<(typeof schema)['CertifiedRanges']>;

export const UNPROVEN_KEYS = {
  StoreId: '`Stores.Id`',
  Entity: '`customers`, `products` or `orders`',
  FoundByRun: 'the first census that found it',
  ShopifyId: 'Shopify id of the object',
  EndedAt: 'when it was known that this app no longer sees it (our clock)',
} satisfies Words<(typeof schema)['UnprovenKeys']>;

export const FRESHNESS = {
  StoreId: '`Stores.Id`',
  Entity: '`customers`, `products` or `orders`',
  TrueAsOf:
    'every object that Shopify last changed before this time is in the mirror as it is now, but for the parked ones; null until all has been mirrored once',
  LastSweepAt: 'when the latest sweep asked Shopify first; null before the first',
  LastCertificateAt:
    'when the latest census began that matched: what Shopify last changed, or deleted, more than 30 s before is mirrored exactly, but for what its certificate counts; null before the first',
  CoverageFrom:
    'nothing that was created before this time is shown to this app; null where nothing is cut off',
  Waiting: 'objects that are known or suspected to be stale, and will be read again',
  Parked: 'objects that cannot be mirrored as they are: see the operator',
} as const;

/** Columns that every mirrored object has beside its own, and those of children. */
export const COMMON: Readonly<Record<string, string>> = {
  Id: 'our own number of the row: stable, and meaningless elsewhere',
  StoreId: '`Stores.Id`; the first condition of every query',
  IsActive: '1: the object exists in Shopify; 0: it is gone, see `DeletedAt`',
  DeletedAt: 'when its absence was read; null while it exists',
  CreatedAt: 'when it was created in Shopify',
  UpdatedAt: 'when it was changed in Shopify last, in whole seconds',
  ShopifyCreatedAt: 'the same as `CreatedAt`',
  ShopifyUpdatedAt: 'the same as `UpdatedAt`',
  SyncedAt: 'when this row was written last (our clock)',
  ErasedAt: 'since when nothing personal is kept of whom it is about (our clock); null where nobody asked',
  ReadAt: 'the row is what Shopify answered to a request that was sent at this time',
  ContentHash: "Driftless's own; it may change its meaning at any time",
  Lacks:
    'JSON object: which columns of it or of its children are not known (`Table.Column`, or `Table.*`), and why: `scope`, `denied`, `error` or `unfit`. Such a column keeps the value that it had, or is null. Null where all is known',
  IdLength: "Driftless's own: Shopify ids are ordered by their length, then as texts",
};

/** What the source of a column does not tell. */
export const NOTES: Readonly<Record<string, string>> = {
  'Customers.AcceptsEmailMarketing': '1 if `SUBSCRIBED`',
  'Customers.AcceptsSMSMarketing': '1 if `SUBSCRIBED`',
  'Customers.TotalSpent': 'in `TotalSpentCurrency`',
  'Customers.TotalOrders': 'all that Shopify knows, mirrored or not',
  'Orders.OrderNumber': 'the name, `#1001`; not unique',
  'Orders.Status': '`cancelled`, else `closed` (archived), else `open`',
  'Orders.TaxPrice': 'the same as `TotalTax`',
  'Orders.TotalPrice': 'as ordered; see `CurrentTotalPrice` for what is left of it',
  'Orders.CurrentTotalPrice': 'after edits, returns and refunds',
  'Orders.ShopifyProcessedAt': 'the time of the sale, also of imported orders',
  'OrderItems.Price': 'of one piece, before discounts',
  'OrderItems.TotalPrice': 'of the line, after all discounts, without taxes that come on top',
  'OrderItems.TotalDiscount': "of the line, with its share of the order's discounts",
  'OrderItems.Quantity': 'as ordered',
  'OrderItems.CurrentQuantity': 'what is left after removals and refunds',
  'OrderItems.ShopifyProductId': 'as it was sold: it stays when the product is deleted',
  'OrderItems.ShopifyVariantId': 'as it was sold: it stays when the variant is deleted',
  'OrderItems.IsProductGone':
    '1 once Shopify no longer names the product that the line was sold as; 0 also where there never was one',
  'OrderItems.ProductTitle': 'as it was sold',
  'OrderItems.ProductVendor': 'as it was sold',
  'ProductVariants.Barcode': 'the first of them',
  'ProductVariants.Barcodes':
    'JSON list of all of them in their order, `["4901234567894"]`; null without any. Where the schema of the shop knows one barcode for each variant, a list of that one',
  'ProductVariants.UnitCost': "in the shop's currency",
};
