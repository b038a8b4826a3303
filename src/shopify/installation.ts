import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AppKeys, Secret } from '../secrets.ts';

/**
 * Installing the app in a store that belongs to somebody else (docs: authorization-code-grant). An operator starts
 * it, a merchant agrees, and Shopify sends the merchant's browser back with a code.
 *
 *     operator ─▶ install link with our signed state ─▶ Shopify asks the merchant ─▶ callback: HMAC, state ─▶ code
 *
 * Two things are checked in what comes back. Shopify's HMAC over the whole query: the code is Shopify's. Our own
 * signature in the state: this installation of Driftless asked for this very store, within a day. So nobody can add
 * a store of his own. No cookie binds the browser, as there is no session that a stranger's code could get into.
 */
export interface Installing {
  /** `https://something.myshopify.com` */
  readonly origin: string;
  readonly domain: string;
  /** Where Shopify sends the browser back; the app has to list it among its redirect URLs. */
  readonly redirectUrl: string;
}

/** A merchant may get the link by mail. */
const LINK_MS = 24 * 3_600_000;
/** How long Shopify's own query is believed, either way. */
const QUERY_MS = 10 * 60_000;

export const isShopDomain = (text: string): boolean => /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(text);

/** Without scopes: Shopify takes those of the app's configuration, shopify.app.toml. `nonce` never repeats. */
export function installLink(installing: Installing, keys: AppKeys, now: number, nonce: string): string {
  const link = new URL(`${installing.origin}/admin/oauth/authorize`);
  link.searchParams.set('client_id', keys.clientId);
  link.searchParams.set('scope', '');
  link.searchParams.set('redirect_uri', installing.redirectUrl);
  const claim = `${now + LINK_MS}.${nonce}`;
  link.searchParams.set('state', `${claim}.${signed(keys.clientSecret, stateOf(installing.domain, claim))}`);
  return link.href;
}

export type Returned =
  | { readonly ok: true; readonly domain: string; readonly code: string }
  | { readonly ok: false; readonly why: string };

/** What came back to the redirect URL. `secrets`: the app's current one and the one before. */
export function readReturn(query: URLSearchParams, secrets: readonly Secret[], clock: Clock): Returned {
  const value = (name: string) => query.get(name) ?? '';
  if (!secrets.some((secret) => matches(value('hmac'), signed(secret, messageOf(query)))))
    return { ok: false, why: 'this was not signed by Shopify: start from the install link' };
  const ageMs = clock() - Number(value('timestamp')) * 1_000;
  const [until, nonce, signature = ''] = value('state').split('.');
  const domain = value('shop').toLowerCase();
  const state = stateOf(domain, `${until}.${nonce}`);
  const isOurs = secrets.some((secret) => matches(signature, signed(secret, state)));
  if (!isOurs || !isShopDomain(domain) || value('code') === '')
    return { ok: false, why: 'nobody here asked to install the app in this store: ask for an install link' };
  if (!(Number(until) > clock() && Math.abs(ageMs) < QUERY_MS))
    return { ok: false, why: 'the install link is too old: ask for another one' };
  return { ok: true, domain, code: value('code') };
}

const stateOf = (domain: string, claim: string): string => `install/${domain}/${claim}`;

/** The query without its HMAC, sorted by name, encoded as Shopify's own library does. */
function messageOf(query: URLSearchParams): string {
  const named = [...query].filter(([name]) => name !== 'hmac' && name !== 'signature');
  named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return new URLSearchParams(named).toString().replaceAll('+', '%20');
}

const signed = (secret: Secret, text: string): string =>
  createHmac('sha256', secret.reveal()).update(text).digest('hex');

function matches(claimed: string, expected: string): boolean {
  const [a, b] = [Buffer.from(claimed), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
