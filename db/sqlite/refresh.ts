import type { Lease } from '../../src/lease.ts';
import type { AnsweredDelivery, RefreshCommit, Verdict } from '../../src/mark.ts';
import type { RowState } from '../../src/record.ts';
import { countBurials } from './burials.ts';
import { announceChanges, type Change } from './change-events.ts';
import type { Connection } from './connection.ts';
import { answerDeliveries } from './deliveries.ts';
import { healGaps, openGaps } from './gaps.ts';
import { fence } from './leases.ts';
import { oweLinks } from './links.ts';
import { raise, settle } from './marks.ts';
import { parkRejects, resolveRejects } from './rejects.ts';
import { buryRow, statesOf, writeRow } from './rows.ts';
import { addToHour, countRepairs } from './runs.ts';
import { noteUnproven, type Unproven } from './unproven-keys.ts';

/**
 * The commit of a refresh. The fence protects rows, the sequence protects marks: a row is written even if its
 * mark was raised during the read, and the mark then simply stays.
 */
export function commitRefresh(
  connection: Connection,
  lease: Lease,
  commit: RefreshCommit,
): readonly AnsweredDelivery[] {
  fence(connection, lease);
  const { storeId, entity } = lease;
  const { changes, sound, proven, unannounced, repairs, unproven } = applyVerdicts(connection, lease, commit);
  announceChanges(connection, storeId, entity, changes, commit.announce);
  oweLinks(
    connection,
    storeId,
    entity,
    changes.filter(({ type }) => type !== 'deleted').map(({ id }) => id),
  );
  const answered = answerDeliveries(connection, storeId, entity, proven);
  openGaps(connection, lease, commit.gaps);
  healGaps(connection, storeId, entity, proven);
  resolveRejects(connection, storeId, entity, sound);
  parkRejects(connection, storeId, entity, commit.rejects);
  countBurials(connection, storeId, entity, unannounced);
  countRepairs(connection, repairs);
  noteUnproven(connection, lease, unproven);
  raise(connection, storeId, commit.raises);
  addToHour(connection, storeId, entity, commit.tally, commit.points);
  return answered;
}

/** Rows and marks as the verdicts say, and which keys were thereby changed, sound, or proven. */
function applyVerdicts(connection: Connection, lease: Lease, { verdicts, changed }: RefreshCommit) {
  const { storeId, entity } = lease;
  const ids = verdicts.map((verdict) => verdict.id);
  const before = statesOf(connection, storeId, entity, ids);
  const changes: Change[] = [];
  const sound: string[] = [];
  const proven: string[] = [];
  const repairs: number[] = [];
  const unproven: Unproven[] = [];
  let unannounced = 0;
  for (const verdict of verdicts) {
    const { id, row } = verdict;
    const change = applyRow(connection, lease, verdict, before.get(id), changed.get(id) ?? null);
    if (change) changes.push(change);
    if (row.do === 'bury' && !row.announced && change) unannounced += 1;
    const settled = settle(connection, storeId, entity, verdict, change !== null);
    if (row.do === 'write' || change || (settled && verdict.mark.do === 'clear')) sound.push(id);
    if (settled && verdict.proven) proven.push(id);
    if (settled?.repairedOf != null) repairs.push(settled.repairedOf);
    if (settled?.unprovenOf != null) unproven.push({ id, foundByRun: settled.unprovenOf });
  }
  return { changes, sound, proven, unannounced, repairs, unproven };
}

/** Writes or buries the row; null when that changed nothing for those who read the mirror. */
function applyRow(
  connection: Connection,
  { storeId, entity }: Lease,
  { id, row }: Verdict,
  before: RowState | undefined,
  columns: readonly string[] | null,
): Change | null {
  if (row.do === 'leave') return null;
  if (row.do === 'bury') {
    const rowId = buryRow(connection, storeId, entity, id, row.at);
    return rowId === null ? null : { id, rowId, type: 'deleted', columns: null, at: row.at };
  }
  const { record, readAt } = row;
  const rowId = writeRow(connection, storeId, entity, record, readAt);
  const change = { id, rowId, at: record.updatedAt };
  if (!before || before.deletedAt !== null) return { ...change, type: 'created', columns: null };
  if (before.contentHash === record.contentHash || columns?.length === 0) return null;
  return { ...change, type: 'changed', columns };
}
