import { and, eq, gte, lte, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Run, RunEnd, RunKind, Tally } from '../../src/run.ts';
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
  Repaired: 0,
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

export function startRun(connection: Connection, storeId: number, entity: EntityName, kind: RunKind): number {
  const key = { StoreId: storeId, Entity: entity, Kind: kind };
  return insert(connection, { ...key, State: 'running', StartedAt: connection.clock() });
}

const insert = (
  { db, clock }: Connection,
  run: Pick<typeof SyncRuns.$inferInsert, 'StoreId' | 'Entity' | 'Kind' | 'State' | 'StartedAt'>,
): number =>
  db
    .insert(SyncRuns)
    .values({ ...run, ...NOTHING, MovedAt: clock() })
    .returning({ id: SyncRuns.Id })
    .get().id;

export function runOf(connection: Connection, runId: number): Run | null {
  const [found] = select(connection).where(eq(SyncRuns.Id, runId)).all();
  return found ? described(found) : null;
}

export function stalledRuns(connection: Connection, olderThanMs: number): readonly Run[] {
  const moved = lte(SyncRuns.MovedAt, connection.clock() - olderThanMs);
  return select(connection)
    .innerJoin(Stores, and(eq(Stores.Id, SyncRuns.StoreId), eq(Stores.IsActive, true)))
    .where(and(eq(SyncRuns.State, 'running'), moved))
    .orderBy(SyncRuns.Id)
    .all()
    .map(described);
}

const select = ({ db }: Connection) => {
  const held = sql<number>`(select count(*) from ${StaleKeys} where ${StaleKeys.HeldByRun} = ${SyncRuns.Id})`;
  return db.select({ run: SyncRuns, held }).from(SyncRuns).$dynamic();
};

const described = ({ run, held }: { run: typeof SyncRuns.$inferSelect; held: number }): Run => ({
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

export function finishRun({ db, clock }: Connection, runId: number, end: RunEnd): void {
  const now = clock();
  db.update(SyncRuns)
    .set({ State: end.state, Message: end.message, FinishedAt: now, MovedAt: now })
    .where(eq(SyncRuns.Id, runId))
    .run();
}

export function addToRun({ db, clock }: Connection, runId: number, tally: Tally, points: number): void {
  db.update(SyncRuns)
    .set({ ...added(tally, points), MovedAt: clock() })
    .where(eq(SyncRuns.Id, runId))
    .run();
}

/** Rows that were changed by reading what these censuses had found, one entry for each row. */
export function countRepairs({ db }: Connection, runIds: readonly number[]): void {
  for (const [runId, { length }] of Map.groupBy(runIds, (id) => id))
    db.update(SyncRuns)
      .set({ Repaired: sql`${SyncRuns.Repaired} + ${length}` })
      .where(eq(SyncRuns.Id, runId))
      .run();
}

/** Refreshes never start or end: they are added up by the hour, in a row that counts as finished. */
export function addToHour(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  tally: Tally,
  points: number,
): void {
  const { db, clock } = connection;
  const now = clock();
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const ofHour = and(
    eq(SyncRuns.StoreId, storeId),
    eq(SyncRuns.Entity, entity),
    eq(SyncRuns.Kind, 'refresh'),
    eq(SyncRuns.StartedAt, hour),
  );
  const total = { ...added(tally, points), MovedAt: now, FinishedAt: now };
  const add = () => db.update(SyncRuns).set(total).where(ofHour).run().changes;
  if (add() === 1) return;
  const key = { StoreId: storeId, Entity: entity, Kind: 'refresh', StartedAt: hour } as const;
  insert(connection, { ...key, State: 'succeeded' });
  add();
}

/** The hours in which the key space was refreshed, from the one of `since` on. */
export const refreshRuns = (
  { db }: Connection,
  storeId: number,
  entity: EntityName,
  since: number,
): readonly { readonly id: number; readonly startedAt: number }[] =>
  db
    .select({ id: SyncRuns.Id, startedAt: SyncRuns.StartedAt })
    .from(SyncRuns)
    .where(
      and(
        eq(SyncRuns.StoreId, storeId),
        eq(SyncRuns.Entity, entity),
        eq(SyncRuns.Kind, 'refresh'),
        gte(SyncRuns.StartedAt, Math.floor(since / HOUR_MS) * HOUR_MS),
      ),
    )
    .orderBy(SyncRuns.Id)
    .all();
