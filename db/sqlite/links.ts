import { and, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import { isReference, type LinkPath, linkPaths } from '../mirror-tables.ts';
import type { Connection } from './connection.ts';
import { belongsTo, endOf } from './paths.ts';
import { prepared } from './statements.ts';

/**
 * Links between rows of different objects, which are committed apart and in any order: made after either
 * side's commit by statements over whole sets, which touch only rows that differ.
 *
 * What is copied stays when its source is not, or no longer, there. A reference does not: a row id that
 * belongs to another object than `by` names would be a lie, so it is taken back.
 */

const STORE = sql.placeholder('storeId');

/*
 * Which rows of the filled table: each condition names what its index begins with, and the others do not
 * mention the store, lest SQLite prefers an index by store and reads all of it.
 */

/** Those that belong to the objects `ids`. */
const ofFilled = ({ filled }: LinkPath): SQL => belongsTo(filled);

/** Those that point to one of the objects `ids`. */
const ofSource = ({ link, filled, source }: LinkPath): SQL => {
  const to = endOf(filled);
  const from = endOf(source);
  return sql`${to.column('StoreId')} = ${STORE} and ${to.column(link.by)} in
    (select ${from.column(link.toKey)} from ${from.table} where ${belongsTo(source)})`;
};

/** At most `limit` of the store's. They are chosen by an inner query, since UPDATE has no limit. */
const limited = ({ filled }: LinkPath, tables: SQL, condition: SQL | undefined): SQL => {
  const { column } = endOf(filled);
  return sql`${column('Id')} in (select ${column('Id')} from ${tables}
    where ${column('StoreId')} = ${STORE} and ${condition} limit ${sql.placeholder('limit')})`;
};

/** Rows that have a source and differ from it. */
const differing = ({ link, filled, source }: LinkPath) => {
  const to = endOf(filled);
  const from = endOf(source);
  return and(
    sql`${from.column('StoreId')} = ${STORE}`,
    sql`${from.column(link.toKey)} = ${to.column(link.by)}`,
    or(
      ...Object.entries(link.copies).map(
        ([name, original]) => sql`${to.column(name)} is not ${from.column(original)}`,
      ),
    ),
  );
};

/** Rows whose reference leads to another object than the one that `by` names. */
const astray = ({ link, filled, source }: LinkPath, reference: string) => {
  const to = endOf(filled);
  const from = endOf(source);
  return and(
    isNotNull(to.column(reference)),
    sql`not exists (select 1 from ${from.table} where ${from.column('Id')} = ${to.column(reference)}
      and ${from.column(link.toKey)} = ${to.column(link.by)})`,
  );
};

const prepareFill = ({ db }: Connection, path: LinkPath, rows: SQL | undefined) => {
  const from = endOf(path.source);
  const copies = Object.entries(path.link.copies).map(([name, original]) => [
    name,
    sql`${from.column(original)}`,
  ]);
  return db
    .update(endOf(path.filled).table)
    .set(Object.fromEntries(copies))
    .from(from.table)
    .where(and(differing(path), rows))
    .prepare();
};

const prepareTakeBack = ({ db }: Connection, path: LinkPath, reference: string, rows: SQL | undefined) =>
  db
    .update(endOf(path.filled).table)
    .set({ [reference]: null })
    .where(and(astray(path, reference), rows))
    .prepare();

const referencesOf = ({ link }: LinkPath): readonly string[] =>
  Object.keys(link.copies).filter((name) => isReference(link.copies[name]!));

const prepareAll = (connection: Connection, path: LinkPath) => {
  const to = endOf(path.filled).table;
  const from = endOf(path.source).table;
  return [
    prepareFill(connection, path, limited(path, sql`${to}, ${from}`, differing(path))),
    ...referencesOf(path).map((reference) =>
      prepareTakeBack(connection, path, reference, limited(path, sql`${to}`, astray(path, reference))),
    ),
  ];
};

export function links(connection: Connection) {
  /** After a commit of the entity: its own rows, then the rows of others that point to it. */
  const after = prepared((entity: EntityName) =>
    linkPaths().flatMap((path) => [
      ...(path.filled.entity === entity
        ? [
            prepareFill(connection, path, ofFilled(path)),
            ...referencesOf(path).map((reference) =>
              prepareTakeBack(connection, path, reference, ofFilled(path)),
            ),
          ]
        : []),
      ...(path.source.entity === entity ? [prepareFill(connection, path, ofSource(path))] : []),
    ]),
  );
  const all = prepared(() => linkPaths().flatMap((path) => prepareAll(connection, path)));

  return {
    link(storeId: number, entity: EntityName, ids: readonly string[]): void {
      for (const statement of after(entity)) statement.run({ storeId, ids: JSON.stringify(ids) });
    },

    linkAll: (storeId: number, limit: number): number =>
      all(null).reduce(
        (changed, statement) => changed + Number(statement.run({ storeId, limit }).changes),
        0,
      ),
  };
}
