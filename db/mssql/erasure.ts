import type { Columns, Value } from '../../src/entities/column.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { emptied, personalColumns, personalNames } from '../../src/erasure.ts';
import { mirrorTableOf, pathTo, withChildren } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, BIT, batchesBy, JSON_TEXT, run, setNow, TEXT, transaction } from './batch.ts';
import { announceChanges } from './change-events.ts';
import type { Connection } from './connection.ts';
import { takeLeasesAway } from './leases.ts';
import { belongsTo } from './paths.ts';
import { countErased, theRequest } from './privacy-requests.ts';
import { declareChanges } from './rows.ts';
import { commaList, declareIds, declareTable, fieldsOf, idsJson } from './statements.ts';

/**
 * Emptying what is personal in rows that stand. The lease is taken away first: the row of `SyncStates` is what every
 * commit locks before it writes rows of the entity, so none writes them until this transaction ends.
 */
export const eraseRowsBatch = batchesBy((name: EntityName) => {
  const own = mirrorTableOf(entityOf(name));
  const ofStruck = `[StoreId] = @storeId AND [${own.key}] IN (SELECT [ShopifyId] FROM @struck)`;
  return transaction(
    `eraseRows ${name}`,
    { requestId: BIGINT, entity: TEXT, idsJson: JSON_TEXT, columns: JSON_TEXT, announce: BIT },
    theRequest,
    declareIds('@ids', '@idsJson'),
    takeLeasesAway('@entity'),
    setNow,
    `DECLARE @times int;
${declareTable('@struck', fieldsOf(schema.PrivacyKeys, 'ShopifyId'))}
DELETE FROM [PrivacyKeys] OUTPUT deleted.[ShopifyId] INTO @struck ([ShopifyId])
WHERE @storeId IS NOT NULL AND [RequestId] = @requestId AND [Entity] = @entity
  AND [ShopifyId] IN (SELECT [Id] FROM @ids);`,
    `${declareChanges}
INSERT INTO @changes ([Id], [Type], [Columns], [At])
SELECT [${own.key}], N'changed', @columns, [UpdatedAt] FROM [${own.name}] WHERE ${ofStruck};
UPDATE [${own.name}] SET
  ${commaList([...emptying(own.columns), '[ContentHash] = NULL', '[ErasedAt] = @now', '[SyncedAt] = @now'])}
WHERE ${ofStruck};
${countErased(own.name)}`,
    ...withChildren(own)
      .slice(1)
      .filter(({ columns }) => personalColumns(columns).length > 0)
      .map(
        (shape) => `UPDATE [${shape.name}] SET ${commaList(emptying(shape.columns))}
WHERE ${belongsTo(pathTo(shape.name), 'SELECT [ShopifyId] FROM @struck')};
${countErased(shape.name)}`,
      ),
    `UPDATE [Rejects] SET [Reason] = N'erased on request'
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] IN (SELECT [ShopifyId] FROM @struck);
${countErased('Rejects')}`,
    announceChanges(name),
  );
});

/** What is personal set to nothing, as assignments. */
export const emptying = (columns: Columns): readonly string[] =>
  Object.entries(emptied(columns)).map(([name, value]) => `[${name}] = ${literal(value)}`);

/** What a column holds of nobody is nothing, or no. */
function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  throw new Error('a personal column is emptied to something: say here how SQL writes it');
}

export async function eraseRows(
  connection: Connection,
  requestId: number,
  entity: EntityName,
  ids: readonly string[],
  announce: boolean,
): Promise<void> {
  const columns = JSON.stringify(personalNames(entityOf(entity)));
  await run(connection, eraseRowsBatch(entity), {
    requestId,
    entity,
    idsJson: idsJson(ids),
    columns,
    announce,
  });
}
