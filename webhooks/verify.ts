import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The only way a delivery comes into being: an HMAC-SHA256 over the raw bytes that one of the store's secrets
 * produced. Topic and shop are headers and not signed; what they say is checked again where it matters (R8).
 */
declare const verified: unique symbol;

export interface Delivery {
  readonly [verified]: true;
  /** Enum form of the header: `orders/updated` → `ORDERS_UPDATED`. */
  readonly topic: string;
  readonly domain: string;
  readonly webhookId: string;
  /** Shopify's time of the change, null when the header is missing or malformed. */
  readonly triggeredAt: number | null;
  /** `2026-10` or `unstable`; null when the header is missing or malformed. */
  readonly apiVersion: string | null;
  readonly body: Uint8Array;
  /** Names these very bytes: nobody without the secret can make it, or another one for them. */
  readonly signature: string;
}

/** What the door reads from a request before anything is believed. */
export interface Unverified {
  readonly topic: string | null;
  readonly domain: string | null;
  readonly webhookId: string | null;
  readonly triggeredAt: string | null;
  readonly apiVersion: string | null;
  readonly signature: string | null;
}

/** The headers of a delivery (docs: webhooks, delivery structure), by case-insensitive name. */
export const headersOf = (headers: { get(name: string): string | null }): Unverified => ({
  topic: headers.get('x-shopify-topic'),
  domain: headers.get('x-shopify-shop-domain'),
  webhookId: headers.get('x-shopify-webhook-id'),
  triggeredAt: headers.get('x-shopify-triggered-at'),
  apiVersion: headers.get('x-shopify-api-version'),
  signature: headers.get('x-shopify-hmac-sha256'),
});

/** `orders/updated` → `ORDERS_UPDATED` */
export const enumOf = (topic: string): string => topic.toUpperCase().replace(/[/.]/g, '_');

/**
 * A time as Shopify writes it, null for anything else. `Date.parse` alone takes "May 1" and the year 200000, which
 * no column of the delivery log holds.
 */
export function timeOf(text: unknown): number | null {
  const at = typeof text === 'string' && /^2\d{3}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

const versionOf = (text: string | null): string | null =>
  text !== null && /^(\d{4}-\d\d|unstable)$/.test(text) ? text : null;

/** Null when no secret produced the signature. Current and previous secret are both tried, in constant time each. */
export function verify(headers: Unverified, body: Uint8Array, secrets: readonly string[]): Delivery | null {
  if (headers.signature === null || headers.topic === null || headers.domain === null) return null;
  const claimed = Buffer.from(headers.signature, 'base64');
  const matches = secrets.map((secret) => {
    const expected = createHmac('sha256', secret).update(body).digest();
    return claimed.length === expected.length && timingSafeEqual(claimed, expected);
  });
  if (!matches.includes(true)) return null;
  return {
    topic: enumOf(headers.topic),
    domain: headers.domain.toLowerCase(),
    webhookId: (headers.webhookId ?? '').slice(0, 100),
    triggeredAt: timeOf(headers.triggeredAt),
    apiVersion: versionOf(headers.apiVersion),
    body,
    signature: claimed.toString('base64url'),
  } as Delivery;
}
