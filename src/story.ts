import type { Certificate } from './certificate.ts';
import type { ChangeType } from './change-event.ts';
import type { Gap, GapCause } from './gap.ts';
import type { Lane } from './mark.ts';
import type { RowState } from './record.ts';

/**
 * All that the tables know of one key, as they know it: no personal data, only times, topics and reasons. What is
 * older than the tables keep (30 days) is not in it.
 */
export interface KeyStory {
  readonly row: (RowState & { readonly syncedAt: number }) | null;
  readonly mark: {
    readonly lane: Lane;
    readonly reason: string;
    readonly announces: 'presence' | 'absence';
    readonly markedAt: number;
    readonly raisedAt: number;
    readonly attempts: number;
    /** Null while a census holds it. */
    readonly dueAt: number | null;
  } | null;
  readonly deliveries: readonly {
    readonly topic: string;
    readonly triggeredAt: number | null;
    readonly receivedAt: number;
    readonly refreshedAt: number | null;
  }[];
  readonly changes: readonly {
    readonly type: ChangeType;
    readonly at: number;
    /** Shopify's `updated_at` of the object, or when its absence was read. */
    readonly version: number;
    /** What became different in a row that was changed; null where nobody compared. */
    readonly columns: readonly string[] | null;
  }[];
  readonly gaps: readonly (Omit<Gap, 'id'> & {
    readonly runId: number | null;
    readonly foundAt: number;
    readonly healedAt: number | null;
    readonly cause: GapCause | null;
  })[];
  readonly reject: {
    readonly reason: string;
    readonly times: number;
    readonly firstAt: number;
    readonly lastAt: number;
  } | null;
  /** The latest of the entity whose census listed the ids while the object existed. */
  readonly certificates: readonly Certificate[];
}
