/**
 * The app is removed from the shop, and comes back. Shopify says so once, to whoever has subscribed; by then no token
 * works any more, and with the app all of its subscriptions are gone.
 */
import type { Shop } from './shop.ts';
import { shopBody } from './webhooks/payloads/shop.ts';

export function uninstall(shop: Shop): void {
  if (!shop.installed) return;
  shop.courier.announce('app/uninstalled', shopBody(shop));
  shop.installed = false;
  shop.issuedTokens.clear();
  shop.subscriptions.clear();
}

/** With the same credentials. Whoever wants webhooks has to subscribe anew. */
export function install(shop: Shop): void {
  shop.installed = true;
}
