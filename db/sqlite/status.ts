import { and, countDistinct, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import type { StoreStatus } from '../../src/store.ts';
import { type MirrorTable, mirrorTableOf } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What the operator sees of a store. */

const { Deliveries, Gaps, Rejects, StaleKeys, SyncRuns } = schema;

const LAG_SAMPLE = 10_000;

export function status(connection: Connection, storeId: number): StoreStatus {
  const marks = eq(StaleKeys.StoreId, storeId);
  const gaps = eq(Gaps.StoreId, storeId);
  const lags = sortedLags(connection, storeId);
  return {
    rows: livingRows(connection, storeId),
    marksWaiting: count(connection, StaleKeys, and(marks, isNull(StaleKeys.HeldByRun))),
    marksHeld: count(connection, StaleKeys, and(marks, isNotNull(StaleKeys.HeldByRun))),
    gapsFound: count(connection, Gaps, gaps),
    gapsHealed: count(connection, Gaps, and(gaps, isNotNull(Gaps.HealedAt))),
    rejects: count(connection, Rejects, eq(Rejects.StoreId, storeId)),
    points: pointsSpent(connection, storeId),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    deliveries: deliveriesOf(connection, storeId),
  };
}

type Counted = Parameters<Connection['db']['$count']>[0];
const count = ({ db }: Connection, from: Counted, where: SQL | undefined): number =>
  db.$count(from, where).sync();

/**
 * Rows of living objects. Dead objects are few and their rows are found by index, so counting all and taking
 * those away spares a join over the whole mirror.
 */
function livingRows(connection: Connection, storeId: number): Record<string, number> {
  const rows: Record<string, number> = {};
  const add = (table: MirrorTable, dead: SQL): void => {
    const columns = schema.mirrored(table.name);
    const ofStore = eq(columnNamed(columns, 'StoreId'), storeId);
    rows[table.name] = count(connection, columns, ofStore) - count(connection, columns, and(ofStore, dead));
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
}

/** Milliseconds from Shopify's trigger to the committed row, of the latest refreshed deliveries. */
function sortedLags({ db }: Connection, storeId: number): readonly number[] {
  return db
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
}

/** The value below which the share `p` of the sorted values lies. */
const percentile = (sorted: readonly number[], p: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? null;

/** A delivery of several keys is one. */
const deliveriesOf = ({ db }: Connection, storeId: number): number =>
  db
    .select({ n: countDistinct(Deliveries.WebhookId) })
    .from(Deliveries)
    .where(eq(Deliveries.StoreId, storeId))
    .all()[0]?.n ?? 0;

const pointsSpent = ({ db }: Connection, storeId: number): number =>
  db
    .select({ n: sql<number>`coalesce(sum(${SyncRuns.Points}), 0)` })
    .from(SyncRuns)
    .where(eq(SyncRuns.StoreId, storeId))
    .all()[0]?.n ?? 0;
