import type { DatabaseAddress } from '../src/database-address.ts';
import type { Options } from './open.ts';

/**
 * Brings a database to the schema of this release: everything that is pending or, if anything of it fails, nothing.
 * Several at once are in order: one works, the others wait and find nothing to do. Answers the names of the
 * migrations that were applied. Throws a `Reject` or `Transient` that says what to do.
 */
export async function migrateDatabase(
  address: DatabaseAddress,
  options: Options,
): Promise<readonly string[]> {
  if (address.kind === 'mssql') {
    const { migrateMssql } = await import('./mssql/open.ts');
    return await migrateMssql(address, { nonce: options.nonce });
  }
  const { migrateSqlite } = await import('./sqlite/open.ts');
  return await migrateSqlite(address.file, options);
}
