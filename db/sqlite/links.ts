import { and, eq, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import { isReference, type LinkPath, linkPaths } from '../mirror-tables.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { belongsTo, endOf } from './paths.ts';
import { aboutKeys, incoming, prepared } from './statements.ts';

/**
 * Links between rows of different objects, which are committed apart and in any order: made after either
 * side's commit by statements over whole sets, which touch only rows that differ.
 *
 * A commit that changes a row notes that its links are owed, and making them strikes the note. If the process dies
 * between the two, the note is what the next tick finds; without one it reads nothing. Rejected: searching the
 * mirror for empty references, which shows neither a copy that is out of date nor one without a reference beside it.
 *
 * What is copied stays when its source is not, or no longer, there. A reference does not: a row id that
 * belongs to another object than `by` names would be a lie, so it is taken back.
 */

const STORE = sql.placeholder('storeId');

const { UnlinkedKeys } = schema;

const owing = prepared(({ db }) =>
  db
    .insert(UnlinkedKeys)
    // Without a condition SQLite would read the conflict clause as a join.
    .select(
      sql`select ${STORE}, ${sql.placeholder('entity')}, value, ${sql.placeholder('now')}
        from json_each(${sql.placeholder('ids')}) where true`,
    )
    .onConflictDoUpdate({
      target: [UnlinkedKeys.StoreId, UnlinkedKeys.Entity, UnlinkedKeys.ShopifyId],
      set: { WrittenAt: incoming(UnlinkedKeys.WrittenAt) },
    })
    .prepare(),
);

const striking = prepared(({ db }) => db.delete(UnlinkedKeys).where(aboutKeys(UnlinkedKeys)).prepare());

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

/** After a commit of the entity: its own rows, then the rows of others that point to it. */
const linking = prepared((connection, entity: EntityName) =>
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

/** Notes, in the transaction that writes these objects, that their links are to be made. */
export function oweLinks(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): void {
  owing(connection).run({ storeId, entity, ids: JSON.stringify(ids), now: connection.clock() });
}

export function link(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): void {
  makeLinks(connection, storeId, entity, ids);
}

/** Answers rows changed. The notes are struck first, so that one which comes meanwhile is not taken for an old one. */
function makeLinks(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): number {
  const keys = { storeId, entity, ids: JSON.stringify(ids) };
  striking(connection).run(keys);
  return linking(connection, entity).reduce(
    (changed, statement) => changed + Number(statement.run(keys).changes),
    0,
  );
}

export function linkAll(connection: Connection, storeId: number, limit: number): number {
  const owed = connection.db
    .select({ entity: UnlinkedKeys.Entity, id: UnlinkedKeys.ShopifyId })
    .from(UnlinkedKeys)
    .where(eq(UnlinkedKeys.StoreId, storeId))
    .orderBy(UnlinkedKeys.Entity, UnlinkedKeys.ShopifyId)
    .limit(limit)
    .all();
  let changed = 0;
  for (const [entity, keys] of Map.groupBy(owed, (key) => key.entity)) {
    const ids = keys.map(({ id }) => id);
    changed += makeLinks(connection, storeId, entity, ids);
  }
  return changed;
}
