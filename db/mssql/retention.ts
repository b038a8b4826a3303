import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { PEOPLE } from '../../src/erasure.ts';
import { BIGINT, batch, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { emptying } from './erasure.ts';
import { before, commaList } from './statements.ts';

/** What is forgotten with time. */

/** Rows deleted by one statement: with 5,000 locks SQL Server would take the whole table from everybody else. */
const ROWS = 2_000;

/** Statement by statement, each for itself: what is forgotten needs no transaction, and nobody has to wait for it. */
const inSteps = (statement: string): string => `SET @deleted = ${ROWS};
WHILE @deleted = ${ROWS}
BEGIN
  ${statement}
  SET @deleted = @@ROWCOUNT;
END;`;

const forget = (table: string, condition: string): string =>
  inSteps(`DELETE TOP (${ROWS}) FROM [${table}] WHERE ${condition};`);

/** A row without a content hash is one that was emptied. Found along an index, store by store. */
const forgetBuried = (name: EntityName): string => {
  const { table, columns } = entityOf(name);
  return inSteps(`UPDATE TOP (${ROWS}) [${table}] SET
    ${commaList([...emptying(columns), '[ContentHash] = NULL', '[SyncedAt] = @now'])}
  WHERE [StoreId] IN (SELECT [Id] FROM [Stores]) AND [IsActive] = 0 AND [SyncedAt] < @before AND [ContentHash] IS NOT NULL;`);
};

/**
 * Runs that are still at work, hold marks or have a certificate that is open stay whatever their age, as do the ranges
 * of such a census. Change events go whether they were sent or
 * not: where nobody has asked for them they would only pile up.
 */
export const PURGE = batch(
  'purge',
  { olderThanMs: BIGINT },
  `DECLARE @before datetime2(3) = ${before('@now', '@olderThanMs')}, @deleted int;`,
  forget('Deliveries', '[ReceivedAt] < @before'),
  forget('Gaps', '[FoundAt] < @before'),
  forget('ChangeEvents', '[CreatedAt] < @before'),
  forget(
    'SyncRuns',
    `[MovedAt] < @before AND [State] <> N'running'
    AND NOT EXISTS (SELECT 1 FROM [StaleKeys] AS m WHERE m.[HeldByRun] = [SyncRuns].[Id])
    AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[RunId] = [SyncRuns].[Id] AND c.[CompletedAt] IS NULL)`,
  ),
  forget(
    'CertifiedRanges',
    `[ComparedAt] < @before
    AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[RunId] = [CertifiedRanges].[RunId] AND c.[CompletedAt] IS NULL)`,
  ),
  // One that is old may still be counted by a certificate that is open.
  forget(
    'UnprovenKeys',
    `[EndedAt] < @before AND NOT EXISTS (SELECT 1 FROM [Certificates] AS c WHERE c.[StoreId] = [UnprovenKeys].[StoreId]
    AND c.[Entity] = [UnprovenKeys].[Entity] AND c.[CompletedAt] IS NULL)`,
  ),
  ...PEOPLE.map(forgetBuried),
);

export async function purge(connection: Connection, olderThanMs: number): Promise<void> {
  await run(connection, PURGE, { olderThanMs });
}
