import { and, eq, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease } from '../../src/lease.ts';
import type { MirrorView } from '../../src/record.ts';
import type { DetectionCommit } from '../../src/run.ts';
import { schema } from '../schema.sqlite.ts';
import { issueCertificate } from './certificates.ts';
import { keepRange } from './certified-ranges.ts';
import type { Connection } from './connection.ts';
import { lastAnnounced } from './deliveries.ts';
import { openGaps } from './gaps.ts';
import { fence } from './leases.ts';
import { raise } from './marks.ts';
import { statesOf } from './rows.ts';
import { addToRun } from './runs.ts';
import { hold, touch } from './sightings.ts';
import { prepared } from './statements.ts';
import { showProgress } from './stores.ts';
import { progressOf } from './sync-states.ts';

/** What sweeps and censuses read and commit. */

const { StaleKeys } = schema;

const marked = prepared(({ db }) =>
  db
    .select({ id: StaleKeys.Id })
    .from(StaleKeys)
    .where(
      and(
        eq(StaleKeys.StoreId, sql.placeholder('storeId')),
        eq(StaleKeys.Entity, sql.placeholder('entity')),
        sql`(${StaleKeys.IdLength}, ${StaleKeys.Id}) in (select length(value), value from json_each(${sql.placeholder('ids')}))`,
      ),
    )
    .prepare(),
);

export function mirrorOf(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): ReadonlyMap<string, MirrorView> {
  const states = statesOf(connection, storeId, entity, ids);
  const announced = lastAnnounced(connection, storeId, entity, ids);
  const marks = marked(connection).all({ storeId, entity, ids: JSON.stringify(ids) });
  const withMark = new Set(marks.map(({ id }) => id));
  return new Map(
    ids.map((id) => [
      id,
      { row: states.get(id) ?? null, marked: withMark.has(id), announcedAt: announced.get(id) ?? null },
    ]),
  );
}

export function commitDetection(connection: Connection, lease: Lease, commit: DetectionCommit): void {
  fence(connection, lease, progressOf(commit));
  const { storeId } = lease;
  const { runId } = commit;
  // A census that says where it stands will end with a certificate, which waits for what was found.
  raise(connection, storeId, commit.raises, commit.census ? runId : null);
  openGaps(
    connection,
    lease,
    commit.gaps.map((gap) => ({ ...gap, runId })),
  );
  hold(connection, lease, runId, commit.hold);
  touch(connection, lease, runId, commit.touch ?? []);
  if (commit.range) keepRange(connection, lease, runId, commit.range);
  if (commit.sweepFinishedAt !== undefined || commit.censusFinishedAt !== undefined)
    showProgress(connection, storeId);
  addToRun(connection, commit.runId, commit.tally, commit.points);
  if (commit.certificate) issueCertificate(connection, lease, runId, commit.certificate);
}
