import type { EntityName } from '../../src/entities/registry.ts';
import type { PrivacyCertificate, PrivacyState, PrivacyTopic } from '../../src/privacy-request.ts';
import type { Kit } from './kit.ts';

/** Compliance requests, what they still have to do and have done, and what must never return to the mirror. */

const ID = 50;
const ENTITY = 50;
const HASH = 100;

/** Kept for ever, without any rows of their store: the certificate is all that is left of some. */
const privacyRequests = (c: Kit) =>
  c.table(
    'PrivacyRequests',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      /** Shopify's id of the shop. */
      ShopId: c.text('ShopId', ID),
      Topic: c.text('Topic', 50).$type<PrivacyTopic>().notNull(),
      /** The signature of the body: what is not signed, like the webhook's id, tells no request from another. */
      Digest: c.text('Digest', HASH).notNull(),
      /** Keyed hash of the customer, once the request is worked on. */
      Subject: c.text('Subject', HASH),
      Vouched: c.boolean('Vouched').notNull(),
      State: c.text('State', 20).$type<PrivacyState>().notNull(),
      ReceivedAt: c.instant('ReceivedAt').notNull(),
      DueAt: c.instant('DueAt').notNull(),
      /** Until then somebody works on it, or what it lacks is waited for. */
      TryAt: c.instant('TryAt').notNull(),
      Attempts: c.integer('Attempts').notNull(),
      CompletedAt: c.instant('CompletedAt'),
      Message: c.longText('Message'),
      /** File with what was held of the customer, while it exists. */
      ExportName: c.text('ExportName', 200),
      Certificate: c.json<PrivacyCertificate>('Certificate'),
    },
    (t) => [
      c.uniqueIndex('UX_PrivacyRequests_Digest').on(t.StoreId, t.Topic, t.Digest),
      c.index('IX_PrivacyRequests_State').on(t.State, t.TryAt),
    ],
  );

/** Objects that an open request still has to deal with; gone with the last of them, so that no id stays. */
const privacyKeys = (c: Kit) =>
  c.table(
    'PrivacyKeys',
    {
      RequestId: c.rowRef('RequestId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
    },
    (t) => [c.primaryKey({ name: 'PK_PrivacyKeys', columns: [t.RequestId, t.Entity, t.ShopifyId] })],
  );

/** What an open request has erased so far, by table: counted in the transactions that erase. */
const privacyCounts = (c: Kit) =>
  c.table(
    'PrivacyCounts',
    {
      RequestId: c.rowRef('RequestId').notNull(),
      TableName: c.text('TableName', 100).notNull(),
      Times: c.integer('Times').notNull(),
    },
    (t) => [c.primaryKey({ name: 'PK_PrivacyCounts', columns: [t.RequestId, t.TableName] })],
  );

/** Keyed hashes of erased customers and of their orders: they stay erased (R12). */
const suppressions = (c: Kit) =>
  c.table(
    'Suppressions',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      KeyHash: c.text('KeyHash', HASH).notNull(),
      /** Of the key that it was hashed with. */
      KeyName: c.text('KeyName', 50).notNull(),
      RequestId: c.rowRef('RequestId').notNull(),
      SuppressedAt: c.instant('SuppressedAt').notNull(),
    },
    (t) => [
      c.primaryKey({ name: 'PK_Suppressions', columns: [t.StoreId, t.KeyHash] }),
      c.index('IX_Suppressions_KeyName').on(t.StoreId, t.KeyName),
    ],
  );

export const definePrivacy = (c: Kit) => ({
  PrivacyRequests: privacyRequests(c),
  PrivacyKeys: privacyKeys(c),
  PrivacyCounts: privacyCounts(c),
  Suppressions: suppressions(c),
});
