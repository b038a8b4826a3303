import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease, LeaseKind } from '../../src/lease.ts';
import {
  type Batch,
  BIGINT,
  batch,
  batchesBy,
  type Parameters,
  rowsOf,
  setNow,
  TEXT,
  transaction,
  type Values,
} from './batch.ts';
import type { Connection } from './connection.ts';
import { FENCED } from './failures.ts';
import { number } from './recordset.ts';
import { after, lockMarks, refuse } from './statements.ts';

/**
 * Leases and their fence. A token is random and new at each acquisition, and a change of the store's epoch
 * takes all tokens away: whoever finds his own token still standing, and not run out, is the only one who may
 * write.
 */

const COLUMNS = {
  refresh: { token: '[RefreshLeaseToken]', until: '[RefreshLeaseUntil]' },
  sweep: { token: '[SweepLeaseToken]', until: '[SweepLeaseUntil]' },
  census: { token: '[CensusLeaseToken]', until: '[CensusLeaseUntil]' },
} as const satisfies Record<LeaseKind, unknown>;

/** What every batch under a lease is given: pass the lease itself. */
export const LEASE = { storeId: BIGINT, entity: TEXT, token: TEXT };

const KEY_SPACE = '[StoreId] = @storeId AND [Entity] = @entity';
const ACTIVE = 'EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId AND [IsActive] = 1)';
const DUE = `EXISTS (SELECT 1 FROM [StaleKeys] WHERE ${KEY_SPACE} AND [DueAt] <= @now)`;
/** What `changedOne` reads. */
export const CHANGED = 'SELECT @@ROWCOUNT AS [Changed];';

/**
 * First the row is locked, then everything is looked at: whether the store is active too, which a statement that began
 * before another transaction took the store away would still see as it was. An own token may be given again: then
 * the answer to the first attempt was lost, and the lease is ours.
 */
export const acquireBatch = batchesBy((kind: LeaseKind) => {
  const { token, until } = COLUMNS[kind];
  return transaction(
    'acquireLease',
    { ...LEASE, ms: BIGINT },
    `DECLARE @acquired int;
UPDATE [SyncStates] SET ${token} = ${token} WHERE ${KEY_SPACE};
${setNow}
UPDATE [SyncStates] SET ${token} = @token, ${until} = ${after('@now', '@ms')}
WHERE ${KEY_SPACE} AND ${ACTIVE} AND (${until} IS NULL OR ${until} <= @now OR ${token} = @token);
SET @acquired = @@ROWCOUNT;`,
    'SELECT @acquired AS [Changed];',
  );
});

export const renewBatch = batchesBy((kind: LeaseKind) => {
  const { token, until } = COLUMNS[kind];
  return batch(
    'renewLease',
    { ...LEASE, ms: BIGINT },
    `UPDATE [SyncStates] SET ${until} = ${after('@now', '@ms')}
WHERE ${KEY_SPACE} AND ${token} = @token AND ${until} > @now;`,
    CHANGED,
  );
});

export const releaseBatch = batchesBy((kind: LeaseKind) => {
  const { token, until } = COLUMNS[kind];
  return batch(
    'releaseLease',
    LEASE,
    `UPDATE [SyncStates] SET ${token} = NULL, ${until} = NULL WHERE ${KEY_SPACE} AND ${token} = @token;`,
    CHANGED,
  );
});

/**
 * Under the lock of the marks, because a statement does not see what is about to be committed. Without it the lease
 * could be released in the sight of no mark, while whoever was just setting one rings a holder that is leaving.
 */
export const releaseUnlessDueBatch = batchesBy((kind: LeaseKind) => {
  const { token, until } = COLUMNS[kind];
  return transaction(
    'releaseLease',
    LEASE,
    lockMarks('SELECT @entity'),
    `DECLARE @released int;
UPDATE [SyncStates] SET ${token} = NULL, ${until} = NULL WHERE ${KEY_SPACE} AND ${token} = @token AND NOT ${DUE};
SET @released = @@ROWCOUNT;`,
    'SELECT @released AS [Changed];',
  );
});

/**
 * The first statement after the locks in every transaction under a lease. It writes, so that it locks the row until
 * the commit: a token that was merely read could be replaced before the transaction ends (design §3, R6). Whoever
 * waits here for another's commit is judged by the row as that commit leaves it.
 */
export const fence = (kind: LeaseKind): string => {
  const { token, until } = COLUMNS[kind];
  return `UPDATE [SyncStates] SET ${token} = ${token} WHERE ${KEY_SPACE} AND ${token} = @token AND ${until} > @now;
${refuse('@@ROWCOUNT = 0', FENCED, 'The lease is lost.')}`;
};

/**
 * Whoever is refreshing these entities of `@storeId` is fenced: what was read until now is not committed. Locks as the
 * fence does. `entities` are expressions of their names.
 */
export const takeLeasesAway = (entities: string): string =>
  `UPDATE [SyncStates] SET ${COLUMNS.refresh.token} = NULL, ${COLUMNS.refresh.until} = NULL
WHERE [StoreId] = @storeId AND [Entity] IN (${entities});`;

export async function acquireLease(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  kind: LeaseKind,
  ms: number,
): Promise<Lease | null> {
  const lease = { storeId, entity, kind, token: connection.nonce() };
  return (await changedOne(connection, acquireBatch(kind), { ...lease, ms })) ? lease : null;
}

export const renewLease = (connection: Connection, lease: Lease, ms: number): Promise<boolean> =>
  changedOne(connection, renewBatch(lease.kind), { ...lease, ms });

export const releaseLease = (
  connection: Connection,
  lease: Lease,
  options: { readonly unlessDue?: boolean } = {},
): Promise<boolean> =>
  changedOne(connection, (options.unlessDue ? releaseUnlessDueBatch : releaseBatch)(lease.kind), lease);

export async function changedOne<P extends Parameters>(
  connection: Connection,
  batch: Batch<P>,
  values: Values<P>,
): Promise<boolean> {
  const [row] = await rowsOf(connection, batch, values);
  return row !== undefined && number(row, 'Changed') === 1;
}
