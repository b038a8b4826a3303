import type { EntityName } from './entities/registry.ts';
import type { Gap } from './gap.ts';
import type { MirrorRecord, RowState } from './record.ts';
import type { Tally } from './run.ts';

/**
 * Marks: what may be stale, who says so and what is expected; and what a refresh makes of them. The stale set is the
 * one thing that all detectors write and the refresh reads.
 */

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
  /** The trace of the delivery, so that it can end where its row is committed, whichever process does that. */
  readonly traceparent?: string | undefined;
}

/** A delivery that took effect with a commit. `triggeredAt` is Shopify's time, `refreshedAt` the database's. */
export interface AnsweredDelivery {
  readonly triggeredAt: number | null;
  readonly refreshedAt: number;
  readonly traceparent: string | null;
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
  /** The earliest census that found the key since it was marked. */
  readonly foundByRun: number | null;
  readonly row: RowState | null;
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
        /**
         * Certificates of censuses that began before this time of Shopify's need not wait for the mark any more: the key was
         * read, after its mark, in that later version and lacks only its settle read; or the read at that time left a
         * lack, which the row remembers and the certificate counts. Null where neither is so.
         */
        readonly excusesBefore: number | null;
      };
  /** The read answered what the deliveries and gaps of this key were about: they count as refreshed from now on. */
  readonly proven: boolean;
}

export interface RefreshCommit {
  readonly verdicts: readonly Verdict[];
  readonly rejects: readonly { readonly id: string; readonly reason: string }[];
  /** Marks on other keys that the written rows imply. */
  readonly raises: readonly Raise[];
  /** Of live rows that the verdicts change: which columns become different. A change without a name is none. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
  /** Whether the changes wait for the topic of change events, or are only noted. */
  readonly announce: boolean;
  /** What only reading could find: other content under the same `updatedAt`. */
  readonly gaps: readonly (Gap & { readonly runId: number | null })[];
  readonly tally: Tally;
  readonly points: number;
}
