import type { Environment } from './config.ts';
import { type Credentials, Secret } from './secrets.ts';
import { storeSecretName } from './vault-documents.ts';

/** The stores that the environment names, each with its credentials or with where they are in the vault. */
interface ConfiguredStore {
  readonly domain: string;
  readonly secretName: string;
  /** Null when they are in the vault. */
  readonly credentials: Credentials | null;
}

const DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** `SHOPIFY_SHOP` with its credentials, and further stores as `SHOPIFY_2_SHOP`, `SHOPIFY_3_SHOP`, … */
export function storesOf(env: Environment, problems: string[]): readonly ConfiguredStore[] {
  const prefixes = prefixesOf(env, 'SHOP');
  for (const prefix of new Set(prefixesOf(env, CREDENTIALS)))
    if (!prefixes.includes(prefix))
      problems.push(`${prefix}_SHOP is missing, and credentials for it are there: set it, or remove them`);
  const named = new Map<string, string>();
  const stores = prefixes.flatMap((prefix): readonly ConfiguredStore[] => {
    const domain = env[`${prefix}_SHOP`]!.trim().toLowerCase();
    const other = named.get(domain);
    if (!DOMAIN.test(domain))
      problems.push(`${prefix}_SHOP is no shop domain: it looks like example.myshopify.com`);
    else if (other !== undefined)
      problems.push(`${prefix}_SHOP is the store of ${other}_SHOP: remove one of the two`);
    named.set(domain, prefix);
    if (env['KEY_VAULT_URL'] !== undefined && !prefixesOf(env, CREDENTIALS).includes(prefix))
      return [{ domain, secretName: storeSecretName(domain), credentials: null }];
    const credentials = credentialsOf(env, prefix, problems);
    return credentials === null ? [] : [{ domain, secretName: `env:${prefix}`, credentials }];
  });
  if (stores.length > 1 && env['SHOPIFY_ORIGIN']?.includes('{shop}') === false)
    problems.push('SHOPIFY_ORIGIN is one address for several stores: write {shop} where the domain belongs');
  return stores;
}

const CREDENTIALS = 'CLIENT_ID|CLIENT_SECRET|ACCESS_TOKEN|WEBHOOK_SECRET|WEBHOOK_SECRET_PREVIOUS';

const prefixesOf = (env: Environment, ending: string): readonly string[] =>
  Object.keys(env)
    .map((name) => new RegExp(`^(SHOPIFY(?:_\\d+)?)_(?:${ending})$`).exec(name)?.[1])
    .filter((prefix) => prefix !== undefined);

function credentialsOf(env: Environment, prefix: string, problems: string[]): Credentials | null {
  const text = (ending: string) => secretText(env, `${prefix}_${ending}`, problems);
  const clientId = text('CLIENT_ID');
  const clientSecret = text('CLIENT_SECRET');
  const accessToken = text('ACCESS_TOKEN');
  const webhookSecrets = [text('WEBHOOK_SECRET') ?? clientSecret, text('WEBHOOK_SECRET_PREVIOUS')]
    .filter((secret) => secret !== undefined)
    .map((secret) => new Secret(secret));
  if (webhookSecrets.length === 0 && env['WEBHOOK_URL'] !== undefined)
    problems.push(
      `${prefix}_WEBHOOK_SECRET is missing: with WEBHOOK_URL, set the secret that signs webhooks`,
    );
  if (accessToken !== undefined)
    return { admin: { kind: 'token', accessToken: new Secret(accessToken) }, webhookSecrets };
  if (clientId !== undefined && clientSecret !== undefined)
    return { admin: { kind: 'client', clientId, clientSecret: new Secret(clientSecret) }, webhookSecrets };
  problems.push(
    `${prefix}_SHOP has no credentials: set ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET, or ${prefix}_ACCESS_TOKEN, or KEY_VAULT_URL with a secret for it`,
  );
  return null;
}

/**
 * A stray blank or invisible character would end up in a header, and in the error that `fetch` throws for it. And Azure
 * leaves a reference as it stands when it cannot resolve it: as a secret it would be one that everybody can guess.
 */
export function secretText(env: Environment, name: string, problems: string[]): string | undefined {
  const text = env[name]?.trim();
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text))
    problems.push(`${name} holds a character that no such secret has: copy it anew`);
  if (text?.startsWith('@Microsoft.KeyVault('))
    problems.push(`${name} is a reference that was not resolved: let the app read the secret in the vault`);
  return text;
}
