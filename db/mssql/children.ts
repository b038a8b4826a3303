import { type MirrorTable, writtenColumns } from '../mirror-tables.ts';
import { asRead, isWithheld, PARENT_KEY, unlessWithheld } from './readings.ts';
import { upsert } from './upserts.ts';

/**
 * Child rows, replaced as whole sets: first those of the read are written by their key, parents before children, which
 * moves a row that has come to another parent; then what the parents have besides is deleted, children before
 * parents, so that nothing that has moved is deleted with the row it hung from.
 */
export const replaceChildren = (parent: MirrorTable): string =>
  [...writes(parent), ...removals(parent)].join('\n\n');

const writes = (parent: MirrorTable): readonly string[] =>
  parent.children.flatMap((shape) => [writeSet(parent, shape), ...writes(shape)]);

const removals = (parent: MirrorTable): readonly string[] =>
  parent.children.flatMap((shape) => [...removals(shape), removeOthers(parent, shape)]);

function writeSet(parent: MirrorTable, shape: MirrorTable): string {
  const columns = writtenColumns(shape);
  const ofParent = { [shape.parent!]: 'p.[Id]' };
  return upsert({
    table: shape.name,
    source: `@${shape.name}`,
    joined: `INNER JOIN [${parent.name}] AS p ON p.[StoreId] = @storeId AND p.[${parent.key}] = s.[${PARENT_KEY}]`,
    key: { StoreId: '@storeId', [shape.key]: `s.[${shape.key}]` },
    update: { ...ofParent, ...unlessWithheld(columns) },
    insert: { ...ofParent, ...asRead(columns) },
  });
}

/** A set that was withheld stays as it is (R9). */
const removeOthers = (parent: MirrorTable, shape: MirrorTable): string => `DELETE c
FROM [${shape.name}] AS c
INNER JOIN [${parent.name}] AS p ON p.[Id] = c.[${shape.parent}]
INNER JOIN @${parent.name} AS s ON p.[StoreId] = @storeId AND p.[${parent.key}] = s.[${parent.key}]
WHERE (s.[Withheld] IS NULL OR NOT ${isWithheld(shape.name)})
  AND NOT EXISTS (SELECT 1 FROM @${shape.name} AS r WHERE r.[${shape.key}] = c.[${shape.key}]);`;
