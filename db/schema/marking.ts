import { sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Kit } from './kit.ts';

/** What is to be done for a key, and what told so: marks, links that are owed, deliveries, rejects. */

const ID = 50;
const ENTITY = 50;
const REASON = 200;

/**
 * The stale set, in the order of ids. A held mark has no due time: so "due" needs no second condition, and
 * however many marks a census holds, no search for due marks meets them.
 */
const staleKeys = (c: Kit) =>
  c.table(
    'StaleKeys',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      IdLength: c.integer('IdLength').notNull(),
      Id: c.text('Id', ID).notNull(),
      Sequence: c.text('Sequence', 50).notNull(),
      /** Index in LANES: the best lane is the smallest number. */
      Lane: c.integer('Lane').notNull(),
      Reason: c.text('Reason', REASON).notNull(),
      /** What the latest raise expects. */
      Announces: c.text('Announces', 10).$type<'presence' | 'absence'>().notNull(),
      MarkedAt: c.instant('MarkedAt').notNull(),
      RaisedAt: c.instant('RaisedAt').notNull(),
      DueAt: c.instant('DueAt'),
      Attempts: c.integer('Attempts').notNull(),
      ExpectedUpdatedAt: c.instant('ExpectedUpdatedAt'),
      FirstNullAt: c.instant('FirstNullAt'),
      FirstLiveAt: c.instant('FirstLiveAt'),
      DeleteAnnouncedAt: c.instant('DeleteAnnouncedAt'),
      HintedAt: c.instant('HintedAt'),
      HeldByRun: c.rowRef('HeldByRun'),
      /** The earliest census that found the key since it was marked: its certificate waits for the mark. */
      FoundByRun: c.rowRef('FoundByRun'),
      /** A read of the key changed its row, and the mark was kept. */
      Repaired: c.boolean('Repaired').notNull(),
      /**
       * Certificates whose `FromAt` is earlier need not wait for the mark: since a census last found it, the key was read in
       * this later version and lacks only its settle read, or was read at this time and its row remembers what it lacks.
       */
      ExcusesBefore: c.instant('ExcusesBefore'),
    },
    (t) => [
      c.primaryKey({ name: 'PK_StaleKeys', columns: [t.StoreId, t.Entity, t.IdLength, t.Id] }),
      c.index('IX_StaleKeys_Lane').on(t.StoreId, t.Entity, t.Lane, t.DueAt),
      c.index('IX_StaleKeys_DueAt').on(t.StoreId, t.Entity, t.DueAt),
      c.index('IX_StaleKeys_HeldByRun').on(t.HeldByRun).where(sql`${t.HeldByRun} is not null`),
      c
        .index('IX_StaleKeys_FoundByRun')
        .on(t.StoreId, t.Entity, t.FoundByRun)
        .where(sql`${t.FoundByRun} is not null`),
    ],
  );

/**
 * Keys whose rows have been written and whose links have not been made since: empty but for the moment between a
 * commit and its links, or after a crash in it. A migration that adds a link to rows that exist notes all of them.
 */
const unlinkedKeys = (c: Kit) =>
  c.table(
    'UnlinkedKeys',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      WrittenAt: c.instant('WrittenAt').notNull(),
    },
    (t) => [c.primaryKey({ name: 'PK_UnlinkedKeys', columns: [t.StoreId, t.Entity, t.ShopifyId] })],
  );

/** One row per delivery and key, for 30 days. It measures; it never decides whether a key is marked. */
const deliveries = (c: Kit) =>
  c.table(
    'Deliveries',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      WebhookId: c.text('WebhookId', 100).notNull(),
      Topic: c.text('Topic', 100).notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      TriggeredAt: c.instant('TriggeredAt'),
      ReceivedAt: c.instant('ReceivedAt').notNull(),
      RefreshedAt: c.instant('RefreshedAt'),
      /** W3C trace context: the trace of a delivery ends with the commit of its row, in whichever process that is. */
      TraceParent: c.text('TraceParent', 55),
    },
    (t) => [
      c.uniqueIndex('UX_Deliveries_WebhookId').on(t.StoreId, t.WebhookId, t.Entity, t.ShopifyId),
      c.index('IX_Deliveries_Key').on(t.StoreId, t.Entity, t.ShopifyId, t.TriggeredAt),
      c.index('IX_Deliveries_RefreshedAt').on(t.StoreId, t.RefreshedAt),
      c.index('IX_Deliveries_ReceivedAt').on(t.ReceivedAt),
    ],
  );

/** Records that cannot be mirrored as they are. Gone as soon as the key is written or buried after all. */
const rejects = (c: Kit) =>
  c.table(
    'Rejects',
    {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      Reason: c.longText('Reason').notNull(),
      Times: c.integer('Times').notNull(),
      FirstAt: c.instant('FirstAt').notNull(),
      LastAt: c.instant('LastAt').notNull(),
    },
    (t) => [c.primaryKey({ name: 'PK_Rejects', columns: [t.StoreId, t.Entity, t.ShopifyId] })],
  );

export const defineMarking = (c: Kit) => ({
  StaleKeys: staleKeys(c),
  UnlinkedKeys: unlinkedKeys(c),
  Deliveries: deliveries(c),
  Rejects: rejects(c),
});
