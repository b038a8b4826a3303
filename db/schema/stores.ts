import type { StoreSettings } from '../../src/store.ts';
import type { Kit } from './kit.ts';

/** Stores, under the names that the Web API reads. */

const ID = 50;

export const defineStores = (c: Kit) => ({
  Stores: c.table(
    'Stores',
    {
      Id: c.rowId('Id'),
      Name: c.text('Name', 255).notNull(),
      Domain: c.text('Domain', 255).notNull(),
      ShopifyShopId: c.text('ShopifyShopId', ID),
      DataType: c.text('DataType', 50).notNull(),
      TenantId: c.text('TenantId', 50),
      Currency: c.text('Currency', 10),
      IanaTimezone: c.text('IanaTimezone', 100),
      Plan: c.text('Plan', 100),
      /** The name under which the credentials are found; never the credentials. */
      SecretName: c.text('SecretName', 255).notNull(),
      IsActive: c.boolean('IsActive').notNull(),
      Settings: c.json<StoreSettings>('Settings').notNull(),
      InitialSetupCompleted: c.boolean('InitialSetupCompleted').notNull(),
      LastSyncDate: c.instant('LastSyncDate'),
      InstalledAt: c.instant('InstalledAt'),
      UninstalledAt: c.instant('UninstalledAt'),
      /** An operator's pause: nobody else ends it. */
      PausedAt: c.instant('PausedAt'),
      /** Since when its credentials have been refused whenever they were tried; null once they worked. */
      RefusedAt: c.instant('RefusedAt'),
      /** When, and how often, the credentials of a store that rests were tried again. */
      LookedAt: c.instant('LookedAt'),
      Looks: c.integer('Looks'),
      /** Deliveries that came while it rested. */
      Unheard: c.integer('Unheard'),
      /** What its shop was called before: deliveries may still name it so. */
      FormerDomains: c.json<readonly string[]>('FormerDomains'),
      /** Who may renew the store's tokens with Shopify, and until when: the lease, never a token of Shopify's. */
      TokenLease: c.text('TokenLease', 50),
      TokenLeaseUntil: c.instant('TokenLeaseUntil'),
      CreatedAt: c.instant('CreatedAt').notNull(),
      UpdatedAt: c.instant('UpdatedAt').notNull(),
    },
    (t) => [c.uniqueIndex('UX_Stores_Domain').on(t.Domain)],
  ),
});
