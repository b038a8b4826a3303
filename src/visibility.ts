import type { Entity } from './entities/entity.ts';
import type { StoreSettings } from './store.ts';

/**
 * What Shopify hides from an app without `read_all_orders`: orders created more than 60 days ago. They are null by id
 * and missing from lists, so neither proves a deletion (R10).
 */
const VISIBLE_MS = 59 * 24 * 3_600_000;

export const hidesTheOld = (
  entity: Entity,
  { settings: { scopes } }: { readonly settings: Pick<StoreSettings, 'scopes'> },
): boolean => entity.windowed && !scopes.includes('read_all_orders');

/** A day less than 60, because an object may cross the line between two reads. Both times are Shopify's. */
export const isTooOld = (createdAt: number, sentAt: number): boolean => sentAt - createdAt > VISIBLE_MS;
