import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { NeedsAttention, Refused, Transient } from '../failures.ts';
import type { Secret, Secrets } from '../secrets.ts';

/**
 * The access token of one store: static, or by the client-credentials grant (24 h, no refresh token: one asks
 * anew). Single flight: however many requests find the token expired, one grant is asked for.
 */
export interface TokenSource {
  current(): Promise<string>;
  /** Shopify refused `stale`: read the secret again and get another token. */
  renew(stale: string): Promise<string>;
}

/** Ask anew this long before the grant expires. */
const EARLY_MS = 5 * 60_000;

export function createTokenSource(deps: {
  readonly secrets: Secrets;
  readonly secretName: string;
  /** `https://something.myshopify.com` */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}): TokenSource {
  let held: { readonly token: string; readonly until: number } | null = null;
  let underWay: Promise<string> | null = null;

  const obtain = async (): Promise<string> => {
    const { admin } = await deps.secrets.read(deps.secretName);
    const got =
      admin.kind === 'token'
        ? { token: admin.accessToken.reveal(), until: Number.POSITIVE_INFINITY }
        : await grant(deps, admin.clientId, admin.clientSecret);
    if (!FITS_A_HEADER.test(got.token))
      throw new NeedsAttention(
        `the access token of ${deps.secretName} holds a character that no token has: copy it anew`,
      );
    held = got;
    return held.token;
  };
  const once = (): Promise<string> => {
    underWay ??= obtain().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return {
    current: async () => (held !== null && deps.clock() < held.until ? held.token : await once()),
    renew: async (stale) => (held !== null && held.token !== stale ? held.token : await once()),
  };
}

/** With another character in it `fetch` throws, and the error names the token (R12). */
const FITS_A_HEADER = /^[\x21-\x7e]+$/;

const granted = z.object({
  access_token: z.string().regex(FITS_A_HEADER),
  expires_in: z.number().positive().default(86_399),
});

/** `POST /admin/oauth/access_token`, grant `client_credentials` (docs: client-credentials-grant). */
async function grant(
  deps: { readonly origin: string; readonly fetch: typeof fetch; readonly clock: Clock },
  clientId: string,
  clientSecret: Secret,
): Promise<{ readonly token: string; readonly until: number }> {
  const askedAt = deps.clock();
  const response = await post(deps, {
    client_id: clientId,
    client_secret: clientSecret.reveal(),
    grant_type: 'client_credentials',
  });
  if (response.status >= 500 || response.status === 429)
    throw new Transient(`Shopify answered ${response.status} to the token request`, { retryAfterMs: 5_000 });
  if (response.status === 404)
    throw new NeedsAttention(
      'Shopify knows no such store (404): check SHOPIFY_SHOP, it ends in .myshopify.com',
    );
  if (!response.ok) throw refusalOf(response.status, await response.json().catch(() => null));
  const body = granted.safeParse(await response.json().catch(() => null));
  if (!body.success)
    throw new Transient('Shopify granted no access token that can be used', { retryAfterMs: 5_000 });
  const { access_token: token, expires_in: seconds } = body.data;
  const lifeMs = seconds * 1_000;
  return { token, until: askedAt + Math.max(lifeMs - EARLY_MS, lifeMs / 2) };
}

const refused = z.object({ error: z.string() });

/** What is wrong with the client itself, which tells nothing of the app's installation. */
const OF_THE_CLIENT = new Set(['invalid_client', 'application_cannot_be_found', 'unsupported_grant_type']);

function refusalOf(status: number, json: unknown): NeedsAttention {
  const message = `Shopify refused the app's client id and secret (${status}): check them, and that the app is installed in this store`;
  const error = refused.safeParse(json).data?.error;
  return error === undefined || OF_THE_CLIENT.has(error) ? new NeedsAttention(message) : new Refused(message);
}

async function post(
  deps: { readonly origin: string; readonly fetch: typeof fetch },
  body: Record<string, string>,
): Promise<Response> {
  try {
    return await deps.fetch(`${deps.origin}/admin/oauth/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
      redirect: 'error',
    });
  } catch (cause) {
    throw new Transient(`Shopify could not be reached at ${deps.origin}`, { retryAfterMs: 5_000, cause });
  }
}
