import { and, countDistinct, desc, eq, isNotNull, isNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { StoreStatus } from '../../src/database.ts';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import { type MirrorTable, mirrorTableOf } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What the operator sees of a store, and what is forgotten with time. */

const { Deliveries, Gaps, Rejects, StaleKeys, SyncRuns } = schema;

const LAG_SAMPLE = 10_000;

/** The value below which the share `p` of the sorted values lies. */
const percentile = (sorted: readonly number[], p: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? null;

export function status({ db, clock }: Connection) {
  const count = (from: Parameters<typeof db.$count>[0], where: SQL | undefined): number =>
    db.$count(from, where).sync();

  /**
   * Rows of living objects. Dead objects are few and their rows are found by index, so counting all and
   * taking those away spares a join over the whole mirror.
   */
  const liveRows = (storeId: number): Record<string, number> => {
    const rows: Record<string, number> = {};
    const add = (table: MirrorTable, dead: SQL): void => {
      const columns = schema.mirrored(table.name);
      const ofStore = eq(columnNamed(columns, 'StoreId'), storeId);
      rows[table.name] = count(columns, ofStore) - count(columns, and(ofStore, dead));
      for (const child of table.children) {
        const parents = sql`(select ${columnNamed(columns, 'Id')} from ${columns} where ${and(ofStore, dead)})`;
        add(child, sql`${columnNamed(schema.mirrored(child.name), child.parent!)} in ${parents}`);
      }
    };
    for (const name of ENTITY_NAMES) {
      const table = mirrorTableOf(entityOf(name));
      add(table, eq(schema.own(table.name).IsActive, false));
    }
    return rows;
  };

  const lags = (storeId: number): readonly number[] =>
    db
      .select({ ms: sql<number>`${Deliveries.RefreshedAt} - ${Deliveries.TriggeredAt}` })
      .from(Deliveries)
      .where(
        and(
          eq(Deliveries.StoreId, storeId),
          isNotNull(Deliveries.RefreshedAt),
          isNotNull(Deliveries.TriggeredAt),
        ),
      )
      .orderBy(desc(Deliveries.RefreshedAt))
      .limit(LAG_SAMPLE)
      .all()
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);

  const deliveries = (storeId: number): number =>
    db
      .select({ n: countDistinct(Deliveries.WebhookId) })
      .from(Deliveries)
      .where(eq(Deliveries.StoreId, storeId))
      .all()[0]?.n ?? 0;

  const points = (storeId: number): number =>
    db
      .select({ n: sql<number>`coalesce(sum(${SyncRuns.Points}), 0)` })
      .from(SyncRuns)
      .where(eq(SyncRuns.StoreId, storeId))
      .all()[0]?.n ?? 0;

  return {
    status(storeId: number): StoreStatus {
      const sorted = lags(storeId);
      const held = isNotNull(StaleKeys.HeldByRun);
      return {
        rows: liveRows(storeId),
        marksWaiting: count(StaleKeys, and(eq(StaleKeys.StoreId, storeId), isNull(StaleKeys.HeldByRun))),
        marksHeld: count(StaleKeys, and(eq(StaleKeys.StoreId, storeId), held)),
        gapsFound: count(Gaps, eq(Gaps.StoreId, storeId)),
        gapsHealed: count(Gaps, and(eq(Gaps.StoreId, storeId), isNotNull(Gaps.HealedAt))),
        rejects: count(Rejects, eq(Rejects.StoreId, storeId)),
        points: points(storeId),
        lagP50Ms: percentile(sorted, 0.5),
        lagP99Ms: percentile(sorted, 0.99),
        deliveries: deliveries(storeId),
      };
    },

    /** Runs that are still at work, or hold marks, stay whatever their age. */
    purge(olderThanMs: number): void {
      const before = clock() - olderThanMs;
      db.delete(Deliveries).where(lt(Deliveries.ReceivedAt, before)).run();
      db.delete(Gaps).where(lt(Gaps.FoundAt, before)).run();
      db.delete(SyncRuns)
        .where(
          and(
            lt(SyncRuns.MovedAt, before),
            ne(SyncRuns.State, 'running'),
            sql`not exists (select 1 from ${StaleKeys} where ${StaleKeys.HeldByRun} = ${SyncRuns.Id})`,
          ),
        )
        .run();
    },
  };
}
