import { AccessRefused, NeedsAttention, Transient } from '../failures.ts';
import { type AppKeys, type OfflineTokens, Secret, type Secrets } from '../secrets.ts';
import { type TokenLeaseDeps, underTokenLease } from '../token-lease.ts';
import { type HeldToken, heldFor } from './held-token.ts';
import {
  askForToken,
  type Granted,
  isOfTheClient,
  type Refusal,
  refusalOf,
  type TokenAnswer,
  type TokenEndpoint,
} from './token-endpoint.ts';

/**
 * The expiring offline token: an hour long, renewed by a refresh token that lives for 90 days and is replaced at
 * each use. The new pair is durable in the vault before its access token is used; a process that dies in between
 * loses nothing, for Shopify takes the former refresh token until the new one is used, for 30 days at most
 * (changelog "More resilient refreshes", 2026-08-28). A refresh token that it refuses is gone for good: only a
 * merchant can install the app again, and until then this store needs attention and the others go on.
 *
 *     vault's pair fresh? ─yes─▶ use it
 *           └─no─▶ lease ─▶ vault again ─▶ Shopify ─▶ still held? ─▶ vault ─▶ use it
 */
export interface OfflineDeps extends TokenEndpoint, TokenLeaseDeps {
  readonly secrets: Pick<Secrets, 'readTokens' | 'writeTokens'>;
  readonly secretName: string;
  readonly storeId: number;
  readonly domain: string;
}

/** What Shopify gives where it does not say otherwise: it has left `expires_in` out before. */
const LIFE_MS = 3_600_000;
const REFRESH_LIFE_MS = 90 * 24 * 3_600_000;
const WRITE_AGAIN_MS = 30_000;
/**
 * A refresh token that was refused is not tried again for so long, however often a token is asked for. Less than lies
 * between the two refusals that prove an uninstallation: the second one has to be Shopify's too.
 */
const REFUSED_MS = 2 * 60_000;

export function createOfflineToken(
  deps: OfflineDeps,
): (keys: AppKeys, stale: string | null) => Promise<HeldToken> {
  let refused: { readonly refreshToken: Secret; readonly at: number; readonly error: AccessRefused } | null =
    null;

  const standing = async (): Promise<OfflineTokens> => {
    const tokens = await deps.secrets.readTokens(deps.secretName);
    if (tokens === null)
      throw new NeedsAttention(`the app is not installed in ${deps.domain} yet: ${installing(deps.domain)}`);
    return tokens;
  };
  const usable = (tokens: OfflineTokens, stale: string | null): HeldToken | null => {
    const held = heldOf(deps, tokens);
    return held.token !== stale && deps.monotonic() < held.renewAt ? held : null;
  };
  const renew = async (
    keys: AppKeys,
    stale: string | null,
    isHeld: () => Promise<boolean>,
  ): Promise<HeldToken> => {
    const former = await standing();
    const found = usable(former, stale);
    if (found !== null) return found;
    if (refused?.refreshToken.equals(former.refreshToken) && deps.monotonic() - refused.at < REFUSED_MS)
      throw refused.error;
    const answer = await refresh(deps, keys, former.refreshToken);
    if (!answer.ok) {
      const error = refusal(deps.domain, answer.refusal);
      if (isDead(answer.refusal))
        refused = { refreshToken: former.refreshToken, at: deps.monotonic(), error };
      throw error;
    }
    const tokens = tokensOf(answer.granted, former.refreshToken);
    if (!(await isHeld())) throw new Transient(`renewing the token of ${deps.domain} took too long`);
    await written(deps, tokens);
    return heldOf(deps, tokens);
  };

  return async (keys, stale) =>
    usable(await standing(), stale) ??
    (await underTokenLease(
      deps,
      deps.storeId,
      (isHeld) => renew(keys, stale, isHeld),
      async () => usable(await standing(), stale),
    ));
}

const refresh = (deps: OfflineDeps, keys: AppKeys, refreshToken: Secret): Promise<TokenAnswer> =>
  askForToken(deps, {
    client_id: keys.clientId,
    client_secret: keys.clientSecret.reveal(),
    grant_type: 'refresh_token',
    refresh_token: refreshToken.reveal(),
  });

/** A vault that takes nothing is given time: each further try would cost a renewal at Shopify. */
async function written({ secrets, secretName }: OfflineDeps, tokens: OfflineTokens): Promise<void> {
  try {
    await secrets.writeTokens(secretName, tokens);
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    throw new Transient(error.message, { retryAfterMs: WRITE_AGAIN_MS, cause: error });
  }
}

/** Shopify answers 401 `invalid_request` ("requires an active refresh_token"); OAuth's own word is `invalid_grant`. */
const isDead = (refusal: Refusal): boolean =>
  !isOfTheClient(refusal) && (refusal.code === 'invalid_request' || refusal.code === 'invalid_grant');

const refusal = (domain: string, { status, code }: Refusal): AccessRefused =>
  isDead({ status, code })
    ? new AccessRefused(
        `Shopify no longer accepts the refresh token of ${domain} (${status} ${code}): ${installing(domain)}`,
      )
    : refusalOf(
        { status, code },
        `Shopify refused to renew the token of ${domain} (${status} ${code}): check the app's id and secret in the vault, or ${installing(domain)}`,
      );

const installing = (domain: string): string =>
  `install the app again, starting from /api/stores/install?shop=${domain}`;

/** A pair as Shopify granted it; it may leave the refresh token as it was. Throws `NeedsAttention` without any. */
export function tokensOf(granted: Granted, former: Secret | null = null): OfflineTokens {
  const { accessToken, askedAt, lifeMs, refreshToken, refreshLifeMs } = granted;
  const next = refreshToken === null ? former : new Secret(refreshToken);
  if (next === null)
    throw new NeedsAttention(
      'Shopify granted a token that cannot be renewed: enable expiring offline tokens',
    );
  return {
    accessToken: new Secret(accessToken),
    issuedAt: askedAt,
    expiresAt: askedAt + (lifeMs ?? LIFE_MS),
    refreshToken: next,
    refreshExpiresAt: askedAt + (refreshLifeMs ?? REFRESH_LIFE_MS),
  };
}

/**
 * The vault tells times of the clocks of several machines, which may have been set since: no token is older than none at
 * all, or lives longer than it was granted for.
 */
function heldOf(
  { clock, monotonic }: Pick<OfflineDeps, 'clock' | 'monotonic'>,
  { accessToken, issuedAt, expiresAt }: OfflineTokens,
): HeldToken {
  const ageMs = Math.max(0, clock() - issuedAt);
  const bornAt = monotonic() - ageMs;
  return heldFor(accessToken.reveal(), bornAt, bornAt + (expiresAt - issuedAt));
}
