import { and, eq, lte, sql } from 'drizzle-orm';
import type { Run, RunEnd, RunKind, Tally } from '../../src/database.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** Runs, and what they have counted. Their numbers only ever grow, commit by commit, with what they count. */

const { StaleKeys, Stores, SyncRuns } = schema;

const HOUR_MS = 3_600_000;

const NOTHING = {
  Seen: 0,
  Unchanged: 0,
  Written: 0,
  Deleted: 0,
  Failed: 0,
  Deferred: 0,
  Unknowable: 0,
  Points: 0,
};

const added = (tally: Tally, points: number) => ({
  Seen: sql`${SyncRuns.Seen} + ${tally.seen}`,
  Unchanged: sql`${SyncRuns.Unchanged} + ${tally.unchanged}`,
  Written: sql`${SyncRuns.Written} + ${tally.written}`,
  Deleted: sql`${SyncRuns.Deleted} + ${tally.deleted}`,
  Failed: sql`${SyncRuns.Failed} + ${tally.failed}`,
  Deferred: sql`${SyncRuns.Deferred} + ${tally.deferred}`,
  Unknowable: sql`${SyncRuns.Unknowable} + ${tally.unknowable}`,
  Points: sql`${SyncRuns.Points} + ${points}`,
});

export type Runs = ReturnType<typeof runs>;

export function runs({ db, clock }: Connection) {
  const held = sql<number>`(select count(*) from ${StaleKeys} where ${StaleKeys.HeldByRun} = ${SyncRuns.Id})`;

  const select = () => db.select({ run: SyncRuns, held }).from(SyncRuns).$dynamic();
  const runOf = ({ run, held }: { run: typeof SyncRuns.$inferSelect; held: number }): Run => ({
    id: run.Id,
    storeId: run.StoreId,
    entity: run.Entity,
    kind: run.Kind,
    state: run.State,
    startedAt: run.StartedAt,
    tally: {
      seen: run.Seen,
      unchanged: run.Unchanged,
      written: run.Written,
      deleted: run.Deleted,
      failed: run.Failed,
      deferred: run.Deferred,
      unknowable: run.Unknowable,
    },
    points: run.Points,
    message: run.Message,
    held,
  });

  const begin = (
    run: Pick<typeof SyncRuns.$inferInsert, 'StoreId' | 'Entity' | 'Kind' | 'State' | 'StartedAt'>,
  ) =>
    db
      .insert(SyncRuns)
      .values({ ...run, ...NOTHING, MovedAt: clock() })
      .returning({ id: SyncRuns.Id })
      .get().id;

  return {
    startRun: (storeId: number, entity: EntityName, kind: RunKind): number =>
      begin({ StoreId: storeId, Entity: entity, Kind: kind, State: 'running', StartedAt: clock() }),

    run(runId: number): Run | null {
      const found = select().where(eq(SyncRuns.Id, runId)).all()[0];
      return found ? runOf(found) : null;
    },

    finishRun(runId: number, end: RunEnd): void {
      const now = clock();
      db.update(SyncRuns)
        .set({ State: end.state, Message: end.message, FinishedAt: now, MovedAt: now })
        .where(eq(SyncRuns.Id, runId))
        .run();
    },

    add(runId: number, tally: Tally, points: number): void {
      db.update(SyncRuns)
        .set({ ...added(tally, points), MovedAt: clock() })
        .where(eq(SyncRuns.Id, runId))
        .run();
    },

    /** Refreshes never start or end: they are added up by the hour, in a row that counts as finished. */
    addToHour(storeId: number, entity: EntityName, tally: Tally, points: number): void {
      const now = clock();
      const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
      const key = { StoreId: storeId, Entity: entity, Kind: 'refresh', StartedAt: hour } as const;
      const add = () =>
        db
          .update(SyncRuns)
          .set({ ...added(tally, points), MovedAt: now, FinishedAt: now })
          .where(
            and(
              eq(SyncRuns.StoreId, storeId),
              eq(SyncRuns.Entity, entity),
              eq(SyncRuns.Kind, 'refresh'),
              eq(SyncRuns.StartedAt, hour),
            ),
          )
          .run().changes;
      if (add() === 1) return;
      begin({ ...key, State: 'succeeded' });
      add();
    },

    stalledRuns: (olderThanMs: number): readonly Run[] =>
      select()
        .innerJoin(Stores, and(eq(Stores.Id, SyncRuns.StoreId), eq(Stores.IsActive, true)))
        .where(and(eq(SyncRuns.State, 'running'), lte(SyncRuns.MovedAt, clock() - olderThanMs)))
        .orderBy(SyncRuns.Id)
        .all()
        .map(runOf),
  };
}
