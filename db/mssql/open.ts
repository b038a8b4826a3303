import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Nonce } from '../../src/clock.ts';
import type { Database } from '../../src/database.ts';
import type { MssqlAddress } from '../../src/database-address.ts';
import { activateStore, registerStore } from './activation.ts';
import { databaseName, driverConfig } from './address.ts';
import { burialFacts } from './burials.ts';
import { certificates, completeCertificate, ripeCertificates } from './certificates.ts';
import { certifiedRanges } from './certified-ranges.ts';
import { settleEvents, storesWithEvents, takeEvents } from './change-events.ts';
import { type Connection, connect } from './connection.ts';
import { contents, mirrorRows } from './contents.ts';
import { deliveryQuality } from './delivery-quality.ts';
import { commitDetection, mirrorOf } from './detection.ts';
import { dueDoorbells, nextDueInMs, takeMarks } from './due.ts';
import { eraseRows } from './erasure.ts';
import { failureOf } from './failures.ts';
import { gapsSince, judgeGaps, unjudgedGaps } from './gaps.ts';
import { acquireLease, releaseLease, renewLease } from './leases.ts';
import { link, linkAll } from './links.ts';
import { mark, markAnew } from './marks.ts';
import { assertMigrated, migrate } from './migrate.ts';
import {
  duePrivacyRequests,
  endPrivacyRequest,
  privacyCounts,
  putOffPrivacyRequest,
  recordPrivacyRequest,
  takePrivacyRequest,
} from './privacy-requests.ts';
import { forgetExport, heldExports, privacyRequests } from './privacy-standing.ts';
import { idsBy, keysInRange, lacking, liveInWindow, longestUnread } from './ranges.ts';
import { commitRefresh } from './refresh.ts';
import {
  countUnheard,
  deactivateStore,
  endPause,
  lookSoon,
  noteAccess,
  noteRefusal,
  pauseStore,
  takeLook,
} from './rests.ts';
import { purge } from './retention.ts';
import { attempt } from './retry.ts';
import { finishRun, refreshRuns, runOf, stalledRuns, startRun } from './runs.ts';
import { releaseHeld } from './sightings.ts';
import { status } from './status.ts';
import { eraseStore } from './store-erasure.ts';
import { allStores, recordShop, updateSettings } from './stores.ts';
import { keyStory } from './story.ts';
import { inheritSuppressions, suppress, suppressed } from './suppressions.ts';
import { addMissingSyncStates, standings, syncState } from './sync-states.ts';
import { acquireTokenLease, releaseTokenLease, renewTokenLease } from './token-leases.ts';

interface Options {
  /** The server's own clock unless a test gives one. */
  readonly clock?: Clock;
  readonly nonce: Nonce;
}

/**
 * A database on SQL Server, Azure SQL or Babelfish, shared by all processes of the service. Its tables are made and
 * changed by `migrateMssql` alone. Fails with a `Reject` or `Transient` that says what to do when it cannot be used.
 */
export async function openMssql(address: MssqlAddress, options: Options): Promise<Database> {
  const connection = await connected(address, options, {});
  try {
    await attempt(connection, 'opening', async () => await assertMigrated(connection, databaseName(address)));
    await addMissingSyncStates(connection);
    return assemble(connection);
  } catch (error) {
    await connection.pool.close();
    throw error;
  }
}

/** Brings the database to the schema of this release; answers the names of the migrations that were applied. */
export async function migrateMssql(address: MssqlAddress, options: Options): Promise<readonly string[]> {
  // An index over millions of rows takes its time.
  const connection = await connected(address, options, { requestTimeout: 0 });
  try {
    return await migrate(connection);
  } catch (error) {
    throw failureOf(error, 'migrating').error;
  } finally {
    await connection.pool.close();
  }
}

async function connected(
  address: MssqlAddress,
  options: Options,
  more: { readonly requestTimeout?: number },
): Promise<Connection> {
  const patience = { nonce: options.nonce, wait: (ms: number) => sleep(ms) };
  return await attempt(patience, `opening ${databaseName(address)}`, () =>
    connect({ ...driverConfig(address), ...more }, options),
  );
}

/** The port, operation by operation. Batches translate their own failures; drizzle's reads have it done here. */
function assemble(connection: Connection): Database {
  const operation = bound(connection);
  const read =
    <A extends readonly unknown[], R>(work: (connection: Connection, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> =>
      await attempt(connection, work.name, () => work(connection, ...args));
  return {
    stores: read(allStores),
    registerStore: operation(registerStore),
    activateStore: operation(activateStore),
    deactivateStore: operation(deactivateStore),
    pauseStore: operation(pauseStore),
    endPause: operation(endPause),
    noteRefusal: operation(noteRefusal),
    noteAccess: operation(noteAccess),
    takeLook: operation(takeLook),
    lookSoon: operation(lookSoon),
    countUnheard: operation(countUnheard),
    recordShop: operation(recordShop),
    updateSettings: operation(updateSettings),

    mark: operation(mark),
    markAnew: operation(markAnew),
    idsBy: operation(idsBy),

    acquireLease: operation(acquireLease),
    renewLease: operation(renewLease),
    releaseLease: operation(releaseLease),
    acquireTokenLease: operation(acquireTokenLease),
    renewTokenLease: operation(renewTokenLease),
    releaseTokenLease: operation(releaseTokenLease),

    takeMarks: operation(takeMarks),
    burialFacts: operation(burialFacts),
    contents: operation(contents),
    commitRefresh: operation(commitRefresh),
    link: operation(link),
    linkAll: operation(linkAll),

    storesWithEvents: operation(storesWithEvents),
    takeEvents: operation(takeEvents),
    settleEvents: operation(settleEvents),

    syncState: operation(syncState),
    mirrorOf: operation(mirrorOf),
    liveInWindow: operation(liveInWindow),
    keysInRange: operation(keysInRange),
    lacking: operation(lacking),
    longestUnread: operation(longestUnread),
    mirrorRows: operation(mirrorRows),
    commitDetection: operation(commitDetection),
    startRun: operation(startRun),
    run: operation(runOf),
    finishRun: operation(finishRun),
    releaseHeld: operation(releaseHeld),

    certificates: read(certificates),
    ripeCertificates: read(ripeCertificates),
    completeCertificate: operation(completeCertificate),
    certifiedRanges: operation(certifiedRanges),
    refreshRuns: operation(refreshRuns),
    unjudgedGaps: operation(unjudgedGaps),
    judgeGaps: operation(judgeGaps),
    gapsSince: operation(gapsSince),
    deliveryQuality: operation(deliveryQuality),
    keyStory: read(keyStory),

    ...privacyOperations(connection),
    dueDoorbells: operation(dueDoorbells),
    nextDueInMs: operation(nextDueInMs),
    standings: operation(standings),
    stalledRuns: operation(stalledRuns),
    purge: operation(purge),
    status: operation(status),
    close: async () => await connection.pool.close(),
  };
}

const bound =
  (connection: Connection) =>
  <A extends readonly unknown[], R>(work: (connection: Connection, ...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> =>
    await work(connection, ...args);

function privacyOperations(connection: Connection) {
  const operation = bound(connection);
  return {
    suppressed: operation(suppressed),
    inheritSuppressions: operation(inheritSuppressions),
    recordPrivacyRequest: operation(recordPrivacyRequest),
    duePrivacyRequests: operation(duePrivacyRequests),
    takePrivacyRequest: operation(takePrivacyRequest),
    putOffPrivacyRequest: operation(putOffPrivacyRequest),
    suppress: operation(suppress),
    eraseRows: operation(eraseRows),
    eraseStore: operation(eraseStore),
    privacyCounts: operation(privacyCounts),
    endPrivacyRequest: operation(endPrivacyRequest),
    heldExports: operation(heldExports),
    forgetExport: operation(forgetExport),
    privacyRequests: operation(privacyRequests),
  };
}
