import type { Clock, Monotonic, Nonce } from '../src/clock.ts';
import type { Database } from '../src/database.ts';
import type { DatabaseAddress } from '../src/database-address.ts';

/**
 * The database that an address names. Here and in migrate.ts alone it is known which one that is; the other's driver
 * is not even loaded.
 */
export interface Options {
  /** The embedded database goes by it; a server has a clock of its own, which its clients share. */
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly nonce: Nonce;
}

/**
 * The embedded database is created and migrated on the way, since nobody else could. A server's is refused with a
 * `Reject` while its schema is older than this release. One of a later release is fine: releases overlap while a new
 * one is rolled out, or rolled back.
 */
export async function openDatabase(address: DatabaseAddress, options: Options): Promise<Database> {
  if (address.kind === 'mssql') {
    const { openMssql } = await import('./mssql/open.ts');
    return await openMssql(address, { nonce: options.nonce });
  }
  const { openSqlite } = await import('./sqlite/open.ts');
  return await openSqlite(address.file, options);
}
