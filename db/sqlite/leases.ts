import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import { Fenced } from '../../src/failures.ts';
import type { Lease, LeaseKind } from '../../src/lease.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { prepared } from './statements.ts';
import type { Progress } from './sync-states.ts';

/**
 * Leases and their fence. A token is random and new at each acquisition, and a change of the store's epoch
 * takes all tokens away: whoever finds his own token still standing, and not run out, is the only one who may
 * write.
 */

const { StaleKeys, Stores, SyncStates } = schema;

const COLUMNS = {
  refresh: { token: 'RefreshLeaseToken', until: 'RefreshLeaseUntil' },
  sweep: { token: 'SweepLeaseToken', until: 'SweepLeaseUntil' },
  census: { token: 'CensusLeaseToken', until: 'CensusLeaseUntil' },
} as const satisfies Record<LeaseKind, unknown>;

const NOW = sql.placeholder('now');

const active = sql`exists (select 1 from ${Stores} where ${Stores.Id} = ${SyncStates.StoreId} and ${Stores.IsActive} = 1)`;
const due = sql`exists (select 1 from ${StaleKeys} where ${StaleKeys.StoreId} = ${SyncStates.StoreId}
  and ${StaleKeys.Entity} = ${SyncStates.Entity} and ${StaleKeys.DueAt} <= ${NOW})`;

const keySpace = and(
  eq(SyncStates.StoreId, sql.placeholder('storeId')),
  eq(SyncStates.Entity, sql.placeholder('entity')),
);
const ownOf = (kind: LeaseKind) =>
  and(keySpace, eq(SyncStates[COLUMNS[kind].token], sql.placeholder('token')));
const heldOf = (kind: LeaseKind) => and(ownOf(kind), gt(SyncStates[COLUMNS[kind].until], NOW));

const updateHeld = ({ db }: Connection, kind: LeaseKind, change: Progress) =>
  db.update(SyncStates).set(change).where(heldOf(kind));

const statements = prepared((connection, kind: LeaseKind) => {
  const { db } = connection;
  const token = SyncStates[COLUMNS[kind].token];
  const until = SyncStates[COLUMNS[kind].until];
  const set = (newToken: unknown, newUntil: unknown) =>
    db.update(SyncStates).set({ [COLUMNS[kind].token]: newToken, [COLUMNS[kind].until]: newUntil });
  const newToken = sql`${sql.placeholder('token')}`;
  const newUntil = sql`${sql.placeholder('until')}`;
  const [own, held] = [ownOf(kind), heldOf(kind)];
  const free = and(keySpace, active, or(isNull(until), lte(until, NOW)));
  return {
    acquire: set(newToken, newUntil).where(free).prepare(),
    renew: set(token, newUntil).where(held).prepare(),
    release: set(null, null).where(own).prepare(),
    releaseUnlessDue: set(null, null)
      .where(and(own, sql`not ${due}`))
      .prepare(),
    fence: set(token, until).where(held).prepare(),
    takeAway: set(null, null).where(keySpace).prepare(),
  };
});

export function acquireLease(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  kind: LeaseKind,
  ms: number,
): Lease | null {
  const now = connection.clock();
  const token = connection.nonce();
  const { acquire } = statements(connection, kind);
  const { changes } = acquire.run({ storeId, entity, token, now, until: now + ms });
  return changes === 1 ? { storeId, entity, kind, token } : null;
}

export function renewLease(connection: Connection, lease: Lease, ms: number): boolean {
  const now = connection.clock();
  return statements(connection, lease.kind).renew.run({ ...lease, now, until: now + ms }).changes === 1;
}

export function releaseLease(
  connection: Connection,
  lease: Lease,
  options: { readonly unlessDue?: boolean } = {},
): boolean {
  const { release, releaseUnlessDue } = statements(connection, lease.kind);
  const statement = options.unlessDue ? releaseUnlessDue : release;
  return statement.run({ ...lease, now: connection.clock() }).changes === 1;
}

/**
 * The first statement of every commit under a lease. It writes, so that it locks the row until the commit: a
 * token that was merely read could be replaced before the transaction ends (design §3, R6). Since it writes that very
 * row, it takes along what else the commit changes there.
 */
export function fence(connection: Connection, lease: Lease, change: Progress = {}): void {
  const now = connection.clock();
  const statement =
    Object.keys(change).length === 0
      ? statements(connection, lease.kind).fence
      : updateHeld(connection, lease.kind, change).prepare();
  if (statement.run({ ...lease, now }).changes === 1) return;
  throw new Fenced(`The ${lease.kind} lease of ${lease.entity} in store ${lease.storeId} is lost.`);
}

/** Whoever is refreshing the key space is fenced: what was read until now is not committed. Locks as the fence does. */
export function takeLeaseAway(connection: Connection, storeId: number, entity: EntityName): void {
  statements(connection, 'refresh').takeAway.run({ storeId, entity });
}
