import type { Certificate } from '../../src/certificate.ts';
import type { Outcome } from './course.ts';
import { OF_EACH_KIND } from './planted.ts';
import type { Executed } from './statements.ts';

/** What was measured of a census, against what was promised. */
export interface Measured {
  readonly ids: number;
  readonly ranges: number;
  /** Listing, comparing and committing, also what was found and what was done twice because of a kill. */
  readonly statementsPer250Ids: number;
  /** By operation, in all lives. */
  readonly statements: Executed;
  /** As Shopify charged them: also for ranges that were listed twice, and for reading what was found. */
  readonly points: number;
  readonly requests: number;
  readonly seconds: number;
  /** From each kill to the next range: the leases of the dead have to run out. */
  readonly secondsLost: number;
  readonly interruptions: number;
  /** The largest that any life of the service ever was. */
  readonly peakMiB: number;
  readonly certificate: Certificate;
}

const LIMITS = { peakMiB: 300, points: 60_000, statementsPer250Ids: 2 } as const;
/** With fewer, what was found outweighs the ranges, and the number of statements says nothing. */
const STATEMENTS_FROM_IDS = 50_000;
/** The operations of the port that a census consists of from range to range. */
const OF_RANGES = ['keysInRange', 'mirrorOf', 'commitDetection'];

export function measured(
  { lives, certificate, seconds, secondsLost }: Outcome,
  shopify: { readonly points: number; readonly requests: number },
): Measured {
  const statements: Record<string, number> = {};
  for (const { executed } of lives)
    for (const [name, count] of Object.entries(executed)) statements[name] = (statements[name] ?? 0) + count;
  const ofRanges = OF_RANGES.reduce((sum, name) => sum + (statements[name] ?? 0), 0);
  return {
    ids: certificate.listed,
    ranges: statements['keysInRange'] ?? 0,
    statementsPer250Ids: rounded(ofRanges / (certificate.listed / 250)),
    statements,
    points: Math.round(shopify.points),
    requests: shopify.requests,
    seconds: rounded(seconds),
    secondsLost: rounded(secondsLost),
    interruptions: lives.length - 1,
    peakMiB: rounded(Math.max(...lives.map(({ peakKib }) => peakKib)) / 1_024),
    certificate,
  };
}

const rounded = (value: number): number => Number(value.toFixed(2));

/** For people, in one line. */
export const spoken = (m: Measured): string =>
  `${m.ids} ids in ${m.ranges} ranges, killed ${m.interruptions} times: ${m.seconds} s (${m.secondsLost} s lost), ` +
  `${m.peakMiB} MiB, ${m.points} points, ${m.statementsPer250Ids} statements for 250 ids, "${m.certificate.verdict}"`;

/** What was promised and is not so; empty when all is well. */
export function broken(m: Measured, wanted: { ids: number; interruptions: number }): readonly string[] {
  const { peakMiB, points, statementsPer250Ids } = m;
  const sayNothing = m.ids < STATEMENTS_FROM_IDS;
  return [
    ...untrue(m.certificate, wanted.ids),
    ...(m.ranges > 0 ? [] : ['no statement was counted: that of the range is not executed, or not seen']),
    ...(m.interruptions === wanted.interruptions ? [] : [`killed ${m.interruptions} times`]),
    ...(peakMiB < LIMITS.peakMiB ? [] : [`${peakMiB} MiB, not below ${LIMITS.peakMiB}`]),
    ...(points <= LIMITS.points ? [] : [`${points} points, more than ${LIMITS.points}`]),
    ...(sayNothing || statementsPer250Ids <= LIMITS.statementsPer250Ids
      ? []
      : [`${statementsPer250Ids} statements for 250 ids, more than ${LIMITS.statementsPer250Ids}`]),
  ];
}

/** What the certificate should say and does not. */
function untrue({ found, completion, ...certificate }: Certificate, ids: number): readonly string[] {
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['depth', certificate.depth, 'heads'],
    ['verdict', certificate.verdict, 'matched'],
    ['counted', certificate.counted, ids],
    ['listed', certificate.listed, ids],
    // As many rows stand that have no object any more as objects have no row.
    ['rows before', certificate.mirrorBefore, ids],
    ['rows after', completion.mirrorAfter, ids],
    ['missing', found.missing, OF_EACH_KIND],
    ['newer', found.newer, OF_EACH_KIND],
    ['vanished', found.vanished, OF_EACH_KIND],
    ['other findings', found.other, 0],
    ['repaired', completion.repaired, 3 * OF_EACH_KIND],
    ['buried', completion.buried, OF_EACH_KIND],
    ['rejected', completion.rejected, 0],
    ['still waiting', certificate.waiting, 0],
    ['ranges through the index', certificate.byIndex.length, 0],
  ];
  return facts.flatMap(([name, is, should]) =>
    is === should ? [] : [`certificate: ${name} is ${is}, not ${should}`],
  );
}
