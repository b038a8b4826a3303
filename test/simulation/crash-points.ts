import type { Database } from '../../src/database.ts';

/**
 * Where a process may die, and what is durable at each of these moments. A crash here is a crash: nothing after it
 * runs, no `finally` either, and all memory of the process is gone.
 */
export type CrashPoint =
  /** The signal is on the queue. Shopify saw no answer and sends the delivery again. */
  | 'signal enqueued, delivery not answered'
  /** The signal is on the queue, and nowhere else. Shopify will never send it again. */
  | 'delivery answered, signal not worked'
  /** The message is on the queue, invisible for a while. */
  | 'signal taken, not marked'
  /** The mark and the delivery log. Nobody was told that there is something to refresh. */
  | 'signal marked, doorbell not rung'
  /** A refresh lease that runs out by itself. */
  | 'lease taken, no mark taken'
  /** The marks as they were. Taking writes nothing. */
  | 'marks taken, nothing read'
  /** The marks as they were; what Shopify answered is lost. */
  | 'read, not committed'
  /** Rows, tombstones, events, marks cleared or kept. Links are owed (`UnlinkedKeys`). */
  | 'committed, not linked'
  /** All of a batch. The lease keeps others out until it runs out. */
  | 'linked, lease held'
  /** All of the refresh; its doorbell comes again. */
  | 'lease released, doorbell not completed'
  /** A run that says `running`, and a sweep lease. */
  | 'sweep begun, no page asked'
  /** Nothing of this page. */
  | 'sweep page compared, not committed'
  /** Marks and gaps of the page, and the watermark between pages. */
  | 'sweep page committed, next not asked'
  /** Marks of every page; the watermark stands where the sweep found it, or between pages. */
  | 'last sweep page committed, watermark not moved'
  /** The watermark. The run still says `running`. */
  | 'watermark moved, sweep not finished'
  /** The run says `succeeded`; the lease keeps others out until it runs out. */
  | 'detector done, lease held'
  /** A run that says `running`, and a census lease. */
  | 'census begun, no range compared'
  /** Everything up to the saved position. */
  | 'census range compared, not committed'
  /** Marks, held marks and position of the range. */
  | 'census range committed, next not asked'
  /** All ranges; the position says that only the conclusion is left. */
  | 'census compared, not concluded'
  /** The census is over and its position gone; held marks are still held. */
  | 'census concluded, held marks not freed'
  /** Held marks are due. The run still says `running`. */
  | 'held marks freed, census not finished'
  /** The request with its ids; nobody is suppressed. */
  | 'request recorded, nobody suppressed'
  /** Suppressions, and the refresh leases are gone; every row is as it was. */
  | 'suppressed, no row emptied'
  /** Some rows are empty, and struck from the request, which is still open. */
  | 'rows emptied, request not ended'
  /** Everything that the message asked for; the message comes again. */
  | 'message worked, not completed'
  /** Doorbells on the queue; stalled runs, links and retention wait for the next tick. */
  | 'tick rang, stalled runs not looked at';

export const CRASH_POINTS = [
  'signal enqueued, delivery not answered',
  'delivery answered, signal not worked',
  'signal taken, not marked',
  'signal marked, doorbell not rung',
  'lease taken, no mark taken',
  'marks taken, nothing read',
  'read, not committed',
  'committed, not linked',
  'linked, lease held',
  'lease released, doorbell not completed',
  'sweep begun, no page asked',
  'sweep page compared, not committed',
  'sweep page committed, next not asked',
  'last sweep page committed, watermark not moved',
  'watermark moved, sweep not finished',
  'detector done, lease held',
  'census begun, no range compared',
  'census range compared, not committed',
  'census range committed, next not asked',
  'census compared, not concluded',
  'census concluded, held marks not freed',
  'held marks freed, census not finished',
  'request recorded, nobody suppressed',
  'suppressed, no row emptied',
  'rows emptied, request not ended',
  'message worked, not completed',
  'tick rang, stalled runs not looked at',
] as const satisfies readonly CrashPoint[];

/** Does not compile when a crash point is missing from the list. */
type Missing = Exclude<CrashPoint, (typeof CRASH_POINTS)[number]>;
true satisfies Missing extends never ? true : false;

/** A moment at which a process can also be held up while the others go on. */
export type Site = CrashPoint | 'Shopify not asked yet' | 'Shopify has answered';
export const SITES: readonly Site[] = [...CRASH_POINTS, 'Shopify not asked yet', 'Shopify has answered'];

export type Operation = keyof Database;

/** An operation of the port just before, or just after, it took effect. */
export type Call = {
  [K in Operation]: {
    readonly operation: K;
    readonly args: Parameters<Database[K]>;
    /** Absent before the call. */
    readonly result?: Awaited<ReturnType<Database[K]>>;
    readonly when: 'before' | 'after';
  };
}[Operation];

/** The crash points inside a message that lie at an operation of the database. */
export function crashPointAt(call: Call): CrashPoint | null {
  const before = call.when === 'before';
  switch (call.operation) {
    case 'mark':
      return before ? 'signal taken, not marked' : 'signal marked, doorbell not rung';
    case 'acquireLease':
      return !before && call.result && call.args[2] === 'refresh' ? 'lease taken, no mark taken' : null;
    case 'takeMarks':
      return !before && call.result && call.result.length > 0 ? 'marks taken, nothing read' : null;
    case 'commitRefresh':
      return before ? 'read, not committed' : 'committed, not linked';
    case 'link':
      return before ? null : 'linked, lease held';
    case 'releaseLease':
      if (call.args[0].kind === 'refresh') return before ? null : 'lease released, doorbell not completed';
      return before ? 'detector done, lease held' : null;
    case 'startRun':
      if (before) return null;
      return call.args[2] === 'sweep' ? 'sweep begun, no page asked' : 'census begun, no range compared';
    case 'commitDetection':
      return call.args[0].kind === 'sweep'
        ? sweepPoint(call.args[1], before)
        : censusPoint(call.args[1], before);
    case 'liveInWindow':
      return before ? 'last sweep page committed, watermark not moved' : null;
    case 'releaseHeld':
      return before ? 'census concluded, held marks not freed' : 'held marks freed, census not finished';
    case 'recordPrivacyRequest':
      return before ? null : 'request recorded, nobody suppressed';
    case 'suppress':
      return before ? null : 'suppressed, no row emptied';
    case 'eraseRows':
      return before ? null : 'rows emptied, request not ended';
    case 'stalledRuns':
      return before ? 'tick rang, stalled runs not looked at' : null;
    default:
      return null;
  }
}

type Detected = Parameters<Database['commitDetection']>[1];

function sweepPoint(commit: Detected, before: boolean): CrashPoint | null {
  if (commit.sweepFinishedAt !== undefined) return before ? null : 'watermark moved, sweep not finished';
  return before ? 'sweep page compared, not committed' : 'sweep page committed, next not asked';
}

function censusPoint(commit: Detected, before: boolean): CrashPoint | null {
  if (commit.census === null) return null;
  if (before) return 'census range compared, not committed';
  return commit.census?.compared
    ? 'census compared, not concluded'
    : 'census range committed, next not asked';
}
