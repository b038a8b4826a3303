import type { RefreshCommit } from '../../src/mark.ts';
import { schema } from '../schema.mssql.ts';
import { JSON_TEXT } from './batch.ts';
import { pack, unpack } from './packing.ts';
import { fieldsOf } from './statements.ts';
import { upsert } from './upserts.ts';

/** Records that could not be mirrored as they are, parked until their key is written or buried after all. */

const REJECT = { key: fieldsOf(schema.Rejects, 'ShopifyId'), texts: fieldsOf(schema.Rejects, 'Reason') };

/** The parameter of a batch that parks rejects. */
export const REJECTS = { rejectsJson: JSON_TEXT } as const;

export const rejectsOf = (rejects: RefreshCommit['rejects']): { readonly rejectsJson: string } => ({
  rejectsJson: pack(
    rejects.map(({ id, reason }) => ({ ShopifyId: id, Reason: reason })),
    REJECT,
  ),
});

export const declareRejects = unpack('@rejects', '@rejectsJson', REJECT);

export const parkRejects = upsert({
  table: 'Rejects',
  source: '@rejects',
  key: { StoreId: '@storeId', Entity: '@entity', ShopifyId: 's.[ShopifyId]' },
  update: { Reason: 's.[Reason]', LastAt: '@now', Times: 't.[Times] + 1' },
  insert: { Reason: 's.[Reason]', FirstAt: '@now', LastAt: '@now', Times: '1' },
});

/** Of keys whose row was written or buried by these verdicts, or whose mark is gone. */
export const resolveRejects = `DELETE r
FROM [Rejects] AS r
INNER JOIN @verdicts AS v ON v.[Id] = r.[ShopifyId]
WHERE r.[StoreId] = @storeId AND r.[Entity] = @entity
  AND (v.[Writes] = 1 OR EXISTS (SELECT 1 FROM @changes AS c WHERE c.[Id] = v.[Id])
    OR EXISTS (SELECT 1 FROM @settled AS k WHERE k.[Id] = v.[Id] AND k.[Clears] = 1));`;
