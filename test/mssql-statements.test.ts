import { describe, expect, it } from 'vitest';
import { certifiedRanges } from '../db/mssql/certified-ranges.ts';
import { commitDetection, mirrorOf } from '../db/mssql/detection.ts';
import { dueDoorbells, nextDueInMs, takeMarks } from '../db/mssql/due.ts';
import { gapsSince, judgeGaps, unjudgedGaps } from '../db/mssql/gaps.ts';
import { acquireLease, releaseLease, renewLease } from '../db/mssql/leases.ts';
import { mark, markAnew } from '../db/mssql/marks.ts';
import { finishRun, refreshRuns, runOf, stalledRuns, startRun } from '../db/mssql/runs.ts';
import { releaseHeld } from '../db/mssql/sightings.ts';
import { standings, syncState } from '../db/mssql/sync-states.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Database } from '../src/database.ts';
import type { Lease } from '../src/lease.ts';
import { certifiedRange } from '../src/range-digest.ts';
import { NOTHING_SEEN, positionOf, raiseOf, T } from './database-fixture.ts';
import { expectSideBySide, listening, statementsOf } from './sql-recorder.ts';

/**
 * Marking, leases, detection and runs as SQL, both dialects side by side in test/__snapshots__/sql. That they mean the
 * same is for the battery to say; here one sees what they are, and that an operation is one round trip.
 */

const GAP = { id: '7', changedAt: T, seenAt: T, foundBy: 'sweep', reason: 'newer' } as const;
const DELIVERY = {
  webhookId: 'w',
  topic: 'T',
  entity: 'customers',
  id: '7',
  triggeredAt: T,
  receivedAt: T,
} as const;
const NOTHING = { raises: [], gaps: [], hold: [], tally: NOTHING_SEEN, points: 0 };
const CERTIFICATE = {
  depth: 'heads',
  fromAt: T,
  toAt: T,
  counted: 1,
  listed: 1,
  mirrorBefore: 1,
  found: { missing: 0, newer: 0, vanished: 0, other: 0 },
  unknowable: 0,
  unknowableBefore: null,
  planted: 2,
  detected: 2,
  byIndex: [],
  points: 1,
  held: false,
} as const;

/** The operations of these files, as the port has them, over a connection that finds nothing. */
function portOf({ connection }: ReturnType<typeof listening>) {
  const bound =
    <A extends readonly unknown[], R>(work: (of: typeof connection, ...args: A) => R) =>
    (...args: A) =>
      work(connection, ...args);
  return {
    mark: bound(mark),
    markAnew: bound(markAnew),
    acquireLease: bound(acquireLease),
    renewLease: bound(renewLease),
    releaseLease: bound(releaseLease),
    takeMarks: bound(takeMarks),
    syncState: bound(syncState),
    mirrorOf: bound(mirrorOf),
    commitDetection: bound(commitDetection),
    startRun: bound(startRun),
    run: bound(runOf),
    finishRun: bound(finishRun),
    stalledRuns: bound(stalledRuns),
    releaseHeld: bound(releaseHeld),
    certifiedRanges: bound(certifiedRanges),
    refreshRuns: bound(refreshRuns),
    unjudgedGaps: bound(unjudgedGaps),
    judgeGaps: bound(judgeGaps),
    gapsSince: bound(gapsSince),
    standings: bound(standings),
    dueDoorbells: bound(dueDoorbells),
    nextDueInMs: bound(nextDueInMs),
  } satisfies Partial<Database>;
}
type Port = ReturnType<typeof portOf>;

/** What each operation is shown with: everything that it can be given, so that every statement of it runs. */
interface Given {
  readonly storeId: number;
  readonly refresh: Lease;
  readonly census: Lease;
  readonly runId: number;
}
const OPERATIONS: Readonly<Record<string, (port: Port, given: Given) => Promise<unknown>>> = {
  mark: (port, { storeId }) => port.mark(storeId, [raiseOf('7')], { deliveries: [DELIVERY] }),
  markAnew: (port, { storeId }) => port.markAnew(storeId, [raiseOf('7')]),
  acquireLease: (port, { storeId }) => port.acquireLease(storeId, 'orders', 'sweep', 1000),
  renewLease: (port, { refresh }) => port.renewLease(refresh, 1000),
  takeMarks: (port, { refresh }) => port.takeMarks(refresh, 1),
  commitDetection: (port, { census, runId }) =>
    port.commitDetection(census, {
      ...NOTHING,
      runId,
      raises: [raiseOf('8')],
      gaps: [GAP],
      hold: ['9'],
      touch: [{ id: '5', unlisted: true }],
      range: certifiedRange(
        { after: '1', through: '9', comparedAt: T },
        [{ id: '7', updatedAt: T }],
        ['5', '9'],
      ),
      watermark: T,
      sweepFinishedAt: T,
      deepSweepFinishedAt: T,
      census: positionOf(),
      censusFinishedAt: T,
      certificate: CERTIFICATE,
      contentAt: T,
      coverageFrom: T,
    }),
  syncState: (port, { storeId }) => port.syncState(storeId, 'customers'),
  mirrorOf: (port, { storeId }) => port.mirrorOf(storeId, 'customers', ['7', '8']),
  startRun: (port, { storeId }) => port.startRun(storeId, 'orders', 'sweep'),
  run: (port, { runId }) => port.run(runId),
  finishRun: (port, { runId }) => port.finishRun(runId, { state: 'succeeded', message: null }),
  stalledRuns: (port) => port.stalledRuns(1000),
  releaseHeld: (port, { runId }) => port.releaseHeld(runId),
  certifiedRanges: (port, { runId }) => port.certifiedRanges(runId),
  refreshRuns: (port, { storeId }) => port.refreshRuns(storeId, 'customers', T),
  unjudgedGaps: (port, { storeId }) => port.unjudgedGaps(storeId, 10),
  judgeGaps: (port) => port.judgeGaps([{ gapId: 1, cause: 'announced late' }]),
  gapsSince: (port) => port.gapsSince(86_400_000),
  standings: (port) => port.standings(),
  dueDoorbells: (port) => port.dueDoorbells(),
  nextDueInMs: (port, { storeId }) => port.nextDueInMs(storeId, 'customers'),
  'releaseLease unlessDue': (port, { refresh }) => port.releaseLease(refresh, { unlessDue: true }),
  releaseLease: (port, { census }) => port.releaseLease(census),
};

describe('each operation is one batch of T-SQL, beside what SQLite runs for it:', () => {
  it.each(Object.keys(OPERATIONS))('%s', async (name) => {
    const operation = OPERATIONS[name]!;
    const server = listening();
    const nowhere = { storeId: 1, entity: 'customers', token: 'token' } as const;
    const given = {
      storeId: 1,
      runId: 1,
      refresh: { ...nowhere, kind: 'refresh' },
      census: { ...nowhere, kind: 'census' },
    } as const;
    // Whoever needs an answer fails without one, after he has asked.
    await operation(portOf(server), given).catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
    expect(server.asked).toHaveLength(1);
    await expectSideBySide(name.replace(' ', '-'), await inSqlite(operation), server.asked);
  });
});

/** In a database where there is something to find. */
async function inSqlite(
  operation: (port: Port, given: Given) => Promise<unknown>,
): Promise<readonly string[]> {
  let nonces = 0;
  let now = T;
  const database = await openSqlite(':memory:', { clock: () => now, nonce: () => `nonce-${nonces++}` });
  try {
    const { id: storeId } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
    const lease = async (kind: Lease['kind']) =>
      (await database.acquireLease(storeId, 'customers', kind, 3_600_000))!;
    const given = { storeId, refresh: await lease('refresh'), census: await lease('census') };
    const runId = await database.startRun(storeId, 'customers', 'census');
    await database.mark(storeId, [raiseOf('5')]);
    await database.commitDetection(given.census, {
      ...NOTHING,
      runId,
      gaps: [{ ...GAP, id: '6' }],
      hold: ['6'],
    });
    now += 600_000;
    return await statementsOf(() => operation(database, { ...given, runId }));
  } finally {
    await database.close();
  }
}
