import type { Row } from './entities/column.ts';
import type { EntityName } from './entities/registry.ts';
import type { ShopFacts, Store, StoreSettings } from './store.ts';

/**
 * The port to the database. Its writers are few and coarse, each one transaction that is all or nothing:
 * node:sqlite is synchronous and mssql is not, so a shared "run this callback in a transaction" would be a trap.
 *
 * An implementation carries out, it does not decide: what becomes of a row or a mark is said by `judge`.
 * Two clocks (design §3): fields named `…At` of marks' evidence, rows and heads are Shopify's time; due times,
 * leases and every `…Ms` of waiting or age are the database's own clock, which never leaves the database.
 */
export interface Database {
  // Stores
  stores(): Promise<readonly Store[]>;
  /** Creates the store or finds it by domain; a store that was inactive starts anew: no watermark, a raised epoch. */
  activateStore(store: { readonly domain: string; readonly secretName: string }): Promise<Store>;
  deactivateStore(storeId: number): Promise<void>;
  recordShop(storeId: number, facts: ShopFacts): Promise<void>;
  updateSettings(storeId: number, change: Partial<StoreSettings>): Promise<void>;

  // Marking
  /**
   * Raises all keys and writes the delivery log in one transaction (R3, R6). Raising a mark gives it
   * a fresh random `Sequence`, keeps the greatest expected version, the best lane, the earliest due time and all
   * evidence, and frees it if a census was holding it.
   */
  mark(storeId: number, raises: readonly Raise[], log?: MarkLog): Promise<void>;
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
  /** Throws `Fenced` and writes nothing if the lease is no longer held. */
  commitRefresh(lease: Lease, commit: RefreshCommit): Promise<void>;
  /** Fills the linked columns of the rows that belong to these ids of the entity, and of rows that point to them. */
  link(storeId: number, entity: EntityName, ids: readonly string[]): Promise<void>;
  /** The same for whatever is still unlinked or out of date, at most `limit` rows per link. Answers rows changed. */
  linkAll(storeId: number, limit: number): Promise<number>;

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
  /** Live rows with `after < id <= through` (null: no end) in id order, at most `limit`. */
  rowsInRange(
    storeId: number,
    entity: EntityName,
    after: string | null,
    through: string | null,
    limit: number,
  ): Promise<readonly RangeRow[]>;
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
  /** Frees the marks that a census holds, due at once; with `discard` deletes them instead. Answers how many. */
  releaseHeld(runId: number, options?: { readonly discard?: boolean }): Promise<number>;

  // Upkeep
  /** Key spaces with due, not held marks. */
  dueDoorbells(): Promise<readonly { readonly storeId: number; readonly entity: EntityName }[]>;
  /** Milliseconds until the next mark of the key space is due (0 if one is), null without marks. */
  nextDueInMs(storeId: number, entity: EntityName): Promise<number | null>;
  /** Runs that say `running` but have not moved for `olderThanMs`. */
  stalledRuns(olderThanMs: number): Promise<readonly Run[]>;
  /** Deletes deliveries, gaps and runs older than this. */
  purge(olderThanMs: number): Promise<void>;
  status(storeId: number): Promise<StoreStatus>;
  close(): Promise<void>;
}

export const LANES = ['webhook', 'sweep', 'census', 'backfill'] as const;
/** Who found the key stale, best first: the order in which marks are refreshed. */
export type Lane = (typeof LANES)[number];

export interface Raise {
  readonly entity: EntityName;
  readonly id: string;
  readonly lane: Lane;
  /** Short code of the cause: a topic, `sweep:newer`, `census:missing`, … */
  readonly reason: string;
  /** What the next read is expected to find. Only a delete delivery announces absence. */
  readonly announces: 'presence' | 'absence';
  /** The version that the read must reach. Null where the cause told none: a hint, which only a later read proves. */
  readonly expectedUpdatedAt: number | null;
  /** Wait before the first read. */
  readonly dueInMs: number;
}

export interface MarkLog {
  readonly deliveries: readonly LoggedDelivery[];
}

/** One delivery and one of its keys. `RefreshedAt` is filled by the commit that made the key right. */
export interface LoggedDelivery {
  readonly webhookId: string;
  readonly topic: string;
  readonly entity: EntityName;
  readonly id: string;
  readonly triggeredAt: number | null;
  readonly receivedAt: number;
}

/** A key that a sweep or census found stale and no delivery had announced. */
export interface Gap {
  readonly id: string;
  /** When Shopify changed it, as far as known. */
  readonly changedAt: number | null;
  readonly foundBy: 'sweep' | 'census';
  readonly reason: string;
}

export type LeaseKind = 'refresh' | 'sweep' | 'census';

export interface Lease {
  readonly storeId: number;
  readonly entity: EntityName;
  readonly kind: LeaseKind;
  /** Fresh and random at each acquisition: what every write checks first (fencing). */
  readonly token: string;
}

export interface RowState {
  readonly updatedAt: number;
  readonly createdAt: number;
  readonly readAt: number;
  readonly deletedAt: number | null;
  readonly contentHash: string | null;
}

export interface TakenMark {
  readonly id: string;
  readonly sequence: string;
  readonly lane: Lane;
  readonly announces: 'presence' | 'absence';
  /** Age of the latest raise, by the database's clock when the mark was taken. */
  readonly raisedAgoMs: number;
  /** Age of the latest delete delivery; null if none came since the mark was set. */
  readonly deleteAnnouncedAgoMs: number | null;
  /** Age of the latest raise that expected presence and told no version; null if none did since the mark was set. */
  readonly hintedAgoMs: number | null;
  readonly expectedUpdatedAt: number | null;
  readonly firstNullAt: number | null;
  readonly firstLiveAt: number | null;
  readonly attempts: number;
  readonly row: RowState | null;
}

/** A decoded object with its children, ready to be written. */
export interface MirrorRecord {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly row: Row;
  /** By child table. A table that is missing here was withheld: its rows stay as they are. */
  readonly children: Readonly<Record<string, readonly ChildRecord[]>>;
  /** Columns of `row` whose values Shopify withheld: an existing row keeps its own (R9). */
  readonly withheld: readonly string[];
  /** Hash of everything above but the times: equal text means nothing changed. */
  readonly contentHash: string;
}

export interface ChildRecord {
  readonly key: string;
  readonly row: Row;
  readonly children: Readonly<Record<string, readonly ChildRecord[]>>;
  readonly withheld: readonly string[];
}

/** What becomes of one key: the outcome of `judge`, carried out only where the mark's `Sequence` is still the one taken. */
export interface Verdict {
  readonly id: string;
  readonly sequence: string;
  readonly row:
    | { readonly do: 'write'; readonly record: MirrorRecord; readonly readAt: number }
    | { readonly do: 'bury'; readonly at: number; readonly announced: boolean }
    | { readonly do: 'leave' };
  readonly mark:
    | { readonly do: 'clear' }
    | {
        readonly do: 'keep';
        /** From now, by the database's clock. */
        readonly dueInMs: number;
        readonly firstNullAt: number | null;
        readonly firstLiveAt: number | null;
        readonly attempts: number;
      };
  /** The read answered what the deliveries and gaps of this key were about: they count as refreshed from now on. */
  readonly proven: boolean;
}

export interface RefreshCommit {
  readonly verdicts: readonly Verdict[];
  readonly rejects: readonly { readonly id: string; readonly reason: string }[];
  /** Marks on other keys that the written rows imply. */
  readonly raises: readonly Raise[];
  readonly tally: Tally;
  readonly points: number;
}

/** R11: seen = unchanged + written + deleted + failed + deferred + unknowable. */
export interface Tally {
  readonly seen: number;
  readonly unchanged: number;
  readonly written: number;
  readonly deleted: number;
  readonly failed: number;
  readonly deferred: number;
  readonly unknowable: number;
}

/** `content` is a census that reads every object again, `backfill` the first mirror. */
export type RunKind = 'refresh' | 'sweep' | CensusKind;
export type CensusKind = 'census' | 'content' | 'backfill';
export type RunState = 'running' | 'succeeded' | 'failed' | 'held';

export interface Run {
  readonly id: number;
  readonly storeId: number;
  readonly entity: EntityName;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly startedAt: number;
  readonly tally: Tally;
  readonly points: number;
  readonly message: string | null;
  /** Marks still held by this census. */
  readonly held: number;
}

export interface RunEnd {
  readonly state: Exclude<RunState, 'running'>;
  /** For the operator; nothing personal, no secret (R12). */
  readonly message: string | null;
}

export interface SyncState {
  readonly watermark: number | null;
  readonly lastSweepAt: number | null;
  readonly lastDeepSweepAt: number | null;
  readonly lastCensusAt: number | null;
  readonly census: CensusPosition | null;
}

/** Where a census stands: everything up to `throughId` is compared. */
export interface CensusPosition {
  readonly runId: number;
  readonly throughId: string | null;
  readonly cursor: string | null;
  /** Shopify's time of the first request. */
  readonly startedAt: number;
  readonly kind: CensusKind;
  readonly heads: number;
}

export interface MirrorView {
  readonly row: RowState | null;
  readonly marked: boolean;
  /** Shopify's trigger time of the latest delivery for the key, null if none is logged. */
  readonly announcedAt: number | null;
}

export interface RangeRow extends RowState {
  readonly id: string;
}

export interface MirrorRow extends MirrorChild {
  readonly deletedAt: number | null;
}

export interface MirrorChild {
  readonly key: string;
  /** All columns of the entity, linked ones too, and for a parent its four times. */
  readonly row: Row;
  readonly children: Readonly<Record<string, readonly MirrorChild[]>>;
}

export interface DetectionCommit {
  readonly runId: number;
  readonly raises: readonly Raise[];
  readonly gaps: readonly Gap[];
  /** Ids to be marked but held until the census ends. A marked key keeps its mark; one that an earlier census held is taken over. */
  readonly hold: readonly string[];
  /** Only ever moves forward. */
  readonly watermark?: number;
  readonly sweepFinishedAt?: number;
  readonly deepSweepFinishedAt?: number;
  readonly census?: CensusPosition | null;
  readonly censusFinishedAt?: number;
  readonly tally: Tally;
  readonly points: number;
}

export interface StoreStatus {
  /** Live rows per mirror table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly marksWaiting: number;
  readonly marksHeld: number;
  readonly gapsFound: number;
  readonly gapsHealed: number;
  readonly rejects: number;
  readonly points: number;
  /** Milliseconds from Shopify's trigger to the committed row, over the latest 10,000 refreshed deliveries. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly deliveries: number;
}
