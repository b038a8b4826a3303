import { countedSets } from '../../src/entities/entity.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { Lacking, LackReason } from '../../src/lack.ts';
import type { RangeView } from '../../src/record.ts';
import { pathTo } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, batchesBy, INSTANT, JSON_TEXT, rowsOf, run, TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { endOf, objectsWith } from './paths.ts';
import { flag, instant, number, type Row, text } from './recordset.ts';
import { stateColumns, stateOf } from './rows.ts';
import { declareTable, fieldsOf, idsJson } from './statements.ts';

/** Rows found by something else than their id: by time, by a range of ids, by what a column holds. */

export const liveInWindowBatch = batchesBy((name: EntityName) => {
  const { table, key } = entityOf(name);
  return batch(
    `liveInWindow ${name}`,
    { storeId: BIGINT, entity: TEXT, from: INSTANT, to: INSTANT, limit: BIGINT },
    `SELECT TOP (@limit) t.[${key}] AS [Id]
FROM [${table}] AS t
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[UpdatedAt] >= @from AND t.[UpdatedAt] <= @to
  AND NOT EXISTS (
    SELECT 1 FROM [StaleKeys] AS m
    WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[IdLength] = t.[IdLength] AND m.[Id] = t.[${key}]
  )
ORDER BY t.[UpdatedAt], t.[IdLength], t.[${key}];`,
  );
});

export const longestUnreadBatch = batchesBy((name: EntityName) => {
  const { table, key } = entityOf(name);
  return batch(
    `longestUnread ${name}`,
    { storeId: BIGINT, limit: BIGINT },
    `SELECT TOP (@limit) t.[${key}] AS [Id]
FROM [${table}] AS t
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1
ORDER BY t.[ReadAt];`,
  );
});

/** Along the index of the rows that lack something, which are few or none. */
export const selectLacking = (name: EntityName, more = ''): string =>
  `SELECT j.[key] AS [Column], j.[value] AS [Reason], COUNT(*) AS [Rows]
FROM [${entityOf(name).table}] AS t CROSS APPLY OPENJSON(t.[Lacks]) AS j
WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1 AND t.[Lacks] IS NOT NULL${more}
GROUP BY j.[key], j.[value]`;

export const lackingBatch = batchesBy((name: EntityName) =>
  batch(
    `lacking ${name}`,
    { storeId: BIGINT, readSince: INSTANT },
    `${selectLacking(name, ' AND t.[ReadAt] >= @readSince')};`,
  ),
);

export const lackingOf = (rows: readonly Row[]): readonly Lacking[] =>
  rows
    .map((row) => ({
      column: text(row, 'Column'),
      reason: text<LackReason>(row, 'Reason'),
      rows: number(row, 'Rows'),
    }))
    .sort((a, b) => (`${a.column} ${a.reason}` < `${b.column} ${b.reason}` ? -1 : 1));

export const idsByBatch = batchesBy((table: string, column: string) => {
  const path = pathTo(table);
  const holds = `${endOf(path).column(column)} IN (SELECT [${column}] FROM @values)`;
  return batch(
    `idsBy ${table}.${column}`,
    { storeId: BIGINT, valuesJson: JSON_TEXT },
    declareTable('@values', fieldsOf(schema.mirrored(table), column)),
    `INSERT INTO @values ([${column}]) SELECT DISTINCT [value] FROM OPENJSON(@valuesJson);`,
    `${objectsWith(path, holds)};`,
  );
});

/*
 * A range of ids in the order of (length, text). SQL Server compares no pairs, and a comparison that is taken apart
 * with OR is not searched in the index but read from its beginning. So the range is put together from the rest of the
 * first length, the lengths between, and the beginning of the last one: each of them a search, none longer than the page.
 */

export const RANGE = {
  limit: BIGINT,
  firstLength: BIGINT,
  firstAfter: TEXT,
  firstThrough: TEXT,
  lastLength: BIGINT,
  lastThrough: TEXT,
} as const;

/** No id comes behind it, whatever the collation: some put punctuation before digits. */
const END = '9'.repeat(50);
const LENGTH_MAX = 100;

/** The values of RANGE for `after < id <= through`; null is the beginning, or the end. */
export function rangeOf(after: string | null, through: string | null, limit: number) {
  const firstLength = after?.length ?? 0;
  const lastLength = through?.length ?? LENGTH_MAX;
  const last = through ?? END;
  const range = { limit, firstLength, firstAfter: after ?? '', lastLength };
  if (lastLength > firstLength) return { ...range, firstThrough: END, lastThrough: last };
  return { ...range, firstThrough: lastLength === firstLength ? last : '', lastThrough: '' };
}

/** In the type of `IdLength`: compared with a wider one, the column might be converted instead of searched. */
const FIRST = 'CAST(@firstLength AS int)';
const LAST = 'CAST(@lastLength AS int)';

/**
 * A page of the range, as a SELECT of one column: `what`, of rows that meet `where` and have their Shopify id in `key`,
 * beside its `[IdLength]`.
 */
function page(table: string, key: string, what: string, where: string): string {
  const part = (range: string) => `    SELECT [${what}], [IdLength], [Text] FROM (
      SELECT TOP (@limit) [${what}], [IdLength], [${key}] AS [Text] FROM [${table}]
      WHERE ${where} AND ${range}
      ORDER BY [IdLength], [${key}]
    ) AS p`;
  return `  SELECT TOP (@limit) [${what}] FROM (
${[
  part(`[IdLength] = ${FIRST} AND [${key}] > @firstAfter AND [${key}] <= @firstThrough`),
  part(`[IdLength] > ${FIRST} AND [IdLength] < ${LAST}`),
  part(`[IdLength] = ${LAST} AND [${key}] <= @lastThrough`),
].join('\n    UNION ALL\n')}
  ) AS parts
  ORDER BY [IdLength], [Text]`;
}

/** The row ids of a page of the range, as a SELECT of one column, `[Id]`. */
export const pageOf = (name: EntityName): string =>
  page(entityOf(name).table, entityOf(name).key, 'Id', '[StoreId] = @storeId');

/** Marks first: a commit between the looks leaves either the mark, or the row that it was about as it is now. */
export const keysInRangeBatch = batchesBy((name: EntityName) => {
  const { table, key } = entityOf(name);
  const counts = countedSets(entityOf(name)).map(
    (set) =>
      `,
  (SELECT COUNT(*) FROM [${set.table}] AS c WHERE c.[${set.parent}] = t.[Id]) AS [${set.table}]`,
  );
  return batch(
    `keysInRange ${name}`,
    { storeId: BIGINT, entity: TEXT, ...RANGE },
    `SELECT @now AS [At];
SELECT m.[Id], CASE WHEN m.[HeldByRun] IS NULL THEN 0 ELSE 1 END AS [Held]
FROM [StaleKeys] AS m
WHERE m.[StoreId] = @storeId AND m.[Entity] = @entity AND m.[Id] IN (
${page('StaleKeys', 'Id', 'Id', '[StoreId] = @storeId AND [Entity] = @entity')}
)
ORDER BY m.[IdLength], m.[Id];
SELECT t.[${key}] AS [Id], t.[SyncedAt], ${stateColumns}${counts.join('')}
FROM [${table}] AS t
WHERE t.[Id] IN (
${pageOf(name)}
)
ORDER BY t.[IdLength], t.[${key}];`,
  );
});

export async function liveInWindow(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  from: number,
  to: number,
  limit: number,
): Promise<readonly string[]> {
  return ids(await rowsOf(connection, liveInWindowBatch(entity), { storeId, entity, from, to, limit }));
}

export async function lacking(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  readSince = 0,
): Promise<readonly Lacking[]> {
  return lackingOf(await rowsOf(connection, lackingBatch(entity), { storeId, readSince }));
}

export async function longestUnread(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  limit: number,
): Promise<readonly string[]> {
  return ids(await rowsOf(connection, longestUnreadBatch(entity), { storeId, limit }));
}

export async function keysInRange(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  after: string | null,
  through: string | null,
  limit: number,
): Promise<RangeView> {
  const range = rangeOf(after, through, limit);
  const values = { storeId, entity, ...range };
  const [[now = {}] = [], marks = [], rows = []] = await run(connection, keysInRangeBatch(entity), values);
  const counted = countedSets(entityOf(entity)).map(({ table }) => table);
  return {
    rows: rows.map((row) => ({
      id: text(row, 'Id'),
      syncedAt: instant(row, 'SyncedAt'),
      ...stateOf(row),
      childCounts: Object.fromEntries(counted.map((table) => [table, number(row, table)])),
    })),
    marks: marks.map((row) => ({ id: text(row, 'Id'), held: flag(row, 'Held') })),
    at: instant(now, 'At'),
  };
}

export async function idsBy(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  table: string,
  column: string,
  values: readonly string[],
): Promise<readonly string[]> {
  if (pathTo(table).entity !== entity) throw new Error(`${table} is no table of ${entity}.`);
  return ids(await rowsOf(connection, idsByBatch(table, column), { storeId, valuesJson: idsJson(values) }));
}

const ids = (found: readonly Row[]): readonly string[] => found.map((row) => text(row, 'Id'));
