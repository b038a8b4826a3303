import { and, eq, sql } from 'drizzle-orm';
import { type EntityName, entityOf } from '../../src/entities/registry.ts';
import { emptied, personalColumns, personalNames } from '../../src/erasure.ts';
import { type MirrorTable, mirrorTableOf, pathTo, withChildren } from '../mirror-tables.ts';
import { columnNamed } from '../schema/mirror.ts';
import { schema } from '../schema.sqlite.ts';
import { announceChanges } from './change-events.ts';
import type { Connection } from './connection.ts';
import { takeLeaseAway } from './leases.ts';
import { belongsTo, endOf } from './paths.ts';
import { countErased, openRequest } from './privacy-requests.ts';
import { aboutKeys, listed, prepared } from './statements.ts';

/** Emptying what is personal in rows that stand. What stands in the mirror is the entities' to say; the rest stands here. */

const { PrivacyKeys, Rejects } = schema;

const striking = prepared(({ db }) =>
  db
    .delete(PrivacyKeys)
    .where(
      and(
        eq(PrivacyKeys.RequestId, sql.placeholder('requestId')),
        eq(PrivacyKeys.Entity, sql.placeholder('entity')),
        sql`${PrivacyKeys.ShopifyId} in ${listed('ids')}`,
      ),
    )
    .returning({ id: PrivacyKeys.ShopifyId })
    .prepare(),
);

/** The rows of the entity's own table: they say since when, and that nobody knows what they hold. */
const emptying = prepared(({ db }, entity: EntityName) => {
  const { table: name, key, columns } = entityOf(entity);
  const table = schema.own(name);
  const now = sql`${sql.placeholder('now')}`;
  return db
    .update(table)
    .set({ ...emptied(columns), ContentHash: null, ErasedAt: now, SyncedAt: now })
    .where(
      and(eq(table.StoreId, sql.placeholder('storeId')), sql`${columnNamed(table, key)} in ${listed('ids')}`),
    )
    .returning({ id: sql<string>`${columnNamed(table, key)}`, rowId: table.Id, at: table.UpdatedAt })
    .prepare();
});

const emptyingChildren = prepared(({ db }, name: string) => {
  const path = pathTo(name);
  const { shape, table } = endOf(path);
  return db.update(table).set(emptied(shape.columns)).where(belongsTo(path)).prepare();
});

const emptyingRejects = prepared(({ db }) =>
  db.update(Rejects).set({ Reason: 'erased on request' }).where(aboutKeys(Rejects)).prepare(),
);

export function eraseRows(
  connection: Connection,
  requestId: number,
  entity: EntityName,
  ids: readonly string[],
  announce: boolean,
): void {
  const storeId = openRequest(connection, requestId);
  if (storeId === null) return;
  takeLeaseAway(connection, storeId, entity);
  const struck = striking(connection).all({ requestId, entity, ids: JSON.stringify(ids) });
  const keys = { storeId, entity, ids: JSON.stringify(struck.map(({ id }) => id)) };
  const rows = emptying(connection, entity).all({ ...keys, now: connection.clock() });
  countErased(connection, requestId, entityOf(entity).table, rows.length);
  for (const { name } of personalChildren(entity)) {
    const { changes } = emptyingChildren(connection, name).run(keys);
    countErased(connection, requestId, name, Number(changes));
  }
  const { changes } = emptyingRejects(connection).run(keys);
  countErased(connection, requestId, 'Rejects', Number(changes));
  const columns = personalNames(entityOf(entity));
  announceChanges(
    connection,
    storeId,
    entity,
    rows.map((row) => ({ ...row, type: 'changed', columns })),
    announce,
  );
}

const personalChildren = (entity: EntityName): readonly MirrorTable[] =>
  withChildren(mirrorTableOf(entityOf(entity)))
    .slice(1)
    .filter(({ columns }) => personalColumns(columns).length > 0);
