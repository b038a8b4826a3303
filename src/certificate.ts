import type { EntityName } from './entities/registry.ts';
import type { Lacking, LackReason } from './lack.ts';

/**
 * Certificates: what a finished census proves of one entity of one store (R15). It is written when the last range has
 * been compared, with what was found; it is completed when the last mark of its findings has been ended by a read, for
 * only then have they been repaired.
 *
 * `matched` promises: everything that Shopify last changed more than SETTLE before `fromAt` is mirrored exactly (at the
 * depth `heads` all that moves `updatedAt`). What changed later was not passed over: no row is older than what the
 * census saw of it; it may be newer in Shopify. `matched but` promises the same of every key that its remarks do not
 * count. What no certificate can promise: that nothing changed since, and what Shopify changed less than SETTLE before
 * `fromAt` (a replica that lags may have listed the state before it).
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
  /** Shopify counts more than it lists: something may be missing from the list, hence from the mirror. */
  | 'count differs'
  /** The census did not find what it had left out of its own list: it proves nothing. */
  | 'blind';

/** Keys that a census found, by what it found of them. */
export interface Findings {
  readonly missing: number;
  readonly newer: number;
  readonly vanished: number;
  /**
   * Not settled yet, marked already, buried though live, another number of children, lacking a column that may be seen
   * now, younger than the list that misses it, or read again whatever the head says.
   */
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
  /** Rows that Shopify did not show to this app when they were compared. */
  readonly unknowable: number;
  /** They, and whatever was never mirrored, were created before this time of Shopify's; null where all is shown. */
  readonly unknowableBefore: number | null;
  /** Heads that the census left out of its own list, and how many of them it found missing. */
  readonly planted: number;
  readonly detected: number;
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
  /** Found keys whose marks ended without proof: the app no longer sees them. */
  readonly unproven: number;
  /** Rows buried since `fromAt`. */
  readonly buried: number;
  /** The oldest `ReadAt` of a live row: since then every one was read whole. Null without rows. */
  readonly readSince: number | null;
}

export interface Certificate extends Omit<CertificateDraft, 'held' | 'planted' | 'detected'> {
  /** Null where the census was made by a release before 0.5, which did not test itself. */
  readonly planted: number | null;
  readonly detected: number | null;
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

/** What a census saw of one range of ids, `(after..through]`; null is the beginning. See range-digest.ts. */
export interface CertifiedRange {
  readonly after: string | null;
  readonly through: string;
  /** Keys whose rows were equal to the list. */
  readonly equal: number;
  readonly digest: string;
  /** The ids of the range that were not equal; null where no key was. */
  readonly others: readonly string[] | null;
  /** When the rows were looked at: the database's clock. */
  readonly comparedAt: number;
}

type Known = Pick<
  Certificate,
  | 'counted'
  | 'listed'
  | 'mirrorBefore'
  | 'unknowable'
  | 'unknowableBefore'
  | 'byIndex'
  | 'planted'
  | 'detected'
>;
type Ended = Pick<Completion, 'rejected' | 'unproven'>;

/** What the certificate says in the end: a pure function, so that the word "matched" has one meaning. */
export function verdictOf(
  certificate: Known,
  end: Ended,
  /** Of live rows, when all that was found had been read. */
  lacking: readonly Lacking[],
): { readonly verdict: CertificateVerdict; readonly remarks: readonly string[] } {
  const { counted, listed, planted, detected } = certificate;
  const blind = planted !== null && detected !== null && detected < planted;
  const differs = counted !== null && listed < counted;
  const remarks = [
    ...(blind
      ? [`the census found ${detected} of ${planted} keys that it had left out of its list: report a bug`]
      : []),
    ...(differs ? [`Shopify counts ${counted} and listed ${listed}`] : []),
    ...remarksOf(certificate, end, lacking),
  ];
  const verdict = remarks.length > 0 ? 'matched but' : 'matched';
  return { verdict: blind ? 'blind' : differs ? 'count differs' : verdict, remarks };
}

function remarksOf(
  { counted, listed, unknowable, unknowableBefore, byIndex, planted, mirrorBefore }: Known,
  { rejected, unproven }: Ended,
  lacking: readonly Lacking[],
): readonly string[] {
  const remarks: string[] = [];
  if (counted === null) remarks.push('Shopify gave no exact count to compare the list with');
  if (unknowableBefore !== null)
    remarks.push(
      `nothing created before ${day(unknowableBefore)} is shown to this app (${unknowable} rows are kept unchecked): ask Shopify for read_all_orders`,
    );
  if (unproven > 0)
    remarks.push(
      `${unproven} keys went out of this app's sight before they were read: see the table UnprovenKeys, and grant the missing scopes`,
    );
  const lacks = (...reasons: readonly LackReason[]) => namesOf(lacking, reasons);
  if (lacks('scope', 'denied') !== '')
    remarks.push(`withheld by Shopify: ${lacks('scope', 'denied')}; grant the missing access`);
  if (lacks('error') !== '')
    remarks.push(`Shopify answered errors instead of ${lacks('error')}: they are asked for again`);
  if (lacks('unfit') !== '')
    remarks.push(`empty, because no column can hold what Shopify told: ${lacks('unfit')}`);
  if (rejected > 0) remarks.push(`${rejected} records are parked: see the table Rejects`);
  if (byIndex.length > 0)
    remarks.push(`${byIndex.length} ranges were listed through the search index, which may omit objects`);
  if (planted === null)
    remarks.push('its census was made by an earlier release, whose rules were weaker: see the next one');
  if (planted === 0 && listed > 0 && mirrorBefore > 0)
    remarks.push('the census could not check itself: no listed key had a live row to be left out');
  return remarks;
}

/** `Customers.Email (3 rows), …` */
const namesOf = (lacking: readonly Lacking[], reasons: readonly LackReason[]): string =>
  lacking
    .filter(({ reason }) => reasons.includes(reason))
    .map(({ column, rows }) => `${column} (${rows} rows)`)
    .join(', ');

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
