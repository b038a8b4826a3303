import { eq, sql } from 'drizzle-orm';
import type { ChildRecord } from '../../src/record.ts';
import { type MirrorTable, pathTo, writtenColumns } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { incoming, placeholders, prepared } from './statements.ts';

/**
 * Child rows, replaced as whole sets: those of the read are written by their key (which moves a row that has
 * come to another parent), the parent's other rows are deleted, and the database deletes what hangs below
 * them.
 */

const tableOf = (name: string) => {
  const shape = pathTo(name).tables.at(-1)!;
  const table = schema.child(name);
  return { shape, table, key: columnNamed(table, shape.key), parent: columnNamed(table, shape.parent!) };
};

const upsert = prepared(({ db }, name: string, ...withheld: readonly string[]) => {
  const { shape, table, key } = tableOf(name);
  const columns = writtenColumns(shape).filter((column) => !withheld.includes(column));
  const written = [shape.parent!, ...columns];
  return db
    .insert(table)
    .values({ ...placeholders('StoreId'), ...placeholders(shape.key, ...written) })
    .onConflictDoUpdate({
      target: [table.StoreId, key],
      set: Object.fromEntries(written.map((column) => [column, incoming(columnNamed(table, column))])),
    })
    .returning({ id: table.Id })
    .prepare();
});

const ofParent = prepared(({ db }, name: string) => {
  const { table, key, parent } = tableOf(name);
  return db
    .select({ id: table.Id, key: sql<string>`${key}` })
    .from(table)
    .where(eq(parent, sql.placeholder('parentId')))
    .prepare();
});

const removal = prepared(({ db }, name: string) => {
  const { table } = tableOf(name);
  return db
    .delete(table)
    .where(eq(table.Id, sql.placeholder('id')))
    .prepare();
});

/** Makes the child sets of one row equal to `sets`; a table that is missing there was withheld and stays (R9). */
export function replaceChildren(
  connection: Connection,
  storeId: number,
  parentId: number,
  parent: MirrorTable,
  sets: Readonly<Record<string, readonly ChildRecord[]>>,
): void {
  for (const shape of parent.children) {
    const set = sets[shape.name];
    if (set) replaceSet(connection, storeId, parentId, shape, set);
  }
}

function replaceSet(
  connection: Connection,
  storeId: number,
  parentId: number,
  shape: MirrorTable,
  set: readonly ChildRecord[],
): void {
  const before = ofParent(connection, shape.name).all({ parentId });
  for (const record of set) {
    const child = { ...record.row, StoreId: storeId, [shape.parent!]: parentId, [shape.key]: record.key };
    const { id } = upsert(connection, shape.name, ...record.withheld).get(child);
    replaceChildren(connection, storeId, id, shape, record.children);
  }
  const present = new Set(set.map((record) => record.key));
  for (const { id, key } of before) if (!present.has(key)) removal(connection, shape.name).run({ id });
}
