import { sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { RefreshCommit } from '../../src/mark.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { aboutKeys, incoming, placeholders, prepared } from './statements.ts';

/** Records that could not be mirrored as they are, parked until their key is written or buried after all. */

const { Rejects } = schema;

const parking = prepared(({ db }) =>
  db
    .insert(Rejects)
    .values({ ...placeholders('StoreId', 'Entity', 'ShopifyId', 'Reason', 'FirstAt', 'LastAt'), Times: 1 })
    .onConflictDoUpdate({
      target: [Rejects.StoreId, Rejects.Entity, Rejects.ShopifyId],
      set: {
        Reason: incoming(Rejects.Reason),
        LastAt: incoming(Rejects.LastAt),
        Times: sql`${Rejects.Times} + 1`,
      },
    })
    .prepare(),
);

const removal = prepared(({ db }) => db.delete(Rejects).where(aboutKeys(Rejects)).prepare());

export function parkRejects(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  rejects: RefreshCommit['rejects'],
): void {
  const now = connection.clock();
  for (const { id, reason } of rejects) {
    const key = { StoreId: storeId, Entity: entity, ShopifyId: id };
    parking(connection).run({ ...key, Reason: reason, FirstAt: now, LastAt: now });
  }
}

export function resolveRejects(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): void {
  removal(connection).run({ storeId, entity, ids: JSON.stringify(ids) });
}
