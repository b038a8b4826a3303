import type { EntityName } from './entities/registry.ts';
import { entityOf } from './entities/registry.ts';

/**
 * Gaps: keys that were found stale and that no delivery had announced. They measure what webhooks are worth in a
 * store, so each one ends with a cause. What is merely on its way is no gap: it is told apart when it arrives.
 */
export interface Gap {
  readonly id: string;
  readonly reason: GapReason;
  /** Shopify's time of the change, as far as known. */
  readonly changedAt: number | null;
  /** Shopify's time of the request that showed it. */
  readonly seenAt: number;
  readonly foundBy: 'sweep' | 'census';
}

/**
 * What was found: no row, a newer head, a head of a buried row, a live row of a deleted object, children in another
 * number, or (by reading it whole) other content under the same `updatedAt`.
 */
export type GapReason = 'missing' | 'newer' | 'buried' | 'vanished' | 'children' | 'unversioned';

export type GapCause =
  | 'never announced'
  | 'announced late'
  | 'rejected'
  | 'deleted unannounced'
  | 'unversioned change'
  /** Announced within five minutes: not a gap, and counted nowhere. */
  | 'in flight';

/** A gap about which it is time to say why: it is healed, or older than this. */
export const JUDGED_AFTER_MS = 5 * 60_000;

/** Deliveries that took longer than this are late; the others were on their way. */
const IN_FLIGHT_MS = 5 * 60_000;
/** `updatedAt` has whole seconds, the trigger has not. */
const GRAIN_MS = 1_000;

export interface GapFacts {
  readonly reason: GapReason;
  readonly changedAt: number | null;
  readonly seenAt: number;
  /** By the database's clock, as `receivedAt` of deliveries. */
  readonly foundAt: number;
  /** The key is parked as a reject. */
  readonly rejected: boolean;
  /** All that are logged for the key. */
  readonly deliveries: readonly GapDelivery[];
}

export interface GapDelivery {
  readonly topic: string;
  /** Shopify's time. */
  readonly triggeredAt: number | null;
  readonly receivedAt: number;
}

export interface UnjudgedGap extends GapFacts {
  readonly gapId: number;
  readonly storeId: number;
  readonly entity: EntityName;
}

/** Gaps of one key space and cause; null before it is known. */
export interface GapCount {
  readonly storeId: number;
  readonly entity: EntityName;
  readonly cause: Exclude<GapCause, 'in flight'> | null;
  readonly gaps: number;
}

/** Why nobody had announced it, by what has come since. Judged again when another delivery for the key comes. */
export function causeOf(entity: EntityName, gap: GapFacts): GapCause {
  const tookMs = gap.deliveries.filter((each) => isAbout(entity, gap, each)).map((each) => tookOf(gap, each));
  if (tookMs.some((ms) => ms <= IN_FLIGHT_MS)) return 'in flight';
  if (gap.rejected) return 'rejected';
  if (tookMs.length > 0) return 'announced late';
  switch (gap.reason) {
    case 'vanished':
      return 'deleted unannounced';
    case 'children':
    case 'unversioned':
      return 'unversioned change';
    case 'missing':
    case 'newer':
    case 'buried':
      return 'never announced';
  }
}

/** What was triggered after the change was seen is about a later one; what came before the change, about an earlier. */
function isAbout(
  entity: EntityName,
  gap: GapFacts,
  { topic, triggeredAt, receivedAt }: GapDelivery,
): boolean {
  if (triggeredAt !== null && triggeredAt > gap.seenAt) return false;
  if (gap.reason === 'vanished') return announcesAbsence(entity, topic);
  if (gap.changedAt !== null && triggeredAt !== null) return triggeredAt >= gap.changedAt - GRAIN_MS;
  // When it changed is not known: had it been announced before, it would have been read.
  return receivedAt >= gap.foundAt;
}

/** From trigger to arrival: each difference between times of one clock. */
const tookOf = (gap: GapFacts, { triggeredAt, receivedAt }: GapDelivery): number =>
  receivedAt - gap.foundAt + (triggeredAt === null ? 0 : gap.seenAt - triggeredAt);

const announcesAbsence = (entity: EntityName, topic: string): boolean =>
  (entityOf(entity).topics[topic] ?? []).some(({ announces }) => announces === 'absence');

/** The topic that would have announced it; null where several might have. */
export function topicOf(name: EntityName, reason: GapReason): string | null {
  const topics = Object.entries(entityOf(name).topics).map(([topic, [first]]) => ({ topic, first }));
  if (reason === 'vanished') return topics.find(({ first }) => first?.announces === 'absence')?.topic ?? null;
  const verb = {
    missing: /_CREATE$/,
    newer: /_UPDATED?$/,
    buried: null,
    children: /_UPDATED?$/,
    unversioned: null,
  };
  const named = verb[reason];
  if (named === null) return null;
  return topics.find(({ topic, first }) => first?.own === true && named.test(topic))?.topic ?? null;
}
