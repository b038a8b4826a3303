import type { ColumnKind, Value } from '../../src/entities/column.ts';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { MirrorChild, MirrorRow } from '../../src/record.ts';
import { type MirrorTable, mirrorTableOf, pathTo, withChildren } from '../mirror-tables.ts';
import { BIGINT, batch, batchesBy, JSON_TEXT, run } from './batch.ts';
import type { Connection } from './connection.ts';
import { pageOf, RANGE, rangeOf } from './ranges.ts';
import { flag, instantOrNull, number, numberOrNull, type Row, text, textOrNull } from './recordset.ts';
import { commaList, declareIds, idsJson, mirrored } from './statements.ts';

/**
 * What the mirror holds, whole rows with their children: for comparing, never for refreshing. One batch with a SELECT
 * for each table of the entity. A commit between two of them may show in the later one alone: a difference that is gone
 * at the next look, for which no commit has to wait.
 */

const TIMES = ['CreatedAt', 'UpdatedAt', 'ShopifyCreatedAt', 'ShopifyUpdatedAt'];

export const mirrorRowsBatch = batchesBy((entity: EntityName) =>
  batch(`mirrorRows ${entity}`, { storeId: BIGINT, ...RANGE }, ...wholeRows(entity, pageOf(entity))),
);

export const contentsBatch = batchesBy((entity: EntityName) => {
  const { table, key } = mirrored(entity);
  const page = `  SELECT t.[Id] FROM ${table} AS t
  INNER JOIN @ids AS i ON t.[StoreId] = @storeId AND t.${key} = i.[Id]`;
  return batch(
    `contents ${entity}`,
    { storeId: BIGINT, idsJson: JSON_TEXT },
    declareIds('@ids', '@idsJson'),
    ...wholeRows(entity, page),
  );
});

/** All that stands in the rows of the page, a SELECT of their row ids. */
const wholeRows = (entity: EntityName, page: string): readonly string[] => [
  'DECLARE @page TABLE ([Id] bigint NOT NULL PRIMARY KEY);',
  `INSERT INTO @page ([Id])\n${page};`,
  ...withChildren(mirrorTableOf(entityOf(entity))).map(columnsInPage),
];

function columnsInPage(shape: MirrorTable): string {
  const columns = Object.entries(kindsOf(shape)).map(([name, kind]) =>
    // The driver's own decimals go through a float.
    kind === 'decimal' ? `CAST(t.[${name}] AS varchar(40)) AS [${name}]` : `t.[${name}]`,
  );
  const key = `t.[${shape.key}]`;
  const [more, order] =
    shape.parent === null
      ? ['t.[DeletedAt], t.[ErasedAt]', `t.[IdLength], ${key}`]
      : [`t.[${shape.parent}]`, `t.[${shape.parent}], LEN(${key}), ${key}`];
  return `SELECT
  ${commaList(['t.[Id]', key, more, ...columns])}
FROM [${shape.name}] AS t
WHERE ${ofPage(pathTo(shape.name).tables.toReversed(), 't.')}
ORDER BY ${order};`;
}

/** The row belongs to one of the page, whichever number of tables lies between. */
function ofPage([shape, ...above]: readonly MirrorTable[], prefix = ''): string {
  const [parent] = above;
  if (!shape || !parent) return `${prefix}[Id] IN (SELECT [Id] FROM @page)`;
  const parents = above.length === 1 ? '@page' : `[${parent.name}] WHERE ${ofPage(above)}`;
  return `${prefix}[${shape.parent}] IN (SELECT [Id] FROM ${parents})`;
}

/** The columns of the entity's row or child row as the port speaks of them. */
const kindsOf = (shape: MirrorTable): Readonly<Record<string, ColumnKind>> => ({
  ...Object.fromEntries(Object.entries(shape.columns).map(([name, { kind }]) => [name, kind])),
  ...(shape.parent === null ? Object.fromEntries(TIMES.map((name) => [name, 'instant'])) : {}),
});

const VALUES: Readonly<Record<ColumnKind, (row: Row, name: string) => Value>> = {
  text: textOrNull,
  longText: textOrNull,
  id: textOrNull,
  decimal: textOrNull,
  integer: numberOrNull,
  instant: instantOrNull,
  boolean: (row, name) => (row[name] === null ? null : flag(row, name)),
};

const valuesOf = (shape: MirrorTable, row: Row) =>
  Object.fromEntries(Object.entries(kindsOf(shape)).map(([name, kind]) => [name, VALUES[kind](row, name)]));

export async function mirrorRows(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  after: string | null,
  limit: number,
): Promise<readonly MirrorRow[]> {
  const range = rangeOf(after, null, limit);
  return rowsIn(entity, await run(connection, mirrorRowsBatch(entity), { storeId, ...range }));
}

export async function contents(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): Promise<readonly MirrorRow[]> {
  return rowsIn(entity, await run(connection, contentsBatch(entity), { storeId, idsJson: idsJson(ids) }));
}

/** A recordset for each table of the entity, parents before children. */
function rowsIn(entity: EntityName, recordsets: readonly (readonly Row[])[]): readonly MirrorRow[] {
  const own = mirrorTableOf(entityOf(entity));
  const found = new Map(withChildren(own).map(({ name }, at) => [name, recordsets[at] ?? []]));
  const childrenOf = childSets(own, found);
  return (found.get(own.name) ?? []).map((row) => ({
    key: text(row, own.key),
    deletedAt: instantOrNull(row, 'DeletedAt'),
    erasedAt: instantOrNull(row, 'ErasedAt'),
    row: valuesOf(own, row),
    children: childrenOf(number(row, 'Id')),
  }));
}

/** The child sets of rows that have been read, by the rows' own number. */
function childSets(
  parent: MirrorTable,
  found: ReadonlyMap<string, readonly Row[]>,
): (id: number) => MirrorChild['children'] {
  const sets = parent.children.map((shape) => {
    const childrenOf = childSets(shape, found);
    const byParent = Map.groupBy(found.get(shape.name) ?? [], (row) => number(row, shape.parent!));
    const of = (parentId: number): readonly MirrorChild[] =>
      (byParent.get(parentId) ?? []).map((row) => ({
        key: text(row, shape.key),
        row: valuesOf(shape, row),
        children: childrenOf(number(row, 'Id')),
      }));
    return { name: shape.name, of };
  });
  return (id) => Object.fromEntries(sets.map(({ name, of }) => [name, of(id)]));
}
