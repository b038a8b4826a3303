import { and, eq, isNull, sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease } from '../../src/lease.ts';
import type { Gap } from '../../src/mark.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { aboutKeys, placeholders, prepared } from './statements.ts';

/** Gaps: opened by the detector that found what no delivery had announced, healed by the read that proves the key. */

const { Gaps } = schema;

const open = prepared(({ db }) =>
  db
    .select({ id: Gaps.Id })
    .from(Gaps)
    .where(
      and(
        eq(Gaps.StoreId, sql.placeholder('storeId')),
        eq(Gaps.Entity, sql.placeholder('entity')),
        eq(Gaps.ShopifyId, sql.placeholder('id')),
        isNull(Gaps.HealedAt),
      ),
    )
    .limit(1)
    .prepare(),
);

const insertion = prepared(({ db }) =>
  db
    .insert(Gaps)
    .values({
      ...placeholders('StoreId', 'Entity', 'ShopifyId', 'RunId'),
      ...placeholders('FoundBy', 'Reason', 'ChangedAt', 'FoundAt'),
    })
    .prepare(),
);

const healing = prepared(({ db }) =>
  db
    .update(Gaps)
    .set({ HealedAt: sql`${sql.placeholder('now')}` })
    .where(and(aboutKeys(Gaps), isNull(Gaps.HealedAt)))
    .prepare(),
);

/** A gap that stands open is not opened again: a detector that died after its commit looks a second time. */
export function openGaps(connection: Connection, lease: Lease, runId: number, gaps: readonly Gap[]): void {
  const { storeId, entity } = lease;
  const now = connection.clock();
  for (const { id, changedAt, foundBy, reason } of gaps) {
    if (open(connection).get({ storeId, entity, id })) continue;
    insertion(connection).run({
      StoreId: storeId,
      Entity: entity,
      ShopifyId: id,
      RunId: runId,
      FoundBy: foundBy,
      Reason: reason,
      ChangedAt: changedAt,
      FoundAt: now,
    });
  }
}

export function healGaps(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): void {
  healing(connection).run({ storeId, entity, ids: JSON.stringify(ids), now: connection.clock() });
}
