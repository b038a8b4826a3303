import type { Database } from '../../src/database.ts';
import { activateStore, registerStore } from './activation.ts';
import { burialFacts } from './burials.ts';
import { certificates, completeCertificate, ripeCertificates } from './certificates.ts';
import { certifiedRanges } from './certified-ranges.ts';
import { settleEvents, storesWithEvents, takeEvents } from './change-events.ts';
import {
  type Connection,
  type ConnectionOptions,
  connect,
  forgetPast,
  operations,
  transact,
} from './connection.ts';
import { contents, mirrorRows } from './contents.ts';
import { deliveryQuality } from './delivery-quality.ts';
import { commitDetection, mirrorOf } from './detection.ts';
import { dueDoorbells, nextDueInMs, takeMarks } from './due.ts';
import { eraseRows } from './erasure.ts';
import { translated } from './failures.ts';
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
import { finishRun, refreshRuns, runOf, stalledRuns, startRun } from './runs.ts';
import { releaseHeld } from './sightings.ts';
import { status } from './status.ts';
import { eraseStore } from './store-erasure.ts';
import { allStores, recordShop, updateSettings } from './stores.ts';
import { keyStory } from './story.ts';
import { inheritSuppressions, suppress, suppressed } from './suppressions.ts';
import { addSyncStates, standings, storesLackingStates, syncState } from './sync-states.ts';
import { acquireTokenLease, releaseTokenLease, renewTokenLease } from './token-leases.ts';

interface Options extends ConnectionOptions {
  /** Whether a file with an older schema is brought to that of this release, or refused; true unless said otherwise. */
  readonly migrate?: boolean;
}

/**
 * The embedded database in a file, or in memory with `':memory:'`. Several processes may have the same file
 * open. Fails with a `Reject` or `Transient` that says what to do when the file cannot be used.
 */
export async function openSqlite(file: string, options: Options): Promise<Database> {
  try {
    const connection = connect(file, options);
    try {
      if (options.migrate === false) assertMigrated(connection, file);
      else migrate(connection, file);
      addMissingSyncStates(connection);
      return assemble(connection, file);
    } catch (error) {
      connection.client.close();
      throw error;
    }
  } catch (error) {
    throw translated(error, file);
  }
}

/** Brings a file, which is created if there is none, to the schema of this release; answers what was applied. */
export async function migrateSqlite(file: string, options: ConnectionOptions): Promise<readonly string[]> {
  try {
    const connection = connect(file, options);
    try {
      return migrate(connection, file);
    } finally {
      connection.client.close();
    }
  } catch (error) {
    throw translated(error, file);
  }
}

/** Looks before it locks: an ordinary start waits for nobody. */
function addMissingSyncStates(connection: Connection): void {
  if (storesLackingStates(connection).length === 0) return;
  transact(connection.client, 'BEGIN IMMEDIATE', () => {
    for (const storeId of storesLackingStates(connection)) addSyncStates(connection, storeId);
  });
}

/** What happens to stores, each a transaction that writes. */
const livesOfStores = (write: ReturnType<typeof operations>['write']) => ({
  registerStore: write(registerStore),
  activateStore: write(activateStore),
  deactivateStore: write(deactivateStore),
  pauseStore: write(pauseStore),
  endPause: write(endPause),
  noteRefusal: write(noteRefusal),
  noteAccess: write(noteAccess),
  takeLook: write(takeLook),
  lookSoon: write(lookSoon),
  countUnheard: write(countUnheard),
});

/** The port, operation by operation: what is a transaction that writes, and what is one that only reads. */
function assemble(connection: Connection, file: string): Database {
  const { read, write } = operations(connection, file);
  return {
    ...livesOfStores(write),
    stores: read(allStores),
    recordShop: write(recordShop),
    updateSettings: write(updateSettings),

    mark: write(mark),
    markAnew: write(markAnew),
    idsBy: read(idsBy),

    acquireLease: write(acquireLease),
    renewLease: write(renewLease),
    releaseLease: write(releaseLease),
    acquireTokenLease: write(acquireTokenLease),
    renewTokenLease: write(renewTokenLease),
    releaseTokenLease: write(releaseTokenLease),

    takeMarks: write(takeMarks),
    burialFacts: read(burialFacts),
    contents: read(contents),
    commitRefresh: write(commitRefresh),
    link: write(link),
    linkAll: write(linkAll),

    storesWithEvents: read(storesWithEvents),
    takeEvents: write(takeEvents),
    settleEvents: write(settleEvents),

    syncState: read(syncState),
    mirrorOf: read(mirrorOf),
    liveInWindow: read(liveInWindow),
    keysInRange: read(keysInRange),
    lacking: read(lacking),
    longestUnread: read(longestUnread),
    mirrorRows: read(mirrorRows),
    commitDetection: write(commitDetection),
    startRun: write(startRun),
    run: read(runOf),
    finishRun: write(finishRun),
    releaseHeld: write(releaseHeld),

    certificates: read(certificates),
    ripeCertificates: read(ripeCertificates),
    completeCertificate: write(completeCertificate),
    certifiedRanges: read(certifiedRanges),
    refreshRuns: read(refreshRuns),
    unjudgedGaps: read(unjudgedGaps),
    judgeGaps: write(judgeGaps),
    gapsSince: read(gapsSince),
    deliveryQuality: read(deliveryQuality),
    keyStory: read(keyStory),

    ...privacyOperations(connection, file),
    dueDoorbells: read(dueDoorbells),
    nextDueInMs: read(nextDueInMs),
    standings: read(standings),
    stalledRuns: read(stalledRuns),
    purge: write(purge),
    status: read(status),
    close: async () => {
      if (connection.client.isOpen) connection.client.close();
    },
  };
}

function privacyOperations(connection: Connection, file: string) {
  const { read, write } = operations(connection, file);
  return {
    suppressed: read(suppressed),
    inheritSuppressions: write(inheritSuppressions),
    recordPrivacyRequest: write(recordPrivacyRequest),
    duePrivacyRequests: read(duePrivacyRequests),
    takePrivacyRequest: write(takePrivacyRequest),
    putOffPrivacyRequest: write(putOffPrivacyRequest),
    suppress: write(suppress),
    eraseRows: write(eraseRows),
    eraseStore: write(eraseStore),
    privacyCounts: read(privacyCounts),
    endPrivacyRequest: async (...end: Parameters<Database['endPrivacyRequest']>) => {
      await write(endPrivacyRequest)(...end);
      forgetPast(connection);
    },
    heldExports: read(heldExports),
    forgetExport: write(forgetExport),
    privacyRequests: read(privacyRequests),
  };
}
