import { getTableColumns, getTableName } from 'drizzle-orm';
import type { MsSqlTable } from 'drizzle-orm/mssql-core';
import type { EntityName } from '../../src/entities/registry.ts';
import { entityOf } from '../../src/entities/registry.ts';
import { mirrorTableOf } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { setNow } from './batch.ts';
import { LOCK_TIMEOUT } from './failures.ts';

/**
 * Shared words of the batches. Names and types of columns come from the schema, so that a batch cannot name what is
 * not there and a table variable cannot be narrower than the table that it is for.
 *
 * Many values are one JSON text, read once into a keyed table variable:
 *
 *   DECLARE @raises TABLE (…, PRIMARY KEY (…));
 *   INSERT INTO @raises (…) SELECT … FROM OPENJSON(@raisesJson) WITH (…);
 *
 * OPENJSON has no statistics and would be read again by each statement. Its objects have the columns' names.
 */

/** Columns by name, each with its SQL type. */
export type Fields = Readonly<Record<string, string>>;

/** Columns of a table as it has them. */
export function fieldsOf(table: MsSqlTable, ...names: readonly string[]): Fields {
  const columns = getTableColumns(table);
  return Object.fromEntries(
    names.map((name) => {
      const column = columns[name];
      if (!column) throw new Error(`${getTableName(table)} has no column ${name}: correct the batch.`);
      return [name, column.getSQLType()];
    }),
  );
}

/** `[A], [B]`, or `t.[A], t.[B]`. */
export const listed = (fields: Fields | readonly string[], alias?: string): string =>
  commaList(namesOf(fields).map((name) => (alias ? `${alias}.[${name}]` : `[${name}]`)));

/** In lines that can be read. */
export function commaList(items: readonly string[]): string {
  let text = '';
  let column = 0;
  for (const [i, item] of items.entries()) {
    const fits = column + item.length < LINE_MAX;
    const separator = i === 0 ? '' : fits ? ', ' : ',\n  ';
    text += separator + item;
    column = (fits ? column : 0) + item.length + 2;
  }
  return text;
}
const LINE_MAX = 100;

/** `a.[X] = b.[X] AND …` */
export const matching = (fields: Fields | readonly string[], a: string, b: string): string =>
  namesOf(fields)
    .map((name) => `${a}.[${name}] = ${b}.[${name}]`)
    .join(' AND ');

const namesOf = (fields: Fields | readonly string[]): readonly string[] =>
  Array.isArray(fields) ? fields : Object.keys(fields);

/** A table variable with a primary key. */
export const declareTable = (variable: string, key: Fields, others: Fields = {}): string =>
  `DECLARE ${variable} TABLE (
  ${commaList([
    ...Object.entries(key).map(([name, type]) => `[${name}] ${type} NOT NULL`),
    ...Object.entries(others).map(([name, type]) => `[${name}] ${type} NULL`),
    `PRIMARY KEY (${listed(key)})`,
  ])}
);`;

/** The objects of a JSON array as rows. With paths, since Babelfish does not derive them from the names. */
export const openJson = (parameter: string, fields: Fields): string =>
  `OPENJSON(${parameter}) WITH (
  ${commaList(Object.entries(fields).map(([name, type]) => `[${name}] ${type} '$.${name}'`))}
)`;

/** A table variable of the ids in a JSON array of texts, in the order of ids. */
export const declareIds = (variable: string, parameter: string): string =>
  `${declareTable(variable, fieldsOf(schema.StaleKeys, 'IdLength', 'Id'))}
INSERT INTO ${variable} ([IdLength], [Id]) SELECT LEN([value]), [value] FROM OPENJSON(${parameter});`;

/** For `declareIds`: each id once. */
export const idsJson = (ids: readonly string[]): string => JSON.stringify([...new Set(ids)]);

/** A time in JSON, as OPENJSON reads it into a datetime2(3) whatever the session's language is. */
export const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The time so many milliseconds after (before) another: DATEADD takes 32 bits of them, which is 24 days. */
export const after = (time: string, ms: string): string =>
  `DATEADD(millisecond, ${ms} % 1000, DATEADD(second, ${ms} / 1000, ${time}))`;
export const before = (time: string, ms: string): string =>
  `DATEADD(millisecond, -(${ms} % 1000), DATEADD(second, -(${ms} / 1000), ${time}))`;

/** The greater (lesser) of two, or the one that is not null. GREATEST is younger than SQL Server 2019. */
export const greater = (a: string, b: string): string =>
  `CASE WHEN ${a} >= ${b} OR ${b} IS NULL THEN ${a} ELSE ${b} END`;
export const lesser = (a: string, b: string): string =>
  `CASE WHEN ${a} <= ${b} OR ${b} IS NULL THEN ${a} ELSE ${b} END`;

/** The mirrored table of an entity and its column with the Shopify id, in brackets. */
export function mirrored(entity: EntityName): { readonly table: string; readonly key: string } {
  const { name, key } = mirrorTableOf(entityOf(entity));
  return { table: `[${name}]`, key: `[${key}]` };
}

/** How long a batch waits for another that writes marks of the same key space. */
const LOCK_TIMEOUT_MS = 15_000;

/**
 * Nobody else writes marks of these key spaces until the transaction ends. What is one tick for SQLite, "is there
 * a mark? then raise it, else insert one", is several statements here, and two of them at once would both insert, or
 * each see the world without the other's mark. Always the first statement after BEGIN TRANSACTION, before the fence
 * and every other write, and in one order: so nobody waits for a lock while he holds what its holder needs.
 * `entities` is a SELECT of one column, `[Entity]`.
 *
 * Whoever waited must not judge by the time before: a mark that is due since would not look due.
 */
export const lockMarks = (
  entities: string,
): string => `DECLARE @locking TABLE ([Entity] nvarchar(50) NOT NULL);
INSERT INTO @locking ([Entity]) ${entities};
DECLARE @locked nvarchar(50), @resource nvarchar(255), @granted int;
SELECT @locked = MIN([Entity]) FROM @locking;
WHILE @locked IS NOT NULL
BEGIN
  ${lockMarksOf('@locked')}
  SELECT @locked = MIN([Entity]) FROM @locking WHERE [Entity] > @locked;
END;
${setNow}`;

/** The same for one entity, in a batch that declares `@resource` and `@granted`, and sets `@now` anew by itself. */
export const lockMarksOf = (entity: string): string =>
  `SET @resource = CONCAT(N'Driftless:marks:', @storeId, N':', ${entity});
  ${lockResource('Marks are locked by another transaction.')}`;

/**
 * One transaction at a time makes links in a store. Else one that has read the old value of a row, and is slow, writes
 * it over the new one that the link of that row's commit has meanwhile copied; and nobody owes that link any more.
 */
export const lockLinks = `DECLARE @granted int, @resource nvarchar(255) = CONCAT(N'Driftless:links:', @storeId);
${lockResource('Links are locked by another transaction.')}`;

/**
 * One transaction at a time takes or settles change events of a store. Else two would find the same ones waiting, or
 * one would give an event of a key of which the other is just taking an earlier one. The time of whoever waited begins
 * when he is let in.
 */
export const lockEvents = `DECLARE @granted int, @resource nvarchar(255) = CONCAT(N'Driftless:events:', @storeId);
${lockResource('Change events are locked by another transaction.')}
${setNow}`;

/**
 * One transaction at a time makes or renames stores, whatever the names: else two would each find that nobody has the
 * shop yet. Taken before the marks of a store are locked.
 */
export const lockStores = `DECLARE @admitted int;
EXEC @admitted = sp_getapplock @Resource = N'Driftless:stores', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = ${LOCK_TIMEOUT_MS};
${refuse('@admitted < 0', LOCK_TIMEOUT, 'Stores are locked by another transaction.')}
${setNow}`;

/** Until the transaction ends, nobody else gets the application lock that `@resource` names. */
function lockResource(message: string): string {
  return `EXEC @granted = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = ${LOCK_TIMEOUT_MS};
  ${refuse('@granted < 0', LOCK_TIMEOUT, message)}`;
}

/** Undoes the transaction and ends the batch with an error of our own. */
export function refuse(condition: string, number: number, message: string): string {
  return `IF ${condition} BEGIN ROLLBACK TRANSACTION; THROW ${number}, N'${message}', 1; END;`;
}
