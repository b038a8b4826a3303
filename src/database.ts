import type { Certificate, CertificateVerdict, CertifiedRange, Completion } from './certificate.ts';
import type { EventsEnd, WaitingEvent } from './change-event.ts';
import type { TopicQuality } from './delivery-quality.ts';
import type { EntityName } from './entities/registry.ts';
import type { GapCause, GapCount, UnjudgedGap } from './gap.ts';
import type { Lacking } from './lack.ts';
import type { Lease, LeaseKind } from './lease.ts';
import type { AnsweredDelivery, MarkLog, Raise, RefreshCommit, TakenMark } from './mark.ts';
import type {
  Erasing,
  HeldExport,
  PrivacyAsked,
  PrivacyEnd,
  PrivacyRequest,
  PrivacyStanding,
  Suppressed,
} from './privacy-request.ts';
import type { MirrorRow, MirrorView, RangeView } from './record.ts';
import type { DetectionCommit, Run, RunEnd, RunKind, Standing, SyncState } from './run.ts';
import type { StoreStatus } from './store.ts';
import type { StoresPort } from './stores-port.ts';
import type { KeyStory } from './story.ts';

/**
 * The port to the database. Its writers are few and coarse, each one transaction that is all or nothing:
 * node:sqlite is synchronous and mssql is not, so a shared "run this callback in a transaction" would be a trap.
 *
 * An implementation carries out, it does not decide: what becomes of a row or a mark is said by `judge`.
 * Two clocks (design §3): fields named `…At` of marks' evidence, rows and heads are Shopify's time; due times,
 * leases and every `…Ms` of waiting or age are the database's own clock, which never leaves the database.
 */
export interface Database extends StoresPort {
  // Marking
  /**
   * Raises all keys and writes the delivery log in one transaction (R3, R6); nothing of a store that is gone. Raising a mark gives it
   * a fresh random `Sequence`, keeps the greatest expected version, the best lane, the earliest due time and all
   * evidence, and frees it if a census was holding it.
   */
  mark(storeId: number, raises: readonly Raise[], log?: MarkLog): Promise<void>;
  /**
   * Raises all keys and forgets what was expected of them and what earlier reads have found (R10: that their deletion was
   * announced is evidence that stays); nothing of a store that is gone.
   */
  markAnew(storeId: number, raises: readonly Raise[]): Promise<void>;
  /** Ids of the entity whose rows, or rows of one of its child tables, hold one of the values in `column`. */
  idsBy(
    storeId: number,
    entity: EntityName,
    table: string,
    column: string,
    values: readonly string[],
  ): Promise<readonly string[]>;

  // Leases
  /** Null while somebody else holds an unexpired one, or the store is not active. A store started anew fences the holder. */
  acquireLease(storeId: number, entity: EntityName, kind: LeaseKind, ms: number): Promise<Lease | null>;
  /** False when it was lost meanwhile. */
  renewLease(lease: Lease, ms: number): Promise<boolean>;
  /** With `unlessDue`: one statement that fails (false) while a due mark of the key space exists, so that no wake-up is lost. */
  releaseLease(lease: Lease, options?: { readonly unlessDue?: boolean }): Promise<boolean>;

  /**
   * The right to renew a store's tokens with Shopify, beside its key spaces: answers a fresh random token, or null while
   * somebody else holds it. Nothing in the database is fenced by it: what it guards stands in the vault.
   */
  acquireTokenLease(storeId: number, ms: number): Promise<string | null>;
  /** False when it ran out or was taken over. */
  renewTokenLease(storeId: number, token: string, ms: number): Promise<boolean>;
  releaseTokenLease(storeId: number, token: string): Promise<void>;

  // Refresh
  /**
   * Due, not held marks: best lane first, then by due time; a tenth of the batch (at least one) goes to the
   * oldest due marks of any lane. Each with the state of its row.
   */
  takeMarks(lease: Lease, limit: number): Promise<readonly TakenMark[]>;
  /** Live rows, and how many rows refreshes buried unannounced within the last hour: what R10's brake is judged on. */
  burialFacts(
    storeId: number,
    entity: EntityName,
  ): Promise<{ readonly live: number; readonly buriedLastHour: number }>;
  /** Rows with their children, buried ones too, of these ids: what stands before a commit that changes them. */
  contents(storeId: number, entity: EntityName, ids: readonly string[]): Promise<readonly MirrorRow[]>;
  /**
   * Throws `Fenced` and writes nothing if the lease is no longer held. Answers the deliveries that took effect with
   * this commit, each key's at most once.
   */
  commitRefresh(lease: Lease, commit: RefreshCommit): Promise<readonly AnsweredDelivery[]>;
  /** Fills the linked columns of the rows that belong to these ids of the entity, and of rows that point to them. */
  link(storeId: number, entity: EntityName, ids: readonly string[]): Promise<void>;
  /** The same for ids whose `link` never came because the process died after the commit; at most `limit` of them. Answers rows changed. */
  linkAll(storeId: number, limit: number): Promise<number>;

  // Change events
  /** Stores, active or not, of which change events wait that nobody is sending. */
  storesWithEvents(): Promise<readonly number[]>;
  /**
   * The oldest change events that wait, in their order, at most `limit`; nobody else gets them for `leaseMs`. None
   * of a key of which an earlier one is being sent by somebody else.
   */
  takeEvents(storeId: number, limit: number, leaseMs: number): Promise<readonly WaitingEvent[]>;
  /** What became of events that were taken; those in neither list may be taken again at once. */
  settleEvents(storeId: number, taken: readonly number[], end: EventsEnd): Promise<void>;

  // Sweep and census
  syncState(storeId: number, entity: EntityName): Promise<SyncState>;
  /** The mirror's view of these ids: row state, whether a mark stands, when a delivery last announced the key. */
  mirrorOf(
    storeId: number,
    entity: EntityName,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, MirrorView>>;
  /** Ids of live rows with `from <= UpdatedAt <= to`, without a mark, at most `limit`, oldest first. */
  liveInWindow(
    storeId: number,
    entity: EntityName,
    from: number,
    to: number,
    limit: number,
  ): Promise<readonly string[]>;
  /** Rows and marks with `after < id <= through` (null: no end), at most `limit` of each. One round trip. */
  keysInRange(
    storeId: number,
    entity: EntityName,
    after: string | null,
    through: string | null,
    limit: number,
  ): Promise<RangeView>;
  /** Columns that live rows of the entity lack, by name and reason; of the rows that were read since then, if told. */
  lacking(storeId: number, entity: EntityName, readSince?: number): Promise<readonly Lacking[]>;
  /** Live rows whose latest read is oldest, at most `limit`, oldest first. */
  longestUnread(storeId: number, entity: EntityName, limit: number): Promise<readonly string[]>;
  /** Rows with their children, buried ones too, in id order: what the mirror holds, to be compared field by field. */
  mirrorRows(
    storeId: number,
    entity: EntityName,
    after: string | null,
    limit: number,
  ): Promise<readonly MirrorRow[]>;
  /** Marks, gaps, watermark or census position, and the run's counters, in one transaction that starts with the fence (R5). */
  commitDetection(lease: Lease, commit: DetectionCommit): Promise<void>;
  startRun(storeId: number, entity: EntityName, kind: RunKind): Promise<number>;
  run(runId: number): Promise<Run | null>;
  finishRun(runId: number, end: RunEnd): Promise<void>;
  /**
   * Frees the marks that a census holds, due at once. Answers how many. On a server in steps, so that it does not lock
   * everybody out: whoever dies in between leaves the rest held. Nobody deletes them: only a read ends a mark (R15).
   */
  releaseHeld(runId: number): Promise<number>;

  // Proof
  /** The latest certificates of a store, latest first; those that still wait show what is known so far. */
  certificates(storeId: number, limit: number): Promise<readonly Certificate[]>;
  /** Certificates that wait for no mark any more but those of parked records. */
  ripeCertificates(storeId: number): Promise<readonly Certificate[]>;
  /** The ranges that the census of a certificate compared, in the order of ids. */
  certifiedRanges(runId: number): Promise<readonly CertifiedRange[]>;
  /** The runs of refreshes of a key space that began at or after this time of the database's; each is one hour's. */
  refreshRuns(
    storeId: number,
    entity: EntityName,
    since: number,
  ): Promise<readonly { readonly id: number; readonly startedAt: number }[]>;
  /** A completed certificate never changes again. */
  completeCertificate(
    certificateId: number,
    end: {
      readonly verdict: CertificateVerdict;
      readonly remarks: readonly string[];
      readonly withheld: readonly string[];
      readonly completion: Completion;
    },
  ): Promise<void>;
  /** Gaps without a cause that are healed or old enough for one. */
  unjudgedGaps(storeId: number, limit: number): Promise<readonly UnjudgedGap[]>;
  judgeGaps(judged: readonly { readonly gapId: number; readonly cause: GapCause }[]): Promise<void>;
  /** Gaps found in the latest `sinceMs`, of all stores, without those that were merely on their way. */
  gapsSince(sinceMs: number): Promise<readonly GapCount[]>;
  /** What the webhooks of each topic were worth over the latest `sinceMs`. */
  deliveryQuality(storeId: number, sinceMs: number): Promise<readonly TopicQuality[]>;
  /** All that the tables tell of one key. */
  keyStory(storeId: number, entity: EntityName, id: string): Promise<KeyStory>;

  // Privacy
  /** Which of these keyed hashes are suppressed. To be asked under the refresh lease, which `suppress` takes away. */
  suppressed(storeId: number, keyName: string | null, hashes: readonly string[]): Promise<Suppressed>;
  /** Adds suppressions to others, as of the same time and request: what belonged to somebody who is erased. */
  inheritSuppressions(
    storeId: number,
    inherited: readonly { readonly hash: string; readonly from: string }[],
  ): Promise<void>;
  /** Records the request with its keys and answers its id; one that was refused before is open again, any other stays as it is. */
  recordPrivacyRequest(asked: PrivacyAsked): Promise<number>;
  /** Open requests that nobody works on and that may be tried now. */
  duePrivacyRequests(): Promise<readonly number[]>;
  /** Nobody else gets the request for `leaseMs`. Null when it is not due, or no longer open. */
  takePrivacyRequest(requestId: number, leaseMs: number): Promise<PrivacyRequest | null>;
  /** Gives a request back, to be tried in so many milliseconds. Without a message it got on, and its tries count anew. */
  putOffPrivacyRequest(requestId: number, inMs: number, message: string | null): Promise<void>;
  /**
   * In one transaction: adds suppressions, takes away the refresh lease of every entity with personal columns, so that
   * no read from before is committed, and with `erase` notes what is to be emptied and says that the request is `erasing`.
   * Of a store that was erased meanwhile it writes nothing.
   */
  suppress(requestId: number, erasing: Erasing): Promise<void>;
  /**
   * Those of the ids that the request still has to deal with: takes the refresh lease away, empties every personal column
   * of their rows and child rows, buried ones too, and the reasons of their rejects, forgets their content hash,
   * announces the change, counts, and strikes the ids from the request. One transaction.
   */
  eraseRows(requestId: number, entity: EntityName, ids: readonly string[], announce: boolean): Promise<void>;
  /**
   * Deletes at most `limit` rows of the request's store and counts them: from every table that has a StoreId, but for the
   * requests themselves; rows that others point to after those, the store last. False once nothing is left, and of a
   * store that is active: whoever has resumed it keeps the rest.
   */
  eraseStore(requestId: number, limit: number): Promise<boolean>;
  /** Rows by table that the request has erased so far. */
  privacyCounts(requestId: number): Promise<Readonly<Record<string, number>>>;
  /** Ends an open request; its keys and counts are gone with it. */
  endPrivacyRequest(requestId: number, end: PrivacyEnd): Promise<void>;
  /** Every file that answers a data request and has not been removed. */
  heldExports(): Promise<readonly HeldExport[]>;
  /** The file is gone, and with it the message that said where it was. */
  forgetExport(requestId: number): Promise<void>;
  /** Latest first; of all stores, also of those that are gone, without a `storeId`. */
  privacyRequests(storeId: number | null, limit: number): Promise<readonly PrivacyStanding[]>;

  // Upkeep
  /** Key spaces with due, not held marks. */
  dueDoorbells(): Promise<readonly { readonly storeId: number; readonly entity: EntityName }[]>;
  /** Every key space of the active stores: how many keys wait, and what was compared last. */
  standings(): Promise<readonly Standing[]>;
  /** Milliseconds until the next mark of the key space is due (0 if one is), null without marks. */
  nextDueInMs(storeId: number, entity: EntityName): Promise<number | null>;
  /** Runs that say `running` but have not moved for `olderThanMs`. */
  stalledRuns(olderThanMs: number): Promise<readonly Run[]>;
  /**
   * Deletes deliveries, gaps, runs and change events older than this, the latter whether they were sent or not. And empties
   * what is personal in people who were buried so long ago: of one who was merged into another, and is erased by that
   * one's name, Shopify never speaks again.
   */
  purge(olderThanMs: number): Promise<void>;
  status(storeId: number): Promise<StoreStatus>;
  close(): Promise<void>;
}
