/**
 * Every topic that a change here announces. The name is what `X-Shopify-Topic` carries; a subscription names
 * the same topic as an enum value of the Admin API.
 */
export const topics = [
  'customers/create',
  'customers/update',
  'customers/delete',
  'customers/merge',
  'customers/purchasing_summary',
  'customer.tags_added',
  'customer.tags_removed',
  'customers_email_marketing_consent/update',
  'customers_marketing_consent/update',
  'products/create',
  'products/update',
  'products/delete',
  'inventory_items/update',
  'inventory_levels/update',
  'orders/create',
  'orders/updated',
  'orders/edited',
  'orders/paid',
  'orders/cancelled',
  'orders/fulfilled',
  'orders/partially_fulfilled',
  'orders/delete',
  'order_transactions/create',
  'fulfillments/create',
  'refunds/create',
] as const;

/** Topics of the app itself. No change of an object announces them. */
export const appTopics = ['app/uninstalled'] as const;

export type Topic = (typeof topics)[number];

/** `customer.tags_added` → `CUSTOMER_TAGS_ADDED`, the name in `WebhookSubscriptionTopic`. */
export function enumName(topic: string): string {
  return topic.replace(/[/.]/g, '_').toUpperCase();
}
