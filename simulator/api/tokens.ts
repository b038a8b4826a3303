/**
 * Who may call: a static token for ever, the client-credentials grant's for a day, an offline token for an hour.
 * A shop whose app was uninstalled accepts none and gives none.
 */
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { ACCESS_SECONDS, type Pair, REFRESH_SECONDS } from './offline-tokens.ts';

/** Seconds, as the real endpoint says: a day less one. */
const GRANT_SECONDS = 86_399;

export function isAuthorized(shop: Shop, token: string | null): boolean {
  if (!shop.installed || token === null || token === '') return false;
  if (token === shop.installation.accessToken || shop.offline.accepts(token)) return true;
  const expiresAt = shop.issuedTokens.get(token);
  return expiresAt !== undefined && shop.clock() < expiresAt;
}

export interface GrantRequest {
  readonly client_id?: unknown;
  readonly client_secret?: unknown;
  readonly grant_type?: unknown;
  readonly code?: unknown;
  readonly expiring?: unknown;
  readonly refresh_token?: unknown;
}

export interface GrantAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POST /admin/oauth/access_token, for whatever it is asked. */
export function grant(shop: Shop, request: GrantRequest, random: Random): GrantAnswer {
  const { clientId, clientSecret } = shop.installation;
  if (request.client_id !== clientId) return refused(400, 'application_cannot_be_found');
  if (request.client_secret !== clientSecret) return refused(400, 'invalid_client');
  if (!shop.installed) shop.offline.revoke();
  if (typeof request.code === 'string') return exchange(shop, request, random);
  if (request.grant_type === 'refresh_token') return renew(shop, request, random);
  if (request.grant_type !== 'client_credentials') return refused(400, 'unsupported_grant_type');
  return shop.installed ? daily(shop, random) : refused(400, 'app_not_installed');
}

/** Every grant is a new token; earlier ones live on until they expire. */
function daily(shop: Shop, random: Random): GrantAnswer {
  const token = `shpat_${random.hex(32)}`;
  forgetExpired(shop);
  shop.issuedTokens.set(token, shop.clock() + GRANT_SECONDS * 1000);
  return granted({ access_token: token, scope: scopeOf(shop), expires_in: GRANT_SECONDS });
}

/** A permanent token for whoever does not ask for an expiring one. */
function exchange(shop: Shop, { code, expiring }: GrantRequest, random: Random): GrantAnswer {
  const pair = shop.offline.exchange(String(code), random);
  if (pair === null)
    return refused(400, 'invalid_request', 'The authorization code was not found or was already used');
  if (expiring === '1') return paired(shop, pair);
  shop.offline.revoke();
  shop.issuedTokens.set(pair.accessToken, Number.POSITIVE_INFINITY);
  return granted({ access_token: pair.accessToken, scope: scopeOf(shop) });
}

function renew(shop: Shop, { refresh_token }: GrantRequest, random: Random): GrantAnswer {
  const pair = shop.offline.renew(String(refresh_token), random);
  return pair === null
    ? refused(401, 'invalid_request', 'This request requires an active refresh_token')
    : paired(shop, pair);
}

const paired = (shop: Shop, { accessToken, refreshToken }: Pair): GrantAnswer =>
  granted({
    access_token: accessToken,
    scope: scopeOf(shop),
    expires_in: ACCESS_SECONDS,
    refresh_token: refreshToken,
    refresh_token_expires_in: REFRESH_SECONDS,
  });

const scopeOf = ({ installation }: Shop): string => installation.scopes.join(',');

const granted = (body: GrantAnswer['body']): GrantAnswer => ({ status: 200, body });

const refused = (status: number, error: string, description?: string): GrantAnswer => ({
  status,
  body: { error, ...(description && { error_description: description }) },
});

function forgetExpired({ issuedTokens, clock }: Shop): void {
  for (const [token, expiresAt] of issuedTokens) if (expiresAt <= clock()) issuedTokens.delete(token);
}
