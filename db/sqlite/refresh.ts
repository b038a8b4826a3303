import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import type { Lease, RefreshCommit, RowState, Verdict } from '../../src/database.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import type { Leases } from './leases.ts';
import type { Marks } from './marks.ts';
import type { Rows } from './rows.ts';
import type { Runs } from './runs.ts';
import { incoming, listed, placeholders } from './statements.ts';

/**
 * The commit of a refresh. The fence protects rows, the sequence protects marks: a row is written even if its
 * mark was raised during the read, and the mark then simply stays.
 */

const { Burials, ChangeEvents, Deliveries, Gaps, Rejects } = schema;

const HOUR_MS = 3_600_000;

const prepareCommit = ({ db }: Connection) => {
  const keySpaceOf = (table: typeof Deliveries | typeof Gaps | typeof Rejects) =>
    and(
      eq(table.StoreId, sql.placeholder('storeId')),
      eq(table.Entity, sql.placeholder('entity')),
      sql`${table.ShopifyId} in ${listed('ids')}`,
    );
  return {
    refreshed: db
      .update(Deliveries)
      .set({ RefreshedAt: sql`${sql.placeholder('now')}` })
      .where(and(keySpaceOf(Deliveries), isNull(Deliveries.RefreshedAt)))
      .prepare(),
    healed: db
      .update(Gaps)
      .set({ HealedAt: sql`${sql.placeholder('now')}` })
      .where(and(keySpaceOf(Gaps), isNull(Gaps.HealedAt)))
      .prepare(),
    resolve: db.delete(Rejects).where(keySpaceOf(Rejects)).prepare(),
    park: db
      .insert(Rejects)
      .values({ ...placeholders('StoreId', 'Entity', 'ShopifyId', 'Reason', 'FirstAt', 'LastAt'), Times: 1 })
      .onConflictDoUpdate({
        target: [Rejects.StoreId, Rejects.Entity, Rejects.ShopifyId],
        set: {
          Reason: incoming(Rejects.Reason),
          LastAt: incoming(Rejects.LastAt),
          Times: sql`${Rejects.Times} + 1`,
        },
      })
      .prepare(),
    event: db
      .insert(ChangeEvents)
      .values({
        ...placeholders('StoreId', 'Entity', 'ShopifyId', 'Type', 'UpdatedAt', 'CreatedAt', 'DueAt'),
        State: 'waiting',
        Attempts: 0,
      })
      .prepare(),
  };
};

interface Parts {
  readonly leases: Leases;
  readonly marks: Marks;
  readonly rows: Rows;
  readonly runs: Runs;
}

export function refresh(connection: Connection, { leases, marks, rows, runs }: Parts) {
  const { db, clock } = connection;
  const statements = prepareCommit(connection);

  /** Writes or buries the row, and says what that changed for those who read the mirror. */
  const applyRow = (lease: Lease, verdict: Verdict, before: RowState | undefined) => {
    const { storeId, entity } = lease;
    const { row, id } = verdict;
    if (row.do === 'write') {
      rows.write(storeId, entity, row.record, row.readAt);
      if (!before || before.deletedAt !== null) return { type: 'created', at: row.record.updatedAt };
      return before.contentHash === row.record.contentHash
        ? null
        : { type: 'changed', at: row.record.updatedAt };
    }
    if (row.do === 'bury' && rows.bury(storeId, entity, id, row.at)) return { type: 'deleted', at: row.at };
    return null;
  };

  const announce = (
    lease: Lease,
    id: string,
    change: { readonly type: string; readonly at: number },
  ): void => {
    const now = clock();
    statements.event.run({
      StoreId: lease.storeId,
      Entity: lease.entity,
      ShopifyId: id,
      Type: change.type,
      UpdatedAt: change.at,
      CreatedAt: now,
      DueAt: now,
    });
  };

  const park = (lease: Lease, rejects: RefreshCommit['rejects']): void => {
    const now = clock();
    for (const { id, reason } of rejects) {
      const key = { StoreId: lease.storeId, Entity: lease.entity, ShopifyId: id };
      statements.park.run({ ...key, Reason: reason, FirstAt: now, LastAt: now });
    }
  };

  /** Counts burials that no delivery announced, and forgets those that the brake no longer looks at. */
  const countBurials = ({ storeId, entity }: Lease, times: number): void => {
    if (times === 0) return;
    const now = clock();
    const ofKeySpace = and(eq(Burials.StoreId, storeId), eq(Burials.Entity, entity));
    db.delete(Burials)
      .where(and(ofKeySpace, lte(Burials.BuriedAt, now - HOUR_MS)))
      .run();
    db.insert(Burials)
      .values({ StoreId: storeId, Entity: entity, BuriedAt: now, Times: times })
      .onConflictDoUpdate({
        target: [Burials.StoreId, Burials.Entity, Burials.BuriedAt],
        set: { Times: sql`${Burials.Times} + ${times}` },
      })
      .run();
  };

  return {
    commitRefresh(lease: Lease, commit: RefreshCommit): void {
      leases.fence(lease);
      const { storeId, entity } = lease;
      const ids = commit.verdicts.map((verdict) => verdict.id);
      const before = rows.states(storeId, entity, ids);
      const proven: string[] = [];
      const sound: string[] = [];
      let unannounced = 0;
      for (const verdict of commit.verdicts) {
        const change = applyRow(lease, verdict, before.get(verdict.id));
        if (change) announce(lease, verdict.id, change);
        if (verdict.row.do === 'write' || change) sound.push(verdict.id);
        if (verdict.row.do === 'bury' && !verdict.row.announced && change) unannounced += 1;
        if (marks.settle(storeId, entity, verdict) && verdict.proven) proven.push(verdict.id);
      }
      const now = clock();
      statements.refreshed.run({ storeId, entity, ids: JSON.stringify(proven), now });
      statements.healed.run({ storeId, entity, ids: JSON.stringify(proven), now });
      statements.resolve.run({ storeId, entity, ids: JSON.stringify(sound) });
      park(lease, commit.rejects);
      countBurials(lease, unannounced);
      marks.raise(storeId, commit.raises);
      runs.addToHour(storeId, entity, commit.tally, commit.points);
    },

    burialFacts(storeId: number, entity: EntityName) {
      const recent = and(
        eq(Burials.StoreId, storeId),
        eq(Burials.Entity, entity),
        gt(Burials.BuriedAt, clock() - HOUR_MS),
      );
      const buried = db.select({ times: Burials.Times }).from(Burials).where(recent).all();
      return {
        live: rows.live(storeId, entity),
        buriedLastHour: buried.reduce((total, { times }) => total + times, 0),
      };
    },
  };
}
