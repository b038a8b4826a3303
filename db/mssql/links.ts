import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import { isReference, type LinkPath, linkPaths } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batchesBy, JSON_TEXT, rowsOf, run, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { belongsTo, endOf } from './paths.ts';
import { number } from './recordset.ts';
import { declareIds, declareTable, fieldsOf, idsJson, lockLinks } from './statements.ts';
import { upsert } from './upserts.ts';

/**
 * Links between rows of different objects, which are committed apart and in any order: made after either
 * side's commit by statements over whole sets, which touch only rows that differ.
 *
 * A commit that changes a row notes that its links are owed, and making them strikes the note. If the process dies
 * between the two, the note is what the next tick finds; without one it reads nothing.
 *
 * What is copied stays when its source is not, or no longer, there. A reference does not: a row id that
 * belongs to another object than `by` names would be a lie, so it is taken back.
 *
 * Nothing keeps two of these transactions, or a commit, from meeting in the same rows. Each statement sees what was
 * committed before it began, and whoever commits a row makes its links afterwards, so the last one to come sees both
 * sides. The note is the first that is written both here and in a commit: they wait for each other there. A deadlock
 * over rows beyond is broken by the server and tried again.
 */

const { UnlinkedKeys } = schema;

const KEYS = fieldsOf(UnlinkedKeys, 'Entity', 'ShopifyId');

/** Notes, in the transaction that writes these objects, that their links are to be made. */
export const oweLinks = upsert({
  table: 'UnlinkedKeys',
  source: '@changes',
  where: "s.[Type] <> N'deleted'",
  key: { StoreId: '@storeId', Entity: '@entity', ShopifyId: 's.[Id]' },
  update: { WrittenAt: '@now' },
  insert: { WrittenAt: '@now' },
});

/** Equal is what has the same bytes: to SQL Server's `=`, `Hat` and `hat ` are one text. */
const exact = ({ filled }: LinkPath, name: string, column: string): string => {
  const kind = endOf(filled).shape.columns[name]!.kind;
  return kind === 'text' || kind === 'longText' || kind === 'id'
    ? `CAST(${column} AS varbinary(max))`
    : column;
};

/** Fills the `rows` of the filled table that have a source and differ from it; a null differs from every value. */
function fill(path: LinkPath, rows: string): string {
  const { link } = path;
  const to = endOf(path.filled);
  const from = endOf(path.source);
  const copies = Object.entries(link.copies).map(([name, original]) => ({
    name,
    to: to.column(name),
    from: from.column(original),
  }));
  const list = (side: 'to' | 'from') =>
    copies.map((copy) => exact(path, copy.name, copy[side])).join(',\n      ');
  return `UPDATE ${to.table} SET
${copies.map(({ name, from }) => `  [${name}] = ${from}`).join(',\n')}
FROM ${to.table}
INNER JOIN ${from.table} ON ${from.column('StoreId')} = @storeId AND ${from.column(link.toKey)} = ${to.column(link.by)}
WHERE ${rows}
  AND NOT EXISTS (
    SELECT ${list('to')}
    INTERSECT
    SELECT ${list('from')}
  );
SET @changed = @changed + @@ROWCOUNT;`;
}

/** Empties those of the `rows` whose reference leads to another object than the one that `by` names. */
function takeBack({ link, filled, source }: LinkPath, reference: string, rows: string): string {
  const to = endOf(filled);
  const from = endOf(source);
  return `UPDATE ${to.table} SET [${reference}] = NULL
WHERE ${rows}
  AND ${to.column(reference)} IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM ${from.table}
    WHERE ${from.column('Id')} = ${to.column(reference)} AND ${from.column(link.toKey)} = ${to.column(link.by)}
  );
SET @changed = @changed + @@ROWCOUNT;`;
}

const referencesOf = ({ link }: LinkPath): readonly string[] =>
  Object.keys(link.copies).filter((name) => isReference(link.copies[name]!));

/** Rows of the filled table that point to one of the objects of `ids`. */
function pointingTo({ link, filled, source }: LinkPath, ids: string): string {
  const to = endOf(filled);
  const from = endOf(source);
  const keys = `SELECT ${from.column(link.toKey)} FROM ${from.table} WHERE ${belongsTo(source, ids)}`;
  return `${to.column('StoreId')} = @storeId AND ${to.column(link.by)} IN (${keys})`;
}

/** After a commit of the entity: its own rows, then the rows of others that point to it. */
const makeLinks = (entity: EntityName, ids: string): readonly string[] =>
  linkPaths().flatMap((path) => {
    const own = belongsTo(path.filled, ids);
    return [
      ...(path.filled.entity === entity
        ? [fill(path, own), ...referencesOf(path).map((reference) => takeBack(path, reference, own))]
        : []),
      ...(path.source.entity === entity ? [fill(path, pointingTo(path, ids))] : []),
    ];
  });

/** The notes are struck first, so that one which comes meanwhile is not taken for an old one. */
export const linkBatch = batchesBy((entity: EntityName) =>
  transaction(
    `link ${entity}`,
    { storeId: BIGINT, entity: TEXT, idsJson: JSON_TEXT },
    declareIds('@ids', '@idsJson'),
    lockLinks,
    'DECLARE @changed int = 0;',
    `DELETE k
FROM [UnlinkedKeys] AS k
INNER JOIN @ids AS i ON i.[Id] = k.[ShopifyId]
WHERE k.[StoreId] = @storeId AND k.[Entity] = @entity;`,
    ...makeLinks(entity, 'SELECT [Id] FROM @ids'),
  ),
);

export const linkAllBatch = transaction(
  'linkAll',
  { storeId: BIGINT, limit: BIGINT },
  declareTable('@owed', KEYS),
  lockLinks,
  'DECLARE @changed int = 0;',
  `INSERT INTO @owed ([Entity], [ShopifyId])
SELECT TOP (@limit) [Entity], [ShopifyId] FROM [UnlinkedKeys]
WHERE [StoreId] = @storeId
ORDER BY [Entity], [ShopifyId];`,
  `DELETE k
FROM [UnlinkedKeys] AS k
INNER JOIN @owed AS o ON o.[Entity] = k.[Entity] AND o.[ShopifyId] = k.[ShopifyId]
WHERE k.[StoreId] = @storeId;`,
  ...ENTITY_NAMES.map(
    (entity) => `IF EXISTS (SELECT 1 FROM @owed WHERE [Entity] = N'${entity}')
BEGIN
${makeLinks(entity, `SELECT [ShopifyId] FROM @owed WHERE [Entity] = N'${entity}'`).join('\n')}
END;`,
  ),
  'SELECT @changed AS [changed];',
);

export async function link(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): Promise<void> {
  await run(connection, linkBatch(entity), { storeId, entity, idsJson: idsJson(ids) });
}

export async function linkAll(connection: Connection, storeId: number, limit: number): Promise<number> {
  const [row = {}] = await rowsOf(connection, linkAllBatch, { storeId, limit });
  return number(row, 'changed');
}
