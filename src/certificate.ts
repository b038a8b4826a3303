import type { EntityName } from './entities/registry.ts';

/**
 * Certificates: what a finished census proves of one entity of one store. It is written when the last range has
 * been compared, with what was found; it is completed when the last mark of its findings is gone, for only then
 * have they been repaired.
 */

/** Versions only, or every object read whole. */
export type CertificateDepth = 'heads' | 'content';

export type CertificateVerdict =
  /** Found keys are still being read. */
  | 'waiting'
  /** Every key that Shopify lists is mirrored as it is, and no other key is live. */
  | 'matched'
  /** The same, with remarks: something cannot be known, or is parked. */
  | 'matched but'
  /** The brake holds what vanished, until an operator releases it. */
  | 'held'
  /** Shopify counts other than it lists: something may be missing from the list, hence from the mirror. */
  | 'count differs';

/** Keys that a census found, by what it found of them. */
export interface Findings {
  readonly missing: number;
  readonly newer: number;
  readonly vanished: number;
  /** Not settled yet, buried though live, another number of children, or read again whatever the head says. */
  readonly other: number;
}

export const NO_FINDINGS: Findings = { missing: 0, newer: 0, vanished: 0, other: 0 };

/** What is known when the last range has been compared. */
export interface CertificateDraft {
  readonly depth: CertificateDepth;
  /** Shopify's time of the first and of the last range. */
  readonly fromAt: number;
  readonly toAt: number;
  /** Live objects by Shopify's exact count; null when it gave none. */
  readonly counted: number | null;
  /** Live objects that Shopify listed; each was compared. */
  readonly listed: number;
  /** Live rows when the census began. */
  readonly mirrorBefore: number;
  readonly found: Findings;
  /** Rows that Shopify does not show to this app. */
  readonly unknowable: number;
  /** They, and whatever was never mirrored, were created before this time of Shopify's; null where all is shown. */
  readonly unknowableBefore: number | null;
  /** Ranges listed through the search index, which omits objects, because a cursor was lost. */
  readonly byIndex: readonly string[];
  /** Spent on listing and counting; the reads of what was found are in the refreshes' runs. */
  readonly points: number;
  readonly held: boolean;
}

/** What is known when the marks of the findings are gone. */
export interface Completion {
  readonly mirrorAfter: number;
  /** Rows that were changed by reading what was found. */
  readonly repaired: number;
  /** Of those, rows whose change no `updatedAt` had told. */
  readonly unversioned: number;
  /** Found keys that are parked as rejects. */
  readonly rejected: number;
  /** Rows buried since `fromAt`. */
  readonly buried: number;
  /** The oldest `ReadAt` of a live row: since then every one was read whole. Null without rows. */
  readonly readSince: number | null;
}

export interface Certificate extends Omit<CertificateDraft, 'held'> {
  readonly id: number;
  readonly storeId: number;
  readonly entity: EntityName;
  readonly runId: number;
  readonly verdict: CertificateVerdict;
  readonly remarks: readonly string[];
  /** `Table.Column` of what Shopify withholds: known once all is read. */
  readonly withheld: readonly string[];
  readonly issuedAt: number;
  /** Marks of its findings that still stand. */
  readonly waiting: number;
  readonly completedAt: number | null;
  /** As it stands now; final once the certificate is completed. */
  readonly completion: Completion;
}

/** What the certificate says in the end: a pure function, so that the word "matched" has one meaning. */
export function verdictOf(
  certificate: Pick<
    CertificateDraft,
    'counted' | 'listed' | 'found' | 'unknowable' | 'unknowableBefore' | 'byIndex'
  >,
  { rejected, buried }: Pick<Completion, 'rejected' | 'buried'>,
  withheld: readonly string[],
): { readonly verdict: CertificateVerdict; readonly remarks: readonly string[] } {
  const { counted, listed, found, unknowable, unknowableBefore, byIndex } = certificate;
  // An object that was listed and then deleted is in the list and not in the count.
  const deletedMeanwhile = Math.max(0, buried - found.vanished);
  const differs = counted !== null && (listed < counted || listed > counted + deletedMeanwhile);
  const remarks = [
    ...(differs
      ? [
          `Shopify counts ${counted} and listed ${listed}, ${deletedMeanwhile} of which were deleted meanwhile`,
        ]
      : []),
    ...(counted === null ? ['Shopify gave no exact count to compare the list with'] : []),
    ...(unknowableBefore === null
      ? []
      : [
          `nothing created before ${day(unknowableBefore)} is shown to this app (${unknowable} rows are kept unchecked): ask Shopify for read_all_orders`,
        ]),
    ...(withheld.length === 0
      ? []
      : [`withheld by Shopify: ${withheld.join(', ')}; grant the missing access`]),
    ...(rejected === 0 ? [] : [`${rejected} records are parked: see the table Rejects`]),
    ...(byIndex.length === 0
      ? []
      : [`${byIndex.length} ranges were listed through the search index, which may omit objects`]),
  ];
  return { verdict: differs ? 'count differs' : remarks.length > 0 ? 'matched but' : 'matched', remarks };
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
