import { getColumns } from 'drizzle-orm';
import { type Column, pathOf } from '../src/entities/column.ts';
import type { ChildSet, Entity, Link } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import {
  CERTIFICATES,
  CERTIFIED_RANGES,
  COMMON,
  FRESHNESS,
  NOTES,
  STORES,
  UNPROVEN_KEYS,
} from './read-contract-words.ts';
import { columnNamed } from './schema/mirror.ts';
import { schema } from './schema.mssql.ts';

/**
 * What others may read in the database, and rely on: docs/read-contract.md shows it, docs/users.sql grants it, and a
 * test compares both. Everything else is Driftless's own machinery.
 */
export interface ReadableTable {
  readonly name: string;
  /** What a row is. */
  readonly says: string;
  readonly columns: readonly ReadableColumn[];
}

export interface ReadableColumn {
  readonly name: string;
  /** As SQL Server spells it. */
  readonly type: string;
  readonly nullable: boolean;
  readonly says: string;
}

type Described = Parameters<typeof getColumns>[0];

/** A table or view of which each column has its own words; those without any are nobody's business. */
function described(
  name: string,
  table: Described,
  says: string,
  words: Readonly<Record<string, string | null>>,
): ReadableTable {
  const columns = Object.entries(words).flatMap(([column, text]) =>
    text === null ? [] : [{ ...typeOf(table, column), says: text }],
  );
  return { name, says, columns };
}

function typeOf(table: Described, name: string): Omit<ReadableColumn, 'says'> {
  const column = columnNamed(getColumns(table), name);
  return { name, type: column.getSQLType(), nullable: !column.notNull && !column.primary };
}

/** The table of an entity, or of a set of children of the rows in `above`, and those below it. */
function mirrored(set: Entity | ChildSet, above: string | null): readonly ReadableTable[] {
  const { table: name, key, type } = set;
  const table = schema.mirrored(name);
  const columns = Object.keys(getColumns(table)).map((column) => ({
    ...typeOf(table, column),
    says: saysOf(set, above, column),
  }));
  const keys = `unique by \`StoreId\` and \`${key}\``;
  const says =
    above === null
      ? `One row per ${type} that Shopify has shown; ${keys}.`
      : `One row per ${type}, below its row in \`${above}\`; ${keys}. The rows below one are always replaced together.`;
  return [{ name, says, columns }, ...set.children.flatMap((child) => mirrored(child, name))];
}

function saysOf(set: Entity | ChildSet, above: string | null, name: string): string {
  const column = set.columns[name];
  const note = NOTES[`${set.table}.${name}`];
  if (name === set.key) return `the Shopify id of the ${set.type}`;
  if ('parent' in set && name === set.parent) return `\`${above}.Id\``;
  if (column === undefined) return COMMON[name] ?? '';
  return [sourceOf(set, name, column), ...(note ? [note] : []), ...scopeOf(column)].join('; ');
}

function sourceOf({ table, type }: Entity | ChildSet, name: string, column: Column): string {
  if (column.sources.length > 0)
    return [...column.sources, ...(column.newer?.column.sources ?? [])]
      .map((source) => `\`${type}.${pathOf(source)}\``)
      .join(column.newer === null ? ', ' : ', or ');
  const links = ENTITY_NAMES.flatMap((entity): readonly Link[] => entityOf(entity).links);
  const link = links.find((each) => each.table === table && name in each.copies);
  if (link === undefined) throw new Error(`Nothing fills ${table}.${name}: give it a source or a link.`);
  return `\`${link.to}.${link.copies[name]}\` by \`${link.by}\`; null while that is not mirrored`;
}

const scopeOf = ({ scope }: Column): readonly string[] => (scope === null ? [] : [`needs \`${scope}\``]);

export const readableTables = (): readonly ReadableTable[] => [
  described('Freshness', schema.views.Freshness, 'A view: how far the mirror can be trusted.', FRESHNESS),
  described('Stores', schema.Stores, 'One row per Shopify shop.', STORES),
  ...ENTITY_NAMES.flatMap((name) => mirrored(entityOf(name), null)),
  described(
    'Certificates',
    schema.Certificates,
    'One row per finished census: what it proved.',
    CERTIFICATES,
  ),
  described(
    'CertifiedRanges',
    schema.CertifiedRanges,
    'One row per range of ids that a census compared, for 30 days.',
    CERTIFIED_RANGES,
  ),
  described(
    'UnprovenKeys',
    schema.UnprovenKeys,
    'Objects that a census found and that went out of sight of this app before they were read, for 30 days.',
    UNPROVEN_KEYS,
  ),
];

/** The tables as Markdown. */
export const readableTablesText = (): string =>
  readableTables()
    .map(({ name, says, columns }) => {
      const rows = columns.map(
        (column) => `| ${column.name} | ${column.type} | ${column.nullable ? 'null' : ''} | ${column.says} |`,
      );
      return [
        `### ${name}`,
        '',
        says,
        '',
        '| column | type | | |',
        '| --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
