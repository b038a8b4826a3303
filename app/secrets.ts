import type { Clock, Monotonic } from '../src/clock.ts';
import type { Config } from '../src/config.ts';
import { NeedsAttention } from '../src/failures.ts';
import type { Log } from '../src/log.ts';
import type { Secrets } from '../src/secrets.ts';
import type { Vault } from '../src/vault.ts';
import { createVaultSecrets, type VaultSecrets } from '../src/vault-secrets.ts';
import { createKeyVault } from './key-vault.ts';

/**
 * The sources of secrets behind the one port. What the environment holds is named `env:…`, which no vault allows in
 * a name; everything else is in the vault.
 */
export const vaultOf = (config: Config, clock: Clock): Vault | null =>
  config.keyVaultUrl === null
    ? null
    : createKeyVault({ url: config.keyVaultUrl, identity: config.identity, clock });

export function secretsOf(
  config: Config,
  vault: Vault | null,
  outside: { readonly monotonic: Monotonic; readonly log: Log },
): VaultSecrets {
  const environment = environmentSecrets(config);
  const inVault = vault === null ? null : createVaultSecrets({ vault, ...outside });
  const held = (): VaultSecrets => {
    if (inVault !== null) return inVault;
    throw new NeedsAttention(
      'there is no vault to keep secrets in: set KEY_VAULT_URL, or put the store and its credentials into the environment',
    );
  };
  const sourceOf = (name: string): Secrets =>
    inVault === null || name.startsWith('env:') ? environment : inVault;
  return {
    read: async (name) => await sourceOf(name).read(name),
    readAgain: async (name) => await sourceOf(name).readAgain(name),
    readTokens: async (name) => await sourceOf(name).readTokens(name),
    writeTokens: async (name, tokens) => await held().writeTokens(name, tokens),
    writeStore: async (name, document) => await held().writeStore(name, document),
    appKeys: async (name) => await held().appKeys(name),
    appKeysAgain: async (name) => await held().appKeysAgain(name),
  };
}

/** It never changes while the process lives, and nothing can be written back. */
function environmentSecrets(config: Config): Secrets {
  const read = async (secretName: string) => {
    const credentials = config.credentials.get(secretName);
    if (credentials !== undefined) return credentials;
    throw new NeedsAttention(
      secretName.startsWith('env:')
        ? `no credentials named ${secretName} are configured: set them, or deactivate the store`
        : `${secretName} is in a vault that is not configured: set KEY_VAULT_URL, or deactivate the store`,
    );
  };
  return {
    read,
    readAgain: read,
    readTokens: async () => null,
    writeTokens: async () => {
      throw new NeedsAttention('the environment keeps no tokens that change: set KEY_VAULT_URL');
    },
  };
}
