import { getColumns } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { erasureOrder } from '../db/erasure-order.ts';
import { mirrorTableOf, withChildren } from '../db/mirror-tables.ts';
import { schema } from '../db/schema.sqlite.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { emptied, personalColumns } from '../src/erasure.ts';

/**
 * What is personal, column by column. Whoever adds a column finds this test failing and decides: is it emptied when a
 * person is erased (`personal: true` where the column is described), or may it stay for ever?
 */

const MIRROR: Readonly<
  Record<string, { readonly personal: readonly string[]; readonly kept: readonly string[] }>
> = {
  Customers: {
    personal: [
      ...['FirstName', 'LastName', 'Email', 'Phone', 'Company', 'City', 'ProvinceCode', 'CountryCode'],
      ...['AddressPhone', 'AcceptsEmailMarketing', 'AcceptsSMSMarketing', 'Tags', 'VerifiedEmail', 'Locale'],
      'Note',
    ],
    kept: [
      ...['TotalSpent', 'TotalSpentCurrency', 'TotalOrders', 'TaxExempt', 'State'],
      ...['LastOrderDate', 'LastShopifyOrderId'],
    ],
  },
  Products: {
    personal: [],
    kept: [
      ...['Title', 'Handle', 'Description', 'Category', 'Vendor', 'ProductType', 'Status', 'Tags'],
      ...['InventoryQuantity', 'PublishedAt', 'IsGiftCard'],
    ],
  },
  ProductVariants: {
    personal: [],
    kept: [
      ...[
        'ShopifyInventoryItemId',
        'Title',
        'Sku',
        'Barcode',
        'Barcodes',
        'Position',
        'Price',
        'CompareAtPrice',
        'UnitCost',
      ],
      ...['InventoryQuantity', 'Option1Name', 'Option1Value', 'Option2Name', 'Option2Value', 'Option3Name'],
      ...['Option3Value', 'Weight', 'WeightUnit', 'RequiresShipping', 'Taxable', 'CreatedAt', 'UpdatedAt'],
    ],
  },
  Orders: {
    personal: ['Email', 'Tags'],
    kept: [
      ...['OrderNumber', 'ShopifyCustomerId', 'CustomerId', 'TotalPrice', 'TotalPricePresentment'],
      ...['SubtotalPrice', 'SubtotalPricePresentment', 'TotalTax', 'TotalTaxPresentment', 'TaxPrice'],
      ...['TaxPricePresentment', 'TotalDiscounts', 'TotalDiscountsPresentment', 'TotalShipping'],
      ...['TotalShippingPresentment', 'TotalRefunded', 'TotalRefundedPresentment', 'NetPayment'],
      ...['NetPaymentPresentment', 'CurrentTotalPrice', 'CurrentTotalPricePresentment', 'Currency'],
      ...['PresentmentCurrency', 'Status', 'FinancialStatus', 'FulfillmentStatus', 'CancelledAt'],
      ...['CancelReason', 'SourceName', 'DiscountCodes', 'IsTest', 'ShopifyProcessedAt'],
    ],
  },
  OrderItems: {
    personal: [],
    kept: [
      ...['ShopifyProductId', 'ShopifyVariantId', 'IsProductGone', 'ProductId', 'ProductTitle', 'Title'],
      'VariantTitle',
      ...['ProductHandle', 'ProductVendor', 'ProductType', 'Sku', 'Price', 'CompareAtPrice', 'Quantity'],
      ...['CurrentQuantity', 'TotalPrice', 'TotalDiscount', 'Option1Name', 'Option1Value', 'Option2Name'],
      ...['Option2Value', 'Option3Name', 'Option3Value', 'RequiresShipping', 'Taxable', 'IsGiftCard'],
    ],
  },
  Refunds: {
    personal: ['Note'],
    kept: ['TotalRefunded', 'TotalRefundedPresentment', 'CreatedAt', 'ProcessedAt', 'UpdatedAt'],
  },
  RefundItems: {
    personal: [],
    kept: [
      ...['ShopifyLineItemId', 'Quantity', 'RestockType', 'Subtotal', 'SubtotalPresentment'],
      ...['TotalTax', 'TotalTaxPresentment'],
    ],
  },
};

/** Beside the entities' own columns: ids, times, states, counts. Text of any other kind has a reason to be here. */
const MACHINERY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  StaleKeys: { Reason: 'a code of ours', Sequence: 'chance', Announces: 'one of two words' },
  Deliveries: {
    ...{ WebhookId: "Shopify's name of the delivery", Topic: 'a topic' },
    TraceParent: 'chance, of the trace',
  },
  Rejects: { Reason: 'names columns, never values; emptied all the same' },
  SyncStates: {
    ...{ CensusPosition: 'ids and counts', RefreshLeaseToken: 'chance', SweepLeaseToken: 'chance' },
    CensusLeaseToken: 'chance',
  },
  SyncRuns: {
    Kind: 'a word of ours',
    State: 'a word of ours',
    Message: 'words of ours (test/private.test.ts)',
  },
  Gaps: { FoundBy: 'a word of ours', Reason: 'a code of ours', Cause: 'a code of ours' },
  Certificates: {
    ...{ Depth: 'a word of ours', Withheld: 'names of columns', ByIndex: 'ranges of ids' },
    ...{ Verdict: 'a word of ours', Remarks: 'words of ours' },
  },
  CertifiedRanges: { Digest: 'a hash of ids and times', OtherKeys: 'ids' },
  UnprovenKeys: {},
  ChangeEvents: { Type: 'a word of ours', State: 'a word of ours', Columns: 'names of columns' },
  PrivacyRequests: {
    ...{ Topic: 'a topic', Digest: "a hash that only Shopify and we can make, with the app's secret" },
    ...{ Subject: 'a keyed hash', State: 'a word of ours', Message: 'words of ours and a path' },
    ...{ ExportName: 'made of a number', Certificate: 'counts, times, a keyed hash' },
  },
  PrivacyKeys: {},
  PrivacyCounts: { TableName: 'a name of ours' },
  Suppressions: { KeyHash: 'a keyed hash', KeyName: 'a part of a hash' },
  Stores: {
    ...{ Name: 'of a business, deleted with its store', Domain: 'as its name', DataType: 'a word of ours' },
    ...{
      Currency: 'a code',
      IanaTimezone: 'a code',
      Plan: 'a word of Shopify',
      SecretName: 'a name of ours',
    },
    Settings: 'states and names of columns',
    TokenLease: 'chance',
    ...{ FormerDomains: 'as its name', Looks: 'a count', Unheard: 'a count' },
  },
  UnlinkedKeys: {},
  Burials: {},
};

const isPlain = (name: string): boolean =>
  /^(Id|IdLength|Entity|Times|Lane|Epoch|IsActive|Attempts|Repaired|Vouched)$|Id$|At$|Until$|ByRun$|Watermark|LastSyncDate|InitialSetupCompleted|CoverageFrom/.test(
    name,
  );
/** Numbers of machinery tables that are counts, or times of Shopify's. */
const COUNTS =
  /^(Seen|Unchanged|Written|Deleted|Failed|Deferred|Unknowable|Points|Counted|Listed|MirrorBefore|MirrorAfter|Missing|Newer|Vanished|Other|Unversioned|Rejected|UnknowableBefore|Buried|ReadSince|Unproven|Planted|Detected|EqualKeys|ExcusesBefore)$/;

const mirrorTables = ENTITY_NAMES.flatMap((name) => withChildren(mirrorTableOf(entityOf(name))));

describe('what is personal', () => {
  test.each(mirrorTables.map((table) => [table.name, table] as const))('is decided for %s', (name, table) => {
    const personal = personalColumns(table.columns);
    const kept = Object.keys(table.columns).filter((column) => !personal.includes(column));
    expect({ personal: [...personal].sort(), kept: kept.sort() }).toEqual({
      personal: [...(MIRROR[name]?.personal ?? [])].sort(),
      kept: [...(MIRROR[name]?.kept ?? [])].sort(),
    });
  });

  test('is nowhere in the tables beside the mirror', () => {
    const mirrored = new Set(mirrorTables.map(({ name }) => name));
    const undecided = Object.entries(schema.tables)
      .filter(([name]) => !mirrored.has(name))
      .flatMap(([name, table]) =>
        Object.keys(getColumns(table))
          .filter((column) => !isPlain(column) && !COUNTS.test(column))
          .filter((column) => MACHINERY[name]?.[column] === undefined)
          .map((column) => `${name}.${column}: say here what it holds, or that it is personal`),
      );
    expect(undecided).toEqual([]);
    expect(Object.keys(MACHINERY).filter((name) => !(name in schema.tables))).toEqual([]);
  });

  test('is emptied to what a column holds of nobody: null, or false', () => {
    expect(emptied(entityOf('customers').columns)).toMatchObject({
      Email: null,
      AcceptsEmailMarketing: false,
    });
    expect(emptied(entityOf('orders').columns)).toEqual({ Email: null, Tags: null });
  });
});

describe('erasing a store', () => {
  const withStore = Object.entries(schema.tables)
    .filter(([name, table]) => name === 'Stores' || 'StoreId' in getColumns(table))
    .map(([name]) => name);

  test('reaches every table that has a StoreId, but for the certificates', () => {
    const order = erasureOrder(withStore);
    expect([...order, 'PrivacyRequests'].sort()).toEqual(withStore.toSorted());
    expect(order.at(-1)).toBe('Stores');
  });

  test('deletes rows that point before rows that are pointed to', () => {
    const order = erasureOrder(withStore);
    const goesFirst = (a: string, b: string) => expect(order.indexOf(a)).toBeLessThan(order.indexOf(b));
    goesFirst('RefundItems', 'Refunds');
    goesFirst('Refunds', 'Orders');
    goesFirst('OrderItems', 'Orders');
    goesFirst('OrderItems', 'Products');
    goesFirst('Orders', 'Customers');
    goesFirst('ProductVariants', 'Products');
  });
});
