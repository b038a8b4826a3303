import type { Verdict } from '../../src/mark.ts';
import { JSON_TEXT } from './batch.ts';
import { SETTLING, settlingOf } from './marks.ts';
import { type Packed, pack, unpack } from './packing.ts';
import { isoOf } from './statements.ts';

/**
 * What a refresh decided, as the table variable `@verdicts`: one row per key, what becomes of its row (in words of
 * this file) and of its mark (in those of marks.ts). A row that is neither written nor buried is left.
 */

const VERDICT: Packed = {
  key: SETTLING.key,
  others: { ...SETTLING.others, Writes: 'bit', BuriedAt: 'datetime2(3)', Announced: 'bit' },
};

/** The parameter of the batch. */
export const VERDICTS = { verdictsJson: JSON_TEXT };

export const declareVerdicts = unpack('@verdicts', '@verdictsJson', VERDICT);

export const verdictsOf = (verdicts: readonly Verdict[]): { readonly verdictsJson: string } => ({
  verdictsJson: pack(
    verdicts.map((verdict) => ({ ...settlingOf(verdict), ...rowOf(verdict) })),
    VERDICT,
  ),
});

const rowOf = ({ row }: Verdict) => ({
  Writes: row.do === 'write',
  BuriedAt: isoOf(row.do === 'bury' ? row.at : null),
  Announced: row.do === 'bury' && row.announced,
});
