import type { EntityName } from '../../src/entities/registry.ts';
import type { Kit } from './kit.ts';

/** What leaves the mirror: change events. */

const ID = 50;
const ENTITY = 50;

/**
 * The outbox, written in the transaction of the change. `Id` is the version of its key too: commits of one key are
 * serialised by the lease, so a later change has the greater number.
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
      /** Shopify's `updated_at` of the object, or when its absence was read. */
      UpdatedAt: c.instant('UpdatedAt').notNull(),
      CreatedAt: c.instant('CreatedAt').notNull(),
      State: c.text('State', 20).$type<'waiting' | 'sent'>().notNull(),
      Attempts: c.integer('Attempts').notNull(),
      DueAt: c.instant('DueAt').notNull(),
      SentAt: c.instant('SentAt'),
    },
    (t) => [
      c.index('IX_ChangeEvents_State').on(t.State, t.Id),
      c.index('IX_ChangeEvents_Key').on(t.StoreId, t.Entity, t.ShopifyId),
      c.index('IX_ChangeEvents_CreatedAt').on(t.CreatedAt),
    ],
  );

export const defineOutbox = (c: Kit) => ({ ChangeEvents: changeEvents(c) });
