import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { Clock } from '../src/clock.ts';
import { NeedsAttention, Transient, VaultClosed } from '../src/failures.ts';
import { Secret } from '../src/secrets.ts';
import type { Vault } from '../src/vault.ts';
import { azureCredential, type Identity } from './identity.ts';

/**
 * Azure Key Vault as the port to secrets, reached by identity. It needs the role "Key Vault Secrets User", and
 * "Key Vault Secrets Officer" where stores are installed or added. Nothing is kept here; see src/remembered.ts.
 */

/** A delivery waits for it, and Shopify hangs up after five seconds. */
const TIMEOUT_MS = 4_000;
/** Longer than work waits for: it ends its slice, and comes back. */
const RETRY_AFTER_MS = 10_000;
const RETRIES = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

interface KeyVaultOptions {
  readonly url: string;
  readonly identity: Identity;
  readonly clock: Clock;
}

export function createKeyVault(options: KeyVaultOptions): Vault {
  const { url, clock } = options;
  let client: Promise<SecretClient> | null = null;
  const opened = (): Promise<SecretClient> => {
    client ??= open(url, options.identity).catch((error: unknown) => {
      client = null;
      throw error;
    });
    return client;
  };
  const call = async <T>(name: string, absent: T | null, work: Work<T>): Promise<T> => {
    try {
      return await work(await opened(), { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      if (statusOf(error) === 404 && absent !== null) return absent;
      throw translated(error, options, name);
    }
  };
  const secretOf = async (ofClient: SecretClient, abort: Abort, name: string, version?: string) => {
    const { value } = await ofClient.getSecret(name, version === undefined ? abort : { ...abort, version });
    return new Secret(value ?? '');
  };

  return {
    read: async (name) =>
      (
        await call<readonly Secret[]>(name, [], async (ofClient, abort) => [
          await secretOf(ofClient, abort, name),
        ])
      )[0] ?? null,
    versions: (name) =>
      call<readonly Secret[]>(name, [], async (ofClient, abort) => {
        const listed: SecretProperties[] = [];
        for await (const each of ofClient.listPropertiesOfSecretVersions(name, abort)) listed.push(each);
        const newest = listed
          .filter((each) => isInForce(each, clock()))
          .sort(byAge)
          .slice(0, 2);
        return await Promise.all(newest.map(({ version }) => secretOf(ofClient, abort, name, version)));
      }),
    write: (name, text, { expiresAt } = {}) =>
      call<void>(name, null, async (ofClient, abort) => {
        await ofClient.setSecret(name, text.reveal(), {
          ...abort,
          contentType: 'application/json',
          ...(expiresAt === undefined ? {} : { expiresOn: new Date(expiresAt) }),
        });
      }),
  };
}

interface Abort {
  readonly abortSignal: AbortSignal;
}
type Work<T> = (client: SecretClient, abort: Abort) => Promise<T>;

async function open(url: string, identity: Identity): Promise<SecretClient> {
  const [{ SecretClient }, credential] = await Promise.all([
    import('@azure/keyvault-secrets'),
    azureCredential(identity),
  ]);
  // A stand-in on this machine is no domain of Azure's. Elsewhere the SDK sees to it that no other host gets our token.
  const isLocal = ['127.0.0.1', 'localhost'].includes(new URL(url).hostname);
  return new SecretClient(url, credential, {
    retryOptions: RETRIES,
    disableChallengeResourceVerification: isLocal,
  });
}

/** Disabled, expired or not yet valid versions are the operator's way to say that they no longer count. */
const isInForce = ({ enabled, notBefore, expiresOn }: SecretProperties, now: number): boolean =>
  enabled !== false && (notBefore?.getTime() ?? 0) <= now && now < (expiresOn?.getTime() ?? Infinity);

const byAge = (a: SecretProperties, b: SecretProperties): number =>
  (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0);

const statusOf = (error: unknown): number | null =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;

/** Of the network: a name that is not found is told from a host that is away. */
const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/**
 * By number and name, without the SDK's own error: it carries the request, whose body is a secret when one was
 * being written (R12).
 */
function translated(error: unknown, { url, identity }: KeyVaultOptions, name: string): Error {
  const status = statusOf(error);
  const kind = error instanceof Error ? error.name : 'no error';
  const isRefusal = status !== null && status >= 400 && status < 500 && status !== 429 && status !== 408;
  // The SDK does not tell an identity that is unknown from an endpoint that is away for a moment.
  if (OF_IDENTITY.test(kind) && identity.isManaged)
    return new Transient(
      'the managed identity gave no token for the vault: if that lasts, assign one to the Function App (AZURE_CLIENT_ID names a user-assigned one)',
      { retryAfterMs: RETRY_AFTER_MS },
    );
  if (OF_IDENTITY.test(kind))
    return new VaultClosed(
      'nobody is signed in to open the vault: sign in with "az login", or run where a managed identity is assigned',
    );
  if (status === 401 || status === 403)
    return new VaultClosed(
      `the vault ${url} refused ${name} (${status}): give this app's identity the role "Key Vault Secrets User" there, or "Key Vault Secrets Officer" if it installs or adds stores, and let its firewall pass`,
    );
  if (status === 409)
    return new NeedsAttention(
      `the vault keeps a deleted secret ${name} (409): recover it, or purge it, and try again`,
    );
  if (isRefusal)
    return new NeedsAttention(
      `the vault ${url} takes no secret ${name} (${status}): check its name and size`,
    );
  return new Transient(`the vault ${url} did not answer (${status ?? codeOf(error) ?? kind})`, {
    retryAfterMs: RETRY_AFTER_MS,
  });
}

const OF_IDENTITY =
  /^(CredentialUnavailable|Authentication|AuthenticationRequired|AggregateAuthentication)Error$/;
