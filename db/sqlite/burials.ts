import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { liveRows } from './rows.ts';

/** Burials that no delivery announced: what R10's brake looks at, for an hour. */

const { Burials } = schema;

const HOUR_MS = 3_600_000;

const ofKeySpace = (storeId: number, entity: EntityName) =>
  and(eq(Burials.StoreId, storeId), eq(Burials.Entity, entity));

/** Counts what was just buried, and forgets what the brake no longer looks at. */
export function countBurials(
  { db, clock }: Connection,
  storeId: number,
  entity: EntityName,
  times: number,
): void {
  if (times === 0) return;
  const now = clock();
  db.delete(Burials)
    .where(and(ofKeySpace(storeId, entity), lte(Burials.BuriedAt, now - HOUR_MS)))
    .run();
  db.insert(Burials)
    .values({ StoreId: storeId, Entity: entity, BuriedAt: now, Times: times })
    .onConflictDoUpdate({
      target: [Burials.StoreId, Burials.Entity, Burials.BuriedAt],
      set: { Times: sql`${Burials.Times} + ${times}` },
    })
    .run();
}

export function burialFacts(connection: Connection, storeId: number, entity: EntityName) {
  const { db, clock } = connection;
  const buried = db
    .select({ times: Burials.Times })
    .from(Burials)
    .where(and(ofKeySpace(storeId, entity), gt(Burials.BuriedAt, clock() - HOUR_MS)))
    .all();
  return {
    live: liveRows(connection, storeId, entity),
    buriedLastHour: buried.reduce((total, { times }) => total + times, 0),
  };
}
