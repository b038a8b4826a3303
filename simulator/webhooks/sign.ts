/** What proves that Shopify sent a body: HMAC-SHA256 over its bytes, keyed with the app's client secret. */
import { createHmac } from 'node:crypto';

export function sign(body: Uint8Array, clientSecret: string): string {
  return createHmac('sha256', clientSecret).update(body).digest('base64');
}
