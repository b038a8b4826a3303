import { NeedsAttention } from '../src/failures.ts';
import type { Vault } from '../src/vault.ts';

/**
 * `DATABASE_URL=keyvault:<name>`: the address stands in the vault, because it may hold a password. Asked each time
 * the database is opened, so that a changed password needs no new deployment. Other addresses are answered as they
 * are. Throws `NeedsAttention` or `Transient`; the address itself is in no error.
 */
export async function resolveDatabaseUrl(databaseUrl: string, vault: Vault | null): Promise<string> {
  const name = /^keyvault:(.+)$/.exec(databaseUrl)?.[1];
  if (name === undefined) return databaseUrl;
  const secret = await vault?.read(name);
  if (!secret)
    throw new NeedsAttention(
      `the vault has no secret ${name}: write the database's address there, as DATABASE_URL would be`,
    );
  return secret.reveal().trim();
}
