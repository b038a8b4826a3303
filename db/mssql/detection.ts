import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease, LeaseKind } from '../../src/lease.ts';
import type { MirrorView } from '../../src/record.ts';
import type { DetectionCommit } from '../../src/run.ts';
import { BIGINT, batch, batchesBy, JSON_TEXT, run, TEXT, transaction } from './batch.ts';
import { CERTIFICATE, certificateValues, issueCertificate } from './certificates.ts';
import { keepRange, RANGE, rangeValues } from './certified-ranges.ts';
import type { Connection } from './connection.ts';
import { GAPS, gapsOf, openGaps } from './gaps.ts';
import { fence, LEASE } from './leases.ts';
import { declareRaises, RAISED_ENTITIES, RAISES, raise, raisesOf } from './raises.ts';
import { instantOrNull, text } from './recordset.ts';
import { stateColumns, stateOf } from './rows.ts';
import { addToRun, TALLY, tallyOf } from './runs.ts';
import { SIGHTED, sight, sightedOf } from './sightings.ts';
import { declareIds, idsJson, lockMarks, mirrored } from './statements.ts';
import { showProgress } from './stores.ts';
import { advance, PROGRESS, progressOf } from './sync-states.ts';

/** What sweeps and censuses read and commit. */

/**
 * Three looks one after the other, not one moment. Marks come first: a commit between the looks leaves either a mark
 * that has just been cleared beside the new row, which is compared as equal, or the mark itself. The other way round
 * an old row could stand here without its mark, and be called a gap that nobody had announced.
 */
export const mirrorOfBatch = batchesBy((entity: EntityName) => {
  const { table, key } = mirrored(entity);
  return batch(
    `mirrorOf ${entity}`,
    { storeId: BIGINT, entity: TEXT, idsJson: JSON_TEXT },
    declareIds('@ids', '@idsJson'),
    `SELECT m.[Id] FROM @ids AS i
INNER JOIN [StaleKeys] AS m ON m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = i.[IdLength] AND m.[Id] = i.[Id];
SELECT t.${key} AS [Key], ${stateColumns} FROM @ids AS i
INNER JOIN ${table} AS t ON t.[StoreId] = @storeId AND t.${key} = i.[Id];
SELECT i.[Id], MAX(d.[TriggeredAt]) AS [AnnouncedAt] FROM @ids AS i
INNER JOIN [Deliveries] AS d ON d.[StoreId] = @storeId AND d.[Entity] = @entity AND d.[ShopifyId] = i.[Id]
GROUP BY i.[Id];`,
  );
});

export async function mirrorOf(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): Promise<ReadonlyMap<string, MirrorView>> {
  const values = { storeId, entity, idsJson: idsJson(ids) };
  const [marks = [], rows = [], announced = []] = await run(connection, mirrorOfBatch(entity), values);
  const marked = new Set(marks.map((row) => text(row, 'Id')));
  const states = new Map(rows.map((row) => [text(row, 'Key'), stateOf(row)]));
  const announcedAt = new Map(announced.map((row) => [text(row, 'Id'), instantOrNull(row, 'AnnouncedAt')]));
  return new Map(
    ids.map((id) => [
      id,
      { row: states.get(id) ?? null, marked: marked.has(id), announcedAt: announcedAt.get(id) ?? null },
    ]),
  );
}

export const commitDetectionBatch = batchesBy((kind: LeaseKind) =>
  transaction(
    'commitDetection',
    {
      ...{ ...LEASE, runId: BIGINT, ...RAISES, ...GAPS, ...SIGHTED, ...PROGRESS, ...TALLY },
      ...{ ...RANGE, ...CERTIFICATE },
    },
    declareRaises,
    lockMarks(`${RAISED_ENTITIES} UNION SELECT @entity`),
    fence(kind),
    raise,
    openGaps,
    sight,
    keepRange,
    advance,
    `IF @sweepFinishedAt IS NOT NULL OR @censusFinishedAt IS NOT NULL
BEGIN
${showProgress}
END;`,
    addToRun,
    issueCertificate,
  ),
);

export async function commitDetection(
  connection: Connection,
  lease: Lease,
  commit: DetectionCommit,
): Promise<void> {
  const { runId, raises, gaps, hold, touch = [], range, tally, points, certificate } = commit;
  await run(connection, commitDetectionBatch(lease.kind), {
    ...lease,
    runId,
    // A census that says where it stands will end with a certificate, which waits for what was found.
    ...raisesOf(connection, raises, commit.census ? runId : null),
    ...gapsOf(gaps.map((gap) => ({ ...gap, runId }))),
    ...sightedOf(connection, hold, touch),
    ...rangeValues(range),
    ...progressOf(commit),
    ...tallyOf(tally, points),
    ...certificateValues(certificate),
  });
}
