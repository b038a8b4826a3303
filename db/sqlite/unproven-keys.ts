import type { Lease } from '../../src/lease.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { incoming, placeholders, prepared } from './statements.ts';

/**
 * Keys that a census found and whose marks ended without proof. Every certificate that was open or being made then counts
 * them: see `unprovenOf` in certificates.ts.
 */
export interface Unproven {
  readonly id: string;
  readonly foundByRun: number;
}

const { UnprovenKeys } = schema;

const noting = prepared(({ db }) =>
  db
    .insert(UnprovenKeys)
    .values(placeholders('StoreId', 'Entity', 'FoundByRun', 'ShopifyId', 'EndedAt'))
    .onConflictDoUpdate({
      target: [UnprovenKeys.StoreId, UnprovenKeys.Entity, UnprovenKeys.FoundByRun, UnprovenKeys.ShopifyId],
      set: { EndedAt: incoming(UnprovenKeys.EndedAt) },
    })
    .prepare(),
);

export function noteUnproven(
  connection: Connection,
  { storeId, entity }: Lease,
  keys: readonly Unproven[],
): void {
  const now = connection.clock();
  for (const { id, foundByRun } of keys)
    noting(connection).run({
      StoreId: storeId,
      Entity: entity,
      FoundByRun: foundByRun,
      ShopifyId: id,
      EndedAt: now,
    });
}
