import { type Environment, readConfig } from '../src/config.ts';
import { NeedsAttention, Reject } from '../src/failures.ts';
import type { Vault } from '../src/vault.ts';
import { vaultOf } from './secrets.ts';

const nameIn = ({ DATABASE_URL }: Environment): string | undefined =>
  /^keyvault:(.*)$/.exec(DATABASE_URL?.trim() ?? '')?.[1];

export const isInVault = (environment: Environment): boolean => nameIn(environment) !== undefined;

/**
 * `DATABASE_URL=keyvault:<name>`: the address stands in the vault, because it may hold a password. Answers the
 * environment with the address itself in its place, for whoever reads a configuration from it; asked each time the
 * database is opened, so that a changed password needs no new deployment. Throws `Reject` or `Transient`; the
 * address is in no error.
 */
export async function withDatabaseUrl(
  environment: Environment,
  vault: Vault | null = null,
): Promise<Environment> {
  const name = nameIn(environment);
  if (name === undefined) return environment;
  if (!/^[0-9A-Za-z-]{1,127}$/.test(name))
    throw new Reject('DATABASE_URL names no secret of a vault: use keyvault:<letters, digits and hyphens>');
  const present = vault ?? vaultOf(readConfig({ ...environment, DATABASE_URL: undefined }), Date.now);
  if (present === null)
    throw new Reject('KEY_VAULT_URL is missing, and DATABASE_URL is in it: set the address of the vault');
  const secret = await present.read(name);
  if (secret === null)
    throw new NeedsAttention(
      `the vault has no secret ${name}: write the database's address there, as DATABASE_URL would be`,
    );
  return { ...environment, DATABASE_URL: secret.reveal() };
}
