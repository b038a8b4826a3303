/**
 * GET /admin/oauth/authorize: the page where a merchant agrees that an app is installed. This merchant always
 * agrees, at once, and the browser goes back to the app with a code, signed as Shopify signs such addresses.
 */
import { createHmac } from 'node:crypto';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';

/** Null when the app is unknown or the address to go back to is none. */
export function consent(shop: Shop, asked: URLSearchParams, random: Random): string | null {
  const back = asked.get('redirect_uri') ?? '';
  if (asked.get('client_id') !== shop.installation.clientId || !URL.canParse(back)) return null;
  const scopes = asked.get('scope') || shop.installation.scopes.join(',');
  shop.installation = { ...shop.installation, scopes: scopes.split(',') };
  if (!shop.installed) shop.offline.revoke();
  shop.installed = true;
  const returned = new URL(back);
  const { domain } = shop.profile;
  const fields = {
    code: shop.offline.code(random),
    host: Buffer.from(`admin.shopify.com/store/${domain.split('.')[0]}`).toString('base64'),
    shop: domain,
    state: asked.get('state') ?? '',
    timestamp: String(Math.floor(shop.clock() / 1000)),
  };
  for (const [name, value] of Object.entries(fields)) returned.searchParams.set(name, value);
  // The fields stand in the order of their names, which is the order that is signed.
  const message = new URLSearchParams(fields).toString().replaceAll('+', '%20');
  const signature = createHmac('sha256', shop.installation.clientSecret).update(message).digest('hex');
  returned.searchParams.set('hmac', signature);
  return returned.href;
}
