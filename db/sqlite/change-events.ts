import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { placeholders, prepared } from './statements.ts';

/** The outbox, written in the transaction of the change that it announces. */

const { ChangeEvents } = schema;

/** What became of an object, for those who read the mirror. */
export interface Change {
  readonly id: string;
  readonly type: 'created' | 'changed' | 'deleted';
  /** Shopify's `updated_at` of the object, or when its absence was read. */
  readonly at: number;
}

const insertion = prepared(({ db }) =>
  db
    .insert(ChangeEvents)
    .values({
      ...placeholders('StoreId', 'Entity', 'ShopifyId', 'Type', 'UpdatedAt', 'CreatedAt', 'DueAt'),
      State: 'waiting',
      Attempts: 0,
    })
    .prepare(),
);

export function announceChanges(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  changes: readonly Change[],
): void {
  const now = connection.clock();
  for (const { id, type, at } of changes) {
    insertion(connection).run({
      StoreId: storeId,
      Entity: entity,
      ShopifyId: id,
      Type: type,
      UpdatedAt: at,
      CreatedAt: now,
      DueAt: now,
    });
  }
}
