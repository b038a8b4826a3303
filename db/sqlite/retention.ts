import { and, lt, ne, sql } from 'drizzle-orm';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What is forgotten with time. */

const { ChangeEvents, Deliveries, Gaps, StaleKeys, SyncRuns } = schema;

/**
 * Runs that are still at work, or hold marks, stay whatever their age. Change events go whether they were sent or
 * not: where nobody has asked for them they would only pile up.
 */
export function purge({ db, clock }: Connection, olderThanMs: number): void {
  const before = clock() - olderThanMs;
  db.delete(Deliveries).where(lt(Deliveries.ReceivedAt, before)).run();
  db.delete(Gaps).where(lt(Gaps.FoundAt, before)).run();
  db.delete(ChangeEvents).where(lt(ChangeEvents.CreatedAt, before)).run();
  const holdsMarks = sql`exists (select 1 from ${StaleKeys} where ${StaleKeys.HeldByRun} = ${SyncRuns.Id})`;
  db.delete(SyncRuns)
    .where(and(lt(SyncRuns.MovedAt, before), ne(SyncRuns.State, 'running'), sql`not ${holdsMarks}`))
    .run();
}
