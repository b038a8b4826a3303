/**
 * Who may call: a static token for ever, or the client-credentials grant's for a day. A shop whose app was
 * uninstalled accepts neither.
 */
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';

/** Seconds, as the real endpoint says: a day less one. */
const GRANT_SECONDS = 86_399;

export function isAuthorized(shop: Shop, token: string | null): boolean {
  if (!shop.installed || token === null || token === '') return false;
  if (token === shop.installation.accessToken) return true;
  const expiresAt = shop.issuedTokens.get(token);
  return expiresAt !== undefined && shop.clock() < expiresAt;
}

export interface GrantRequest {
  readonly client_id?: unknown;
  readonly client_secret?: unknown;
  readonly grant_type?: unknown;
}

export interface GrantAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POST /admin/oauth/access_token. Every grant is a new token; earlier ones live on until they expire. */
export function grant(shop: Shop, request: GrantRequest, random: Random): GrantAnswer {
  const { clientId, clientSecret, scopes } = shop.installation;
  if (request.grant_type !== 'client_credentials') return refused(400, 'unsupported_grant_type');
  if (request.client_id !== clientId) return refused(400, 'application_cannot_be_found');
  if (request.client_secret !== clientSecret) return refused(400, 'invalid_client');
  if (!shop.installed) return refused(400, 'app_not_installed');
  const token = `shpat_${random.hex(32)}`;
  forgetExpired(shop);
  shop.issuedTokens.set(token, shop.clock() + GRANT_SECONDS * 1000);
  return { status: 200, body: { access_token: token, scope: scopes.join(','), expires_in: GRANT_SECONDS } };
}

const refused = (status: number, error: string): GrantAnswer => ({ status, body: { error } });

function forgetExpired({ issuedTokens, clock }: Shop): void {
  for (const [token, expiresAt] of issuedTokens) if (expiresAt <= clock()) issuedTokens.delete(token);
}
