import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import type { Lease, LeaseKind } from '../../src/database.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { Fenced } from '../../src/failures.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

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

export type Leases = ReturnType<typeof leases>;

export function leases({ db, clock, nonce }: Connection) {
  const ofKind = (kind: LeaseKind) => {
    const token = SyncStates[COLUMNS[kind].token];
    const until = SyncStates[COLUMNS[kind].until];
    const set = (newToken: unknown, newUntil: unknown) => ({
      [COLUMNS[kind].token]: newToken,
      [COLUMNS[kind].until]: newUntil,
    });
    const keySpace = and(
      eq(SyncStates.StoreId, sql.placeholder('storeId')),
      eq(SyncStates.Entity, sql.placeholder('entity')),
    );
    const own = and(keySpace, eq(token, sql.placeholder('token')));
    const held = and(own, gt(until, sql.placeholder('now')));
    const active = sql`exists (select 1 from ${Stores} where ${Stores.Id} = ${SyncStates.StoreId} and ${Stores.IsActive} = 1)`;
    const due = sql`exists (select 1 from ${StaleKeys} where ${StaleKeys.StoreId} = ${SyncStates.StoreId}
      and ${StaleKeys.Entity} = ${SyncStates.Entity} and ${StaleKeys.DueAt} <= ${sql.placeholder('now')})`;
    return {
      acquire: db
        .update(SyncStates)
        .set(set(sql`${sql.placeholder('token')}`, sql`${sql.placeholder('until')}`))
        .where(and(keySpace, active, or(isNull(until), lte(until, sql.placeholder('now')))))
        .prepare(),
      renew: db
        .update(SyncStates)
        .set(set(token, sql`${sql.placeholder('until')}`))
        .where(held)
        .prepare(),
      release: db.update(SyncStates).set(set(null, null)).where(own).prepare(),
      releaseUnlessDue: db
        .update(SyncStates)
        .set(set(null, null))
        .where(and(own, sql`not ${due}`))
        .prepare(),
      fence: db.update(SyncStates).set(set(token, until)).where(held).prepare(),
    };
  };
  const statements = { refresh: ofKind('refresh'), sweep: ofKind('sweep'), census: ofKind('census') };

  return {
    acquireLease(storeId: number, entity: EntityName, kind: LeaseKind, ms: number): Lease | null {
      const now = clock();
      const token = nonce();
      const { changes } = statements[kind].acquire.run({ storeId, entity, token, now, until: now + ms });
      return changes === 1 ? { storeId, entity, kind, token } : null;
    },

    renewLease(lease: Lease, ms: number): boolean {
      const now = clock();
      return statements[lease.kind].renew.run({ ...lease, now, until: now + ms }).changes === 1;
    },

    releaseLease(lease: Lease, options: { readonly unlessDue?: boolean } = {}): boolean {
      const { release, releaseUnlessDue } = statements[lease.kind];
      const statement = options.unlessDue ? releaseUnlessDue : release;
      return statement.run({ ...lease, now: clock() }).changes === 1;
    },

    /**
     * The first statement of every commit under a lease. It writes, so that it locks the row until the
     * commit: a token that was merely read could be replaced before the transaction ends (facts of design §3,
     * R6).
     */
    fence(lease: Lease): void {
      if (statements[lease.kind].fence.run({ ...lease, now: clock() }).changes === 1) return;
      throw new Fenced(`The ${lease.kind} lease of ${lease.entity} in store ${lease.storeId} is lost.`);
    },
  };
}
