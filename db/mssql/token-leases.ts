import { BIGINT, batch, run, TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { CHANGED, changedOne } from './leases.ts';
import { after } from './statements.ts';

/** The right to renew a store's tokens: one conditional update each, so that of two who ask one gets it. */

const HOLDER = { storeId: BIGINT, token: TEXT };
const IS_HOLDER = '[Id] = @storeId AND [TokenLease] = @token';

/** An own token may be given again: then the answer to the first attempt was lost, and the lease is ours. */
export const ACQUIRE_TOKEN_LEASE = batch(
  'acquireTokenLease',
  { ...HOLDER, ms: BIGINT },
  `UPDATE [Stores] SET [TokenLease] = @token, [TokenLeaseUntil] = ${after('@now', '@ms')}
WHERE [Id] = @storeId AND ([TokenLeaseUntil] IS NULL OR [TokenLeaseUntil] <= @now OR [TokenLease] = @token);`,
  CHANGED,
);

export const RENEW_TOKEN_LEASE = batch(
  'renewTokenLease',
  { ...HOLDER, ms: BIGINT },
  `UPDATE [Stores] SET [TokenLeaseUntil] = ${after('@now', '@ms')} WHERE ${IS_HOLDER} AND [TokenLeaseUntil] > @now;`,
  CHANGED,
);

export const RELEASE_TOKEN_LEASE = batch(
  'releaseTokenLease',
  HOLDER,
  `UPDATE [Stores] SET [TokenLease] = NULL, [TokenLeaseUntil] = NULL WHERE ${IS_HOLDER};`,
);

export async function acquireTokenLease(
  connection: Connection,
  storeId: number,
  ms: number,
): Promise<string | null> {
  const token = connection.nonce();
  return (await changedOne(connection, ACQUIRE_TOKEN_LEASE, { storeId, token, ms })) ? token : null;
}

export const renewTokenLease = (
  connection: Connection,
  storeId: number,
  token: string,
  ms: number,
): Promise<boolean> => changedOne(connection, RENEW_TOKEN_LEASE, { storeId, token, ms });

export async function releaseTokenLease(
  connection: Connection,
  storeId: number,
  token: string,
): Promise<void> {
  await run(connection, RELEASE_TOKEN_LEASE, { storeId, token });
}
