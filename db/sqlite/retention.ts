import { and, eq, inArray, isNotNull, lt, ne, sql } from 'drizzle-orm';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { emptied, PEOPLE } from '../../src/erasure.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What is forgotten with time. */

const { Certificates, CertifiedRanges, ChangeEvents, Deliveries } = schema;
const { Gaps, StaleKeys, Stores, SyncRuns, UnprovenKeys } = schema;

/**
 * Runs that are still at work, hold marks or have a certificate that is open stay whatever their age, as do
 * the ranges of such a census. Change events go whether they were sent or
 * not: where nobody has asked for them they would only pile up.
 */
export function purge(connection: Connection, olderThanMs: number): void {
  const { db, clock } = connection;
  const before = clock() - olderThanMs;
  db.delete(Deliveries).where(lt(Deliveries.ReceivedAt, before)).run();
  db.delete(Gaps).where(lt(Gaps.FoundAt, before)).run();
  db.delete(ChangeEvents).where(lt(ChangeEvents.CreatedAt, before)).run();
  const holdsMarks = sql`exists (select 1 from ${StaleKeys} where ${StaleKeys.HeldByRun} = ${SyncRuns.Id})`;
  const isAwaited = sql`exists (select 1 from ${Certificates} where ${Certificates.RunId} = ${SyncRuns.Id}
    and ${Certificates.CompletedAt} is null)`;
  db.delete(SyncRuns)
    .where(
      and(
        lt(SyncRuns.MovedAt, before),
        ne(SyncRuns.State, 'running'),
        sql`not ${holdsMarks}`,
        sql`not ${isAwaited}`,
      ),
    )
    .run();
  const isOpen = sql`exists (select 1 from ${Certificates} where ${Certificates.RunId} = ${CertifiedRanges.RunId}
    and ${Certificates.CompletedAt} is null)`;
  db.delete(CertifiedRanges)
    .where(and(lt(CertifiedRanges.ComparedAt, before), sql`not ${isOpen}`))
    .run();
  // One that is old may still be counted by a certificate that is open.
  db.delete(UnprovenKeys)
    .where(
      and(
        lt(UnprovenKeys.EndedAt, before),
        sql`not exists (select 1 from ${Certificates} where ${Certificates.StoreId} = ${UnprovenKeys.StoreId}
          and ${Certificates.Entity} = ${UnprovenKeys.Entity} and ${Certificates.CompletedAt} is null)`,
      ),
    )
    .run();
  for (const name of PEOPLE) forgetBuried(connection, name, before);
}

/** A row without a content hash is one that was emptied. Found along an index, store by store. */
function forgetBuried({ db, clock }: Connection, name: EntityName, before: number): void {
  const { table: tableName, columns } = entityOf(name);
  const table = schema.own(tableName);
  const isOld = and(lt(table.SyncedAt, before), isNotNull(table.ContentHash));
  const ofStores = inArray(table.StoreId, db.select({ id: Stores.Id }).from(Stores));
  db.update(table)
    .set({ ...emptied(columns), ContentHash: null, SyncedAt: clock() })
    .where(and(ofStores, eq(table.IsActive, false), isOld))
    .run();
}
