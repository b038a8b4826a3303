import type { Database } from '../../src/database.ts';
import { type Connection, type ConnectionOptions, connect, operations, transact } from './connection.ts';
import { contents } from './contents.ts';
import { detection } from './detection.ts';
import { due } from './due.ts';
import { translated } from './failures.ts';
import { leases } from './leases.ts';
import { links } from './links.ts';
import { marks } from './marks.ts';
import { migrate } from './migrate.ts';
import { ranges } from './ranges.ts';
import { refresh } from './refresh.ts';
import { rows } from './rows.ts';
import { runs } from './runs.ts';
import { status } from './status.ts';
import { stores } from './stores.ts';

interface Options extends ConnectionOptions {
  /**
   * Whether a file with an older schema is brought to the present one, or refused; true unless said
   * otherwise.
   */
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
      migrate(connection, file, options.migrate !== false);
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

/** Looks before it locks: an ordinary start waits for nobody. */
function addMissingSyncStates(connection: Connection): void {
  const { withoutSyncState, addSyncStates } = stores(connection);
  if (withoutSyncState().length === 0) return;
  transact(connection.client, 'BEGIN IMMEDIATE', () => withoutSyncState().forEach(addSyncStates));
}

/** The port, operation by operation: what is a transaction that writes, and what is one that only reads. */
function assemble(connection: Connection, file: string): Database {
  const { read, write } = operations(connection.client, file);
  const ofStores = stores(connection);
  const ofLeases = leases(connection);
  const ofMarks = marks(connection);
  const ofRows = rows(connection);
  const ofRuns = runs(connection);
  const parts = { leases: ofLeases, marks: ofMarks, rows: ofRows, runs: ofRuns };
  const ofDue = due(connection, ofLeases, ofRows);
  const ofRanges = ranges(connection);
  const ofRefresh = refresh(connection, parts);
  const ofDetection = detection(connection, parts);
  const ofLinks = links(connection);
  const ofStatus = status(connection);
  return {
    stores: read(ofStores.stores),
    activateStore: write(ofStores.activateStore),
    deactivateStore: write(ofStores.deactivateStore),
    recordShop: write(ofStores.recordShop),
    updateSettings: write(ofStores.updateSettings),

    mark: write(ofMarks.mark),
    idsBy: read(ofRanges.idsBy),

    acquireLease: write(ofLeases.acquireLease),
    renewLease: write(ofLeases.renewLease),
    releaseLease: write(ofLeases.releaseLease),

    takeMarks: write(ofDue.takeMarks),
    burialFacts: read(ofRefresh.burialFacts),
    commitRefresh: write(ofRefresh.commitRefresh),
    link: write(ofLinks.link),
    linkAll: write(ofLinks.linkAll),

    syncState: read(ofDetection.syncState),
    mirrorOf: read(ofDetection.mirrorOf),
    liveInWindow: read(ofRanges.liveInWindow),
    rowsInRange: read(ofRanges.rowsInRange),
    mirrorRows: read(contents(connection).mirrorRows),
    commitDetection: write(ofDetection.commitDetection),
    startRun: write(ofRuns.startRun),
    run: read(ofRuns.run),
    finishRun: write(ofRuns.finishRun),
    releaseHeld: write(ofMarks.releaseHeld),

    dueDoorbells: read(ofDue.dueDoorbells),
    nextDueInMs: read(ofDue.nextDueInMs),
    stalledRuns: read(ofRuns.stalledRuns),
    purge: write(ofStatus.purge),
    status: read(ofStatus.status),
    close: async () => {
      if (connection.client.isOpen) connection.client.close();
    },
  };
}
