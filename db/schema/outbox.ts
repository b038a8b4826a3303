import type { EntityName } from '../../src/entities/registry.ts';
import type { Kit } from './kit.ts';

/** What leaves the mirror: change events. */

const ID = 50;
const ENTITY = 50;

/**
 * The outbox, written in the transaction of the change. `Id` is the version of its key too: commits of one key are
 * serialised by the lease, so a later change has the greater number. Where no topic is configured a change is only
 * `noted`, for the story of its key; all are forgotten after a month.
 */
const changeEvents = (c: Kit) =>
  c.table(
    'ChangeEvents',
    {
      Id: c.rowId('Id'),
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', ENTITY).$type<EntityName>().notNull(),
      ShopifyId: c.text('ShopifyId', ID).notNull(),
      Type: c.text('Type', 20).$type<'created' | 'changed' | 'deleted'>().notNull(),
      /** Id of the row in its table of the mirror; null in events of the time when nobody could have them sent. */
      RowId: c.rowRef('RowId'),
      /** Columns of a live row that became different; null where nobody compared them. */
      Columns: c.json<readonly string[]>('Columns'),
      /** Shopify's `updated_at` of the object, or when its absence was read. */
      UpdatedAt: c.instant('UpdatedAt').notNull(),
      CreatedAt: c.instant('CreatedAt').notNull(),
      State: c.text('State', 20).$type<'waiting' | 'sent' | 'refused' | 'noted'>().notNull(),
      Attempts: c.integer('Attempts').notNull(),
      /** Until then whoever took it is sending it. */
      DueAt: c.instant('DueAt').notNull(),
      SentAt: c.instant('SentAt'),
    },
    (t) => [
      c.index('IX_ChangeEvents_Waiting').on(t.StoreId, t.State, t.Id),
      c.index('IX_ChangeEvents_Key').on(t.StoreId, t.Entity, t.ShopifyId),
      c.index('IX_ChangeEvents_CreatedAt').on(t.CreatedAt),
    ],
  );

export const defineOutbox = (c: Kit) => ({ ChangeEvents: changeEvents(c) });
