import { z } from 'zod';
import type { Clock, Monotonic } from '../clock.ts';
import { AccessRefused, ClientRefused, Transient, UnknownShop } from '../failures.ts';
import { refuseRedirect } from './redirect.ts';

/**
 * `POST /admin/oauth/access_token`, the one address for every kind of token (docs: client-credentials-grant,
 * offline-access-tokens, authorization-code-grant). Shopify's library was not used for it: it asks without a time
 * limit, of `https://{shop}` only, by a global `fetch`, and reads an answer without `expires_in` as "for ever".
 */
export interface TokenEndpoint {
  /** `https://something.myshopify.com` */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
}

export interface Granted {
  readonly accessToken: string;
  /** When we asked, by this machine's clock: what other processes are told of lives, which are counted from here. */
  readonly askedAt: number;
  /** The same, by the monotonic clock. */
  readonly askedAtMonotonic: number;
  /** Null where Shopify did not say. */
  readonly lifeMs: number | null;
  /** Null for tokens that are not renewed but asked for anew. */
  readonly refreshToken: string | null;
  readonly refreshLifeMs: number | null;
}

/** Shopify's no: `code` is its OAuth error, such as `invalid_request`, or empty. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** What is wrong with the client itself, which tells nothing of the app's installation. */
const OF_THE_CLIENT = new Set([
  '',
  'invalid_client',
  'application_cannot_be_found',
  'unsupported_grant_type',
  'server_error',
  'temporarily_unavailable',
]);

/** A 403 may be anybody's on the way, whatever its body says. */
export const isOfTheClient = ({ status, code }: Refusal): boolean =>
  status === 403 || OF_THE_CLIENT.has(code);

export const refusalOf = (refusal: Refusal, message: string): AccessRefused =>
  isOfTheClient(refusal) ? new ClientRefused(message) : new AccessRefused(message);

export type TokenAnswer =
  | { readonly ok: true; readonly granted: Granted }
  | { readonly ok: false; readonly refusal: Refusal };

/** With another character in it `fetch` throws, and the error names the token (R12). */
export const FITS_A_HEADER = /^[\x21-\x7e]+$/;

const TIMEOUT_MS = 15_000;
const RETRY_AFTER_MS = 5_000;

const seconds = z.number().positive().nullish();
const answered = z.object({
  access_token: z.string().regex(FITS_A_HEADER),
  expires_in: seconds,
  refresh_token: z.string().regex(FITS_A_HEADER).nullish(),
  refresh_token_expires_in: seconds,
});
const refused = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/) });

/** Throws `Transient` when no answer came that can be used, `NeedsAttention` when there is no such store. */
export async function askForToken(
  endpoint: TokenEndpoint,
  body: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const askedAt = endpoint.clock();
  const askedAtMonotonic = endpoint.monotonic();
  const response = await post(endpoint, body);
  const { status } = response;
  if (status >= 500 || status === 429 || status === 408)
    throw new Transient(`Shopify answered ${status} to the token request`, { retryAfterMs: RETRY_AFTER_MS });
  if (status === 404) throw new UnknownShop();
  refuseRedirect(response, endpoint.origin);
  // Without the parser's error: it quotes the body.
  const json: unknown = await response.json().catch(() => null);
  if (!response.ok)
    return { ok: false, refusal: { status, code: refused.safeParse(json).data?.error ?? '' } };
  const { data } = answered.safeParse(json);
  if (data === undefined)
    throw new Transient('Shopify granted no access token that can be used', { retryAfterMs: RETRY_AFTER_MS });
  const granted = {
    accessToken: data.access_token,
    askedAt,
    askedAtMonotonic,
    lifeMs: inMs(data.expires_in),
    refreshToken: data.refresh_token ?? null,
    refreshLifeMs: inMs(data.refresh_token_expires_in),
  };
  return { ok: true, granted };
}

const inMs = (given: number | null | undefined): number | null => (given ? given * 1_000 : null);

async function post(
  { origin, fetch }: TokenEndpoint,
  body: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    return await fetch(`${origin}/admin/oauth/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
  } catch (cause) {
    throw new Transient(`Shopify could not be reached at ${origin}`, { retryAfterMs: RETRY_AFTER_MS, cause });
  }
}
