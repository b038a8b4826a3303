import { and, countDistinct, eq, isNotNull, isNull, ne, or, type SQL, sql } from 'drizzle-orm';
import { percentile } from '../../src/delivery-quality.ts';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import type { StoreStatus } from '../../src/store.ts';
import { type MirrorTable, mirrorTableOf } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { deliveryQuality, lagsSince } from './delivery-quality.ts';
import { privacyBacklog } from './privacy-standing.ts';
import { lacking } from './ranges.ts';

/** What the operator sees of a store. */

const { Deliveries, Gaps, Rejects, StaleKeys, SyncRuns, SyncStates } = schema;

const DAY_MS = 24 * 3_600_000;

export function status(connection: Connection, storeId: number): StoreStatus {
  const marks = eq(StaleKeys.StoreId, storeId);
  const lags = lagsSince(connection, storeId, 0)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  return {
    rows: livingRows(connection, storeId),
    marksWaiting: count(connection, StaleKeys, and(marks, isNull(StaleKeys.HeldByRun))),
    marksHeld: count(connection, StaleKeys, and(marks, isNotNull(StaleKeys.HeldByRun))),
    ...gapsOf(connection, storeId),
    lacking: ENTITY_NAMES.flatMap((name) => lacking(connection, storeId, name)).sort((a, b) =>
      a.column < b.column ? -1 : 1,
    ),
    rejects: count(connection, Rejects, eq(Rejects.StoreId, storeId)),
    points: pointsSpent(connection, storeId),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    deliveries: deliveriesOf(connection, storeId),
    topics: deliveryQuality(connection, storeId, DAY_MS),
    coverageFrom: coverageOf(connection, storeId),
    privacy: privacyBacklog(connection, storeId),
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

/** What was merely on its way is no gap. */
function gapsOf({ db }: Connection, storeId: number) {
  const healed = sql<number>`${Gaps.HealedAt} is not null`;
  const counts = db
    .select({ cause: Gaps.Cause, healed, n: sql<number>`count(*)` })
    .from(Gaps)
    .where(and(eq(Gaps.StoreId, storeId), or(isNull(Gaps.Cause), ne(Gaps.Cause, 'in flight'))))
    .groupBy(Gaps.Cause, healed)
    .all();
  const ended = counts.filter((each) => each.healed === 1);
  const total = (some: typeof counts) => some.reduce((sum, { n }) => sum + n, 0);
  return {
    gapsFound: total(counts),
    gapsHealed: total(ended),
    gapCauses: Object.fromEntries(ended.flatMap(({ cause, n }) => (cause === null ? [] : [[cause, n]]))),
  };
}

/** Entities whose history is cut off, and where. */
function coverageOf({ db }: Connection, storeId: number): StoreStatus['coverageFrom'] {
  const cutOff = db
    .select({ entity: SyncStates.Entity, from: SyncStates.CoverageFrom })
    .from(SyncStates)
    .where(and(eq(SyncStates.StoreId, storeId), isNotNull(SyncStates.CoverageFrom)))
    .all();
  return Object.fromEntries(cutOff.flatMap(({ entity, from }) => (from === null ? [] : [[entity, from]])));
}

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
