import { hash } from 'node:crypto';
import type { CertifiedRange } from './certificate.ts';

/**
 * The digest of the keys of a range that were equal: whoever can read the mirror's tables can recompute it. It is the
 * SHA-256, in lower-case hexadecimal, of one line for each key, in the order of ids (length, then text):
 *
 *   <id> <UpdatedAt, UTC, whole seconds>\n          7012345678901 2026-11-23T09:00:00Z\n
 */
export interface DigestedKey {
  readonly id: string;
  /** Shopify's, in milliseconds; it has whole seconds. */
  readonly updatedAt: number;
}

/** `keys` in the order of ids. */
export const digestOf = (keys: readonly DigestedKey[]): string => hash('sha256', keys.map(lineOf).join(''));

const lineOf = ({ id, updatedAt }: DigestedKey): string =>
  `${id} ${new Date(updatedAt).toISOString().slice(0, 19)}Z\n`;

/** What is kept of a range `(after..through]`: of its keys those that were equal, and the names of the others. */
export const certifiedRange = (
  range: Pick<CertifiedRange, 'after' | 'through' | 'comparedAt'>,
  equal: readonly DigestedKey[],
  others: readonly string[],
): CertifiedRange => ({
  ...range,
  equal: equal.length,
  digest: digestOf(equal),
  // Where nothing was equal there is nothing to be told apart: a first mirror names no million of ids.
  others: equal.length === 0 ? null : others,
});
