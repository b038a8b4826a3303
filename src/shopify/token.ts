import { AccessRefused, NeedsAttention, Transient } from '../failures.ts';
import type { AdminCredentials, AppKeys, Secrets } from '../secrets.ts';
import { type HeldToken, heldFor } from './held-token.ts';
import { createOfflineToken, type OfflineDeps } from './offline-token.ts';
import { askForToken, FITS_A_HEADER, refusalOf, type TokenEndpoint } from './token-endpoint.ts';

/**
 * The access token of one store, whatever its kind. Single flight: however many requests find it expired, one is
 * asked for. It is asked for early, and one that is still valid serves on while no other is to be had.
 */
export interface TokenSource {
  current(): Promise<string>;
  /** Shopify refused `stale`: read the secret again and get another token. */
  renew(stale: string): Promise<string>;
}

export interface TokenDeps extends OfflineDeps {
  readonly secrets: Secrets;
}

/** A token is not sent when it may expire on the way. */
const ON_THE_WAY_MS = 30_000;
const TRY_AGAIN_MS = 30_000;

export function createTokenSource(deps: TokenDeps): TokenSource {
  const offline = createOfflineToken(deps);
  let held: HeldToken | null = null;
  let underWay: Promise<string> | null = null;

  const tokenOf = async (admin: AdminCredentials, stale: string | null): Promise<HeldToken> => {
    if (admin.kind === 'client') return await clientGrant(deps, admin);
    if (admin.kind === 'offline') return await offline(admin, stale);
    return { token: admin.accessToken.reveal(), renewAt: NEVER, expiresAt: NEVER };
  };
  /** Refused with credentials that have changed meanwhile: once more with the present ones. */
  const fresh = async (stale: string | null): Promise<HeldToken> => {
    const { secrets, secretName } = deps;
    const credentials = await (stale === null ? secrets.read(secretName) : secrets.readAgain(secretName));
    try {
      return await tokenOf(credentials.admin, stale);
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error;
      const present = await secrets.readAgain(secretName);
      if (present === credentials) throw error;
      return await tokenOf(present.admin, stale);
    }
  };
  const obtain = async (stale: string | null): Promise<string> => {
    try {
      held = await fresh(stale);
    } catch (error) {
      const serves =
        held !== null && held.token !== stale && deps.monotonic() + ON_THE_WAY_MS < held.expiresAt;
      if (!(error instanceof Transient) || held === null || !serves) throw error;
      held = { ...held, renewAt: deps.monotonic() + TRY_AGAIN_MS };
    }
    if (!FITS_A_HEADER.test(held.token))
      throw new NeedsAttention(
        `the access token of ${deps.secretName} holds a character that no token has: copy it anew`,
      );
    return held.token;
  };
  const once = (stale: string | null): Promise<string> => {
    underWay ??= obtain(stale).finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return {
    current: async () => (held !== null && deps.monotonic() < held.renewAt ? held.token : await once(null)),
    renew: async (stale) => {
      // Whoever is at it already may have begun before the token was refused, and come back with the same.
      if (underWay !== null) await underWay;
      return held !== null && held.token !== stale ? held.token : await once(stale);
    },
  };
}

const NEVER = Number.POSITIVE_INFINITY;
/** What Shopify grants where it does not say otherwise. */
const GRANT_MS = 86_399_000;

/** Grant `client_credentials`: 24 hours, no refresh token, one asks anew (docs: client-credentials-grant). */
async function clientGrant(endpoint: TokenEndpoint, { clientId, clientSecret }: AppKeys): Promise<HeldToken> {
  const answer = await askForToken(endpoint, {
    client_id: clientId,
    client_secret: clientSecret.reveal(),
    grant_type: 'client_credentials',
  });
  if (!answer.ok) {
    const { status, code } = answer.refusal;
    throw refusalOf(
      answer.refusal,
      `Shopify refused the app's client id and secret (${status}${code && ` ${code}`}): ${ADVICE[code] ?? ADVICE.otherwise}`,
    );
  }
  const { accessToken, askedAtMonotonic: askedAt, lifeMs } = answer.granted;
  return heldFor(accessToken, askedAt, askedAt + (lifeMs ?? GRANT_MS));
}

const ADVICE: Readonly<Record<string, string>> & { readonly otherwise: string } = {
  shop_not_permitted:
    'the app and the store must belong to one organisation for this grant; let a merchant install the app instead',
  otherwise: 'check them, and that the app is installed in this store',
};
