import { sql } from 'drizzle-orm';
import type { CertificateDepth, CertificateVerdict } from '../../src/certificate.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import type { GapCause, GapReason } from '../../src/gap.ts';
import type { Kit } from './kit.ts';

/** What can be shown to whoever doubts a number: what webhooks missed, and what each census proved. */

const ID = 50;
const ENTITY = 50;

/** Keys that a sweep, census or content read found stale and no delivery had announced. */
const gaps = (c: Kit) =>
  c.table(
    'Gaps',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      /** Null where a nightly share of the rows was read again: no run stands for that. */
      RunId: c.rowRef('RunId'),
      FoundBy: c.text('FoundBy', 20).$type<'sweep' | 'census'>().notNull(),
      Reason: c.text('Reason', 20).$type<GapReason>().notNull(),
      /** Shopify's time of the change, and of the request that showed it. */
      ChangedAt: c.instant('ChangedAt'),
      SeenAt: c.instant('SeenAt').notNull(),
      FoundAt: c.instant('FoundAt').notNull(),
      HealedAt: c.instant('HealedAt'),
      /** Null until it is judged, and again when a delivery for the key comes after all. */
      Cause: c.text('Cause', 50).$type<GapCause>(),
    },
    (t) => [
      c.index('IX_Gaps_Key').on(t.StoreId, t.Entity, t.ShopifyId),
      c.index('IX_Gaps_FoundAt').on(t.FoundAt),
      c.index('IX_Gaps_RunId').on(t.RunId),
      c.index('IX_Gaps_Unjudged').on(t.StoreId, t.Entity, t.Id).where(sql`${t.Cause} is null`),
    ],
  );

/** What a finished census proves; the last columns are filled when the last of its marks is gone. */
const certificates = (c: Kit) =>
  c.table(
    'Certificates',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      RunId: c.rowRef('RunId').notNull(),
      Depth: c.text('Depth', 20).$type<CertificateDepth>().notNull(),
      /** Shopify's time of the first and of the last range that was compared. */
      FromAt: c.instant('FromAt').notNull(),
      ToAt: c.instant('ToAt').notNull(),
      /** Live objects by Shopify's own exact count; null when it gave none. */
      Counted: c.integer('Counted'),
      /** Live objects that Shopify listed, each of them compared. */
      Listed: c.integer('Listed').notNull(),
      /** Live rows of the mirror. */
      MirrorBefore: c.integer('MirrorBefore').notNull(),
      MirrorAfter: c.integer('MirrorAfter'),
      /** Keys that were found, by what was found of them. */
      Missing: c.integer('Missing').notNull(),
      Newer: c.integer('Newer').notNull(),
      Vanished: c.integer('Vanished').notNull(),
      Other: c.integer('Other').notNull(),
      /** Rows that the reads of those keys changed, and how many of them no head had told of. */
      Repaired: c.integer('Repaired'),
      Unversioned: c.integer('Unversioned'),
      Rejected: c.integer('Rejected'),
      /** Rows that Shopify does not show to this app, all created before this time of Shopify's. */
      Unknowable: c.integer('Unknowable').notNull(),
      UnknowableBefore: c.instant('UnknowableBefore'),
      /** Keys whose marks ended without proof, because the app no longer sees them. */
      Unproven: c.integer('Unproven'),
      /** Heads that the census left out of its own list, and how many of them it then found missing. */
      Planted: c.integer('Planted'),
      Detected: c.integer('Detected'),
      /** `Table.Column` of what Shopify withholds from this app. */
      Withheld: c.json<readonly string[]>('Withheld').notNull(),
      /** Ranges that had to be listed through the search index, as `(after..through]`. */
      ByIndex: c.json<readonly string[]>('ByIndex').notNull(),
      /** Rows that were buried since the first range. */
      Buried: c.integer('Buried'),
      /** Every live row has been read whole since this time of Shopify's. */
      ReadSince: c.instant('ReadSince'),
      Points: c.integer('Points').notNull(),
      Verdict: c.text('Verdict', 20).$type<CertificateVerdict>().notNull(),
      /** Why the verdict has a "but", in words. */
      Remarks: c.json<readonly string[]>('Remarks').notNull(),
      IssuedAt: c.instant('IssuedAt').notNull(),
      CompletedAt: c.instant('CompletedAt'),
    },
    (t) => [
      c.index('IX_Certificates_IssuedAt').on(t.StoreId, t.Entity, t.IssuedAt),
      c.index('IX_Certificates_Open').on(t.StoreId, t.Entity, t.RunId).where(sql`${t.CompletedAt} is null`),
    ],
  );

/** What a census saw of each range of ids: enough to recompute from the mirror what it says (src/range-digest.ts). */
const certifiedRanges = (c: Kit) =>
  c.table(
    'CertifiedRanges',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      RunId: c.rowRef('RunId').notNull(),
      /** `(AfterId..ThroughId]` in the order of ids; null is the beginning. */
      AfterId: c.text('AfterId', ID),
      ThroughId: c.text('ThroughId', ID).notNull(),
      /** Keys whose rows were equal to the list, and the digest of their (id, UpdatedAt). */
      EqualKeys: c.integer('EqualKeys').notNull(),
      Digest: c.text('Digest', 64).notNull(),
      /** Ids of the range that were not equal, hence found: the digest leaves them out. Null where no key was equal. */
      OtherKeys: c.json<readonly string[]>('OtherKeys'),
      /** The database's clock. */
      ComparedAt: c.instant('ComparedAt').notNull(),
    },
    (t) => [
      c.index('IX_CertifiedRanges_RunId').on(t.RunId, t.Id),
      c.index('IX_CertifiedRanges_StoreId').on(t.StoreId),
      c.index('IX_CertifiedRanges_ComparedAt').on(t.ComparedAt),
    ],
  );

/** Keys that a census found and whose marks ended without proof, because the app no longer sees them (R15). */
const unprovenKeys = (c: Kit) =>
  c.table(
    'UnprovenKeys',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      /** The earliest census that found the key. */
      FoundByRun: c.rowRef('FoundByRun').notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      EndedAt: c.instant('EndedAt').notNull(),
    },
    (t) => [
      c.primaryKey({ name: 'PK_UnprovenKeys', columns: [t.StoreId, t.Entity, t.FoundByRun, t.ShopifyId] }),
    ],
  );

export const defineProof = (c: Kit) => ({
  Gaps: gaps(c),
  Certificates: certificates(c),
  CertifiedRanges: certifiedRanges(c),
  UnprovenKeys: unprovenKeys(c),
});
