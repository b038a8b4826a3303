import { Moved, Transient } from '../failures.ts';
import { isShopDomain } from './installation.ts';

/**
 * The name of a shop that was renamed leads to its new one. We do not follow, for a token is for nobody but the address it
 * was meant for; and of an address that anybody on the way may have written we say no more than a name that a shop can
 * have. `fetch` has to be told `redirect: 'manual'`.
 */
export function refuseRedirect(response: Response, origin: string): void {
  const { status, headers, type } = response;
  if (type !== 'opaqueredirect' && !(status >= 300 && status < 400)) return;
  const to = shopOf(headers.get('location'), origin);
  if (to !== null) throw new Moved(origin, to);
  throw new Transient(
    `${origin} answered with a redirect (${status}) that leads to no other shop: check SHOPIFY_ORIGIN, or what stands between this service and Shopify`,
    { retryAfterMs: 1_000 },
  );
}

/** Null for what is no shop, or the very one that was asked. */
function shopOf(location: string | null, origin: string): string | null {
  if (location === null || !URL.canParse(location, origin)) return null;
  const { protocol, hostname, port } = new URL(location, origin);
  const isOwn = origin.includes(hostname);
  return protocol === 'https:' && port === '' && !isOwn && isShopDomain(hostname) ? hostname : null;
}
