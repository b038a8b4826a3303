import type { Secret } from './secrets.ts';

/**
 * Named texts that only this app may read, kept in versions: Azure Key Vault (app/key-vault.ts), or a memory in
 * tests. Names are letters, digits and hyphens. Failures are `NeedsAttention` (a right or a setting is missing) or
 * `Transient`, and quote no value.
 */
export interface Vault {
  /** The text as it stands now; null when there is none. */
  read(name: string): Promise<Secret | null>;
  /** The newest version that is enabled and not expired, and the one before it: at most two, newest first. */
  versions(name: string): Promise<readonly Secret[]>;
  /** Makes a new version, durable when this resolves. */
  write(name: string, text: Secret, options?: { readonly expiresAt?: number }): Promise<void>;
}
