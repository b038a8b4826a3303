import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { readLacks } from '../../src/lack.ts';
import type { RowState } from '../../src/record.ts';
import { mirrorTableOf, writtenColumns } from '../mirror-tables.ts';
import { schema } from '../schema.mssql.ts';
import { replaceChildren } from './children.ts';
import { asRead, unlessWithheld } from './readings.ts';
import { instant, instantOrNull, type Row, textOrNull } from './recordset.ts';
import { declareTable, fieldsOf } from './statements.ts';
import { upsert } from './upserts.ts';

/**
 * Rows of the entities themselves: written, buried, compared, looked up. Their statements are built from the
 * entities. Only who holds the fence of an entity writes its rows, so what one statement of a commit finds in them
 * the next one finds too.
 */

/** Columns of a row's state, in a statement that calls the row's table `t`. */
export const stateColumns = ['UpdatedAt', 'CreatedAt', 'ReadAt', 'DeletedAt', 'ContentHash', 'Lacks']
  .map((name) => `t.[${name}]`)
  .join(', ');

/** The state in a row that was selected with `stateColumns`; null where an outer join found no row. */
export const stateOrNull = (row: Row): RowState | null =>
  instantOrNull(row, 'UpdatedAt') === null ? null : stateOf(row);

export const stateOf = (row: Row): RowState => ({
  updatedAt: instant(row, 'UpdatedAt'),
  createdAt: instant(row, 'CreatedAt'),
  readAt: instant(row, 'ReadAt'),
  deletedAt: instantOrNull(row, 'DeletedAt'),
  contentHash: textOrNull(row, 'ContentHash'),
  lacks: readLacks(textOrNull(row, 'Lacks')),
});

/** Rows of objects that are not known to be gone, as an expression: a count along an index. */
export const liveRows = (entity: EntityName): string =>
  `(SELECT COUNT(*) FROM [${entityOf(entity).table}] AS t WHERE t.[StoreId] = @storeId AND t.[IsActive] = 1)`;

const CHANGES = {
  key: { Id: fieldsOf(schema.ChangeEvents, 'ShopifyId')['ShopifyId']! },
  others: { ...fieldsOf(schema.ChangeEvents, 'Type', 'Columns'), At: 'datetime2(3)' },
};

export const declareChanges = declareTable('@changes', CHANGES.key, CHANGES.others);

/**
 * Fills `@changes` with what the verdicts will change for those who read the mirror: before they are carried out,
 * when the rows still stand as they were. That hashes are compared without regard to case makes no two of them equal.
 * `@changed` has the columns of what was compared, and a change of none of them is none.
 */
export function compareRows(entity: EntityName): string {
  const { table, key } = entityOf(entity);
  return `${declareChanges}
INSERT INTO @changes ([Id], [Type], [At])
SELECT s.[${key}], CASE WHEN t.[DeletedAt] IS NULL AND t.[Id] IS NOT NULL THEN N'changed' ELSE N'created' END, s.[UpdatedAt]
FROM @${table} AS s
LEFT JOIN [${table}] AS t ON t.[StoreId] = @storeId AND t.[${key}] = s.[${key}]
WHERE t.[Id] IS NULL OR t.[DeletedAt] IS NOT NULL OR t.[ContentHash] IS NULL OR t.[ContentHash] <> s.[ContentHash];
INSERT INTO @changes ([Id], [Type], [At])
SELECT v.[Id], N'deleted', v.[BuriedAt]
FROM @verdicts AS v
INNER JOIN [${table}] AS t ON t.[StoreId] = @storeId AND t.[${key}] = v.[Id]
WHERE v.[BuriedAt] IS NOT NULL AND t.[DeletedAt] IS NULL;
UPDATE c SET [Columns] = n.[Columns]
FROM @changes AS c
INNER JOIN @changed AS n ON n.[Id] = c.[Id]
WHERE c.[Type] = N'changed';
DELETE FROM @changes WHERE [Columns] = N'[]';`;
}

/** Writes the rows that were read with their children, alive, whatever was there. */
export function writeRows(entity: EntityName): string {
  const shape = mirrorTableOf(entityOf(entity));
  const columns = writtenColumns(shape);
  const always = {
    IsActive: '1',
    DeletedAt: 'NULL',
    CreatedAt: 's.[CreatedAt]',
    UpdatedAt: 's.[UpdatedAt]',
    ShopifyCreatedAt: 's.[CreatedAt]',
    ShopifyUpdatedAt: 's.[UpdatedAt]',
    SyncedAt: '@now',
    ReadAt: 's.[ReadAt]',
    ErasedAt: 's.[ErasedAt]',
    ContentHash: 's.[ContentHash]',
    Lacks: 's.[Lacks]',
  };
  const own = upsert({
    table: shape.name,
    source: `@${shape.name}`,
    key: { StoreId: '@storeId', [shape.key]: `s.[${shape.key}]` },
    update: { ...unlessWithheld(columns), ...always },
    insert: { ...asRead(columns), ...always },
  });
  return [own, replaceChildren(shape)].join('\n\n');
}

/** Makes tombstones of the live rows that the verdicts say to bury. */
export function buryRows(entity: EntityName): string {
  const { table, key } = entityOf(entity);
  return `UPDATE t SET [IsActive] = 0, [DeletedAt] = v.[BuriedAt], [SyncedAt] = @now
FROM [${table}] AS t
INNER JOIN @verdicts AS v ON t.[StoreId] = @storeId AND t.[${key}] = v.[Id]
WHERE v.[BuriedAt] IS NOT NULL AND t.[DeletedAt] IS NULL;`;
}
