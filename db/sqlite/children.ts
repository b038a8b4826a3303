import { eq, sql } from 'drizzle-orm';
import type { ChildRecord } from '../../src/database.ts';
import { type MirrorTable, writtenColumns } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { incoming, placeholders, prepared } from './statements.ts';

/**
 * Child rows, replaced as whole sets: those of the read are written by their key (which moves a row that has
 * come to another parent), the parent's other rows are deleted, and the database deletes what hangs below
 * them.
 */

const prepareUpsert = ({ db }: Connection, shape: MirrorTable, columns: readonly string[]) => {
  const table = schema.child(shape.name);
  const parent = shape.parent!;
  return db
    .insert(table)
    .values({ ...placeholders('StoreId'), ...placeholders(parent, shape.key, ...columns) })
    .onConflictDoUpdate({
      target: [table.StoreId, columnNamed(table, shape.key)],
      set: Object.fromEntries([parent, ...columns].map((name) => [name, incoming(columnNamed(table, name))])),
    })
    .returning({ id: table.Id })
    .prepare();
};

const prepareChildren = (connection: Connection, shape: MirrorTable) => {
  const { db } = connection;
  const table = schema.child(shape.name);
  const all = writtenColumns(shape);
  return {
    upsert: prepared((withheld: string) => {
      const kept = new Set(withheld.split(' '));
      return prepareUpsert(
        connection,
        shape,
        all.filter((name) => !kept.has(name)),
      );
    }),
    ofParent: db
      .select({ id: table.Id, key: sql<string>`${columnNamed(table, shape.key)}` })
      .from(table)
      .where(eq(columnNamed(table, shape.parent!), sql.placeholder('parentId')))
      .prepare(),
    remove: db
      .delete(table)
      .where(eq(table.Id, sql.placeholder('id')))
      .prepare(),
  };
};

export function children(connection: Connection) {
  const byTable = new Map<string, ReturnType<typeof prepareChildren>>();
  const statementsOf = (shape: MirrorTable) => {
    const known = byTable.get(shape.name) ?? prepareChildren(connection, shape);
    byTable.set(shape.name, known);
    return known;
  };

  /**
   * Makes the child sets of one row equal to `sets`; a table that is missing there was withheld and stays
   * (R9).
   */
  function replace(
    storeId: number,
    parentId: number,
    parent: MirrorTable,
    sets: Readonly<Record<string, readonly ChildRecord[]>>,
  ): void {
    for (const shape of parent.children) {
      const set = sets[shape.name];
      if (set) replaceSet(storeId, parentId, shape, set);
    }
  }

  function replaceSet(
    storeId: number,
    parentId: number,
    shape: MirrorTable,
    set: readonly ChildRecord[],
  ): void {
    const { upsert, ofParent, remove } = statementsOf(shape);
    const before = ofParent.all({ parentId });
    for (const record of set) {
      const child = { ...record.row, StoreId: storeId, [shape.parent!]: parentId, [shape.key]: record.key };
      const { id } = upsert(record.withheld.join(' ')).get(child);
      replace(storeId, id, shape, record.children);
    }
    const present = new Set(set.map((record) => record.key));
    for (const { id, key } of before) if (!present.has(key)) remove.run({ id });
  }

  return { replace };
}
