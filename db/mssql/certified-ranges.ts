import type { CertifiedRange } from '../../src/certificate.ts';
import { BIGINT, batch, INSTANT, JSON_TEXT, rowsOf, TEXT, type Values } from './batch.ts';
import type { Connection } from './connection.ts';
import { instant, number, text, textOrNull } from './recordset.ts';

/** What censuses saw of each range, written with the marks of what was not equal. */

/** What a detector's batch needs for `keepRange`: null where it compared none. */
export const RANGE = {
  after: TEXT,
  through: TEXT,
  equal: BIGINT,
  digest: TEXT,
  others: JSON_TEXT,
  comparedAt: INSTANT,
};

/** A fragment of a batch that knows `@storeId`, `@entity` and `@runId`. */
export const keepRange = `IF @through IS NOT NULL
INSERT INTO [CertifiedRanges] ([StoreId], [Entity], [RunId], [AfterId], [ThroughId], [EqualKeys], [Digest], [OtherKeys], [ComparedAt])
VALUES (@storeId, @entity, @runId, @after, @through, @equal, @digest, @others, @comparedAt);`;

export const rangeValues = (range: CertifiedRange | undefined): Values<typeof RANGE> => ({
  after: range?.after ?? null,
  through: range?.through ?? null,
  equal: range?.equal ?? null,
  digest: range?.digest ?? null,
  others: range?.others ? JSON.stringify(range.others) : null,
  comparedAt: range?.comparedAt ?? null,
});

export const CERTIFIED_RANGES = batch(
  'certifiedRanges',
  { runId: BIGINT },
  `SELECT [AfterId], [ThroughId], [EqualKeys], [Digest], [OtherKeys], [ComparedAt]
FROM [CertifiedRanges] WHERE [RunId] = @runId ORDER BY [Id];`,
);

export async function certifiedRanges(
  connection: Connection,
  runId: number,
): Promise<readonly CertifiedRange[]> {
  const rows = await rowsOf(connection, CERTIFIED_RANGES, { runId });
  return rows.map((row) => {
    const others = textOrNull(row, 'OtherKeys');
    return {
      after: textOrNull(row, 'AfterId'),
      through: text(row, 'ThroughId'),
      equal: number(row, 'EqualKeys'),
      digest: text(row, 'Digest'),
      others: others === null ? null : (JSON.parse(others) as readonly string[]),
      comparedAt: instant(row, 'ComparedAt'),
    };
  });
}
