import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease, LeaseKind } from '../../src/lease.ts';
import type { AnsweredDelivery, RefreshCommit } from '../../src/mark.ts';
import { batchesBy, rowsOf, transaction } from './batch.ts';
import { countBurials } from './burials.ts';
import { announceChanges, CHANGED, changedOf, declareChanged } from './change-events.ts';
import type { Connection } from './connection.ts';
import { answerDeliveries, answeredDelivery, tellAnswered } from './deliveries.ts';
import { GAPS, gapsOf, healGaps, openGaps } from './gaps.ts';
import { fence, LEASE } from './leases.ts';
import { oweLinks } from './links.ts';
import { PROVEN, settle } from './marks.ts';
import { CARRIED, carried } from './packing.ts';
import { declareRaises, RAISED_ENTITIES, RAISES, raise, raisesOf } from './raises.ts';
import { declareReadings, readingParameters, readingsOf } from './readings.ts';
import { declareRejects, parkRejects, REJECTS, rejectsOf, resolveRejects } from './rejects.ts';
import { buryRows, compareRows, writeRows } from './rows.ts';
import { addToHour, countRepairs, TALLY, tallyOf } from './runs.ts';
import { lockMarks } from './statements.ts';
import { noteUnproven } from './unproven-keys.ts';
import { declareVerdicts, VERDICTS, verdictsOf } from './verdicts.ts';

/**
 * The commit of a refresh, in one batch. The fence protects rows, the sequence protects marks: a row is
 * written even if its mark was raised during the read, and the mark then simply stays.
 *
 * What arrived is unpacked before the first lock. Then the locks in the order that every transaction keeps: marks,
 * fence, notes of links, rows, and runs at the end. What the verdicts change is found out while the rows still stand as they were.
 */
export const commitRefreshBatch = batchesBy((entity: EntityName, kind: LeaseKind) =>
  transaction(
    `commitRefresh ${entity}`,
    {
      ...{ ...LEASE, ...CARRIED, ...VERDICTS, ...CHANGED, ...REJECTS, ...RAISES, ...GAPS, ...TALLY },
      ...readingParameters(entity),
    },
    declareVerdicts,
    declareReadings(entity),
    declareChanged,
    declareRejects,
    declareRaises,
    lockMarks(`SELECT @entity UNION ${RAISED_ENTITIES}`),
    fence(kind),
    compareRows(entity),
    oweLinks,
    writeRows(entity),
    buryRows(entity),
    announceChanges(entity),
    settle,
    answerDeliveries(PROVEN),
    openGaps,
    healGaps(PROVEN),
    resolveRejects,
    parkRejects,
    countBurials,
    raise,
    countRepairs,
    noteUnproven,
    addToHour,
    tellAnswered,
  ),
);

export async function commitRefresh(
  connection: Connection,
  lease: Lease,
  { verdicts, changed, announce, rejects, raises, gaps, tally, points }: RefreshCommit,
): Promise<readonly AnsweredDelivery[]> {
  const { storeId, entity, token } = lease;
  const answered = await rowsOf(connection, commitRefreshBatch(entity, lease.kind), {
    storeId,
    entity,
    token,
    ...carried,
    ...verdictsOf(verdicts),
    ...readingsOf(entity, verdicts),
    ...changedOf(changed, announce),
    ...rejectsOf(rejects),
    ...raisesOf(connection, raises),
    ...gapsOf(gaps),
    ...tallyOf(tally, points),
  });
  return answered.map(answeredDelivery);
}
