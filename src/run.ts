import type { CertificateDraft, CertifiedRange, Findings } from './certificate.ts';
import type { EntityName } from './entities/registry.ts';
import type { Gap } from './gap.ts';
import type { Raise } from './mark.ts';

/**
 * Runs: one recorded execution of a sweep, a census, a first mirror, or an hour of refreshing; where detection stands,
 * and what a step of it commits.
 */

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

/** `content` is a census that reads every object again, `backfill` the first mirror, `slice` a share of `content`. */
export type RunKind = 'refresh' | 'sweep' | 'slice' | CensusKind;

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
  /** The census (Shopify's time) with which rows were last marked to be read whole, whatever their heads say. */
  readonly lastContentAt: number | null;
  /** Objects created before this were never shown to the app; null where nothing is cut off. */
  readonly coverageFrom: number | null;
}

/** Where a key space stands, for whoever watches. */
export interface Standing {
  readonly storeId: number;
  readonly entity: EntityName;
  /** Marks that no census holds. */
  readonly waiting: number;
  /** The start of the latest sweep that came to its end, and of the latest census, by Shopify's time. */
  readonly lastSweepAt: number | null;
  readonly lastCensusAt: number | null;
}

/** Where a census stands: everything up to `throughId` is compared. */
export interface CensusPosition {
  readonly runId: number;
  readonly throughId: string | null;
  /** Behind the last head that was compared. */
  readonly cursor: string | null;
  /** There was no head behind it: what is left is the conclusion, and what is created until then. */
  readonly compared: boolean;
  /** Shopify's time of the first request. */
  readonly startedAt: number;
  /** And of the latest. */
  readonly lastAt: number;
  readonly kind: CensusKind;
  /** When it began, old objects were out of the app's sight: what it lists under another sight is another list. */
  readonly hidden: boolean;
  readonly heads: number;
  readonly found: Findings;
  /** Heads that it left out of its own list, one at most in each range, and how many it then found missing. */
  readonly planted: number;
  readonly detected: number;
  /** Live rows when it began. */
  readonly mirrorBefore: number;
  /** The oldest object that Shopify listed. */
  readonly oldestCreatedAt: number | null;
  /** Ranges listed through the search index, as `(after..through]`. */
  readonly byIndex: readonly string[];
}

export interface Touch {
  readonly id: string;
  /** The key was not listed: a live answer proves nothing until SETTLE after this. */
  readonly unlisted: boolean;
}

export interface DetectionCommit {
  readonly runId: number;
  /** Those of a census that says where it stands are what its certificate waits for. */
  readonly raises: readonly Raise[];
  readonly gaps: readonly Gap[];
  /**
   * Ids to be marked but held until the census ends. A key that is marked already is touched, not held; one that an
   * earlier census held is taken over.
   */
  readonly hold: readonly string[];
  /**
   * Keys that are marked already and were not read since: their marks get a fresh `Sequence`, so that no read under way
   * ends them, and stay due when they were. A mark that has ended meanwhile is set anew.
   */
  readonly touch?: readonly Touch[];
  /** What a census saw of one range of ids, for whoever recomputes its certificate. */
  readonly range?: CertifiedRange;
  /** Only ever moves forward. */
  readonly watermark?: number;
  /** Takes back a watermark that was set under a wrong clock (R18); null: nothing has been compared. */
  readonly watermarkBack?: number | null;
  readonly sweepFinishedAt?: number;
  readonly deepSweepFinishedAt?: number;
  readonly census?: CensusPosition | null;
  readonly censusFinishedAt?: number;
  readonly certificate?: CertificateDraft;
  readonly contentAt?: number;
  /** Kept at the earlier of two; null says that nothing is cut off. */
  readonly coverageFrom?: number | null;
  readonly tally: Tally;
  readonly points: number;
}
