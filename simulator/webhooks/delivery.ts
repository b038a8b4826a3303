/**
 * One webhook on its way to one subscription: body and identity stay as they were when the event happened,
 * however often it is sent.
 */
import { stringify } from 'lossless-json';
import type { WebhookSubscription } from '../profile.ts';
import type { Shop } from '../shop.ts';
import { sign } from './sign.ts';

export interface Delivery {
  readonly topic: string;
  readonly subscription: WebhookSubscription;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly webhookId: string;
  readonly eventId: string;
  readonly triggeredAt: string;
  /** Somebody else than Shopify sends it: signed with a wrong secret, never sent again. */
  readonly forged: boolean;
  /** How often it was sent before. */
  readonly attempts: number;
  /** When it was first sent, or is to be. */
  readonly firstDueAt: number;
}

/** JSON text with ids of any length as numbers; only `includeFields` where the subscription names some. */
export function bodyOf(payload: object, { includeFields }: WebhookSubscription): Uint8Array<ArrayBuffer> {
  const body = includeFields.length > 0 ? selected(payload, includeFields) : payload;
  return new TextEncoder().encode(stringify(body) ?? '');
}

function selected(payload: object, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(payload).filter(([key]) => fields.includes(key)));
}

/** Shopify's clock has nanoseconds; ours adds random ones. */
export function nanosecondText(at: number, nanoseconds: number): string {
  const seconds = new Date(at).toISOString().slice(0, 23);
  return `${seconds}${String(nanoseconds).padStart(6, '0')}Z`;
}

export function headersOf(shop: Shop, delivery: Delivery): Record<string, string> {
  const secret = delivery.forged ? 'a-secret-that-only-a-forger-uses' : shop.installation.clientSecret;
  const { name } = delivery.subscription;
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'Shopify-Captain-Hook',
    'X-Shopify-Topic': delivery.topic,
    'X-Shopify-Hmac-Sha256': sign(delivery.body, secret),
    'X-Shopify-Shop-Domain': shop.profile.domain,
    'X-Shopify-API-Version': shop.webhookVersion,
    'X-Shopify-Webhook-Id': delivery.webhookId,
    'X-Shopify-Event-Id': delivery.eventId,
    'X-Shopify-Triggered-At': delivery.triggeredAt,
    ...(name !== null && { 'X-Shopify-Name': name }),
  };
}

/** Answers with the status; rejects when there was no answer. */
export type Send = (
  url: string,
  headers: Record<string, string>,
  body: Uint8Array<ArrayBuffer>,
) => Promise<number>;

/** Shopify waits five seconds in all for an answer. */
const TIMEOUT_MS = 5000;

/** Over the network. Redirections are answers, not ways: Shopify does not follow them. */
export const sendByFetch: Send = async (url, headers, body) => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  await response.arrayBuffer();
  return response.status;
};
