import { and, asc, eq, isNotNull, lte, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { ChangeType, EventsEnd, WaitingEvent } from '../../src/change-event.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { listed, placeholders, prepared } from './statements.ts';

/**
 * The outbox: written in the transaction of the change that it announces, emptied by whoever takes events and says
 * what became of them. An event that was taken is invisible for a while, and so are the later ones of its key: an
 * order that holds although several processes send, and although one of them dies between sending and saying so.
 */

const { ChangeEvents, Stores } = schema;

/** What became of an object, for those who read the mirror. */
export interface Change {
  readonly id: string;
  readonly rowId: number;
  readonly type: ChangeType;
  readonly columns: readonly string[] | null;
  /** Shopify's `updated_at` of the object, or when its absence was read. */
  readonly at: number;
}

const insertion = prepared(({ db }) =>
  db
    .insert(ChangeEvents)
    .values({
      ...placeholders('StoreId', 'Entity', 'ShopifyId', 'Type', 'RowId', 'Columns', 'UpdatedAt'),
      ...placeholders('CreatedAt', 'DueAt', 'State'),
      Attempts: 0,
    })
    .prepare(),
);

export function announceChanges(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  changes: readonly Change[],
  announce: boolean,
): void {
  const now = connection.clock();
  for (const { id, rowId, type, columns, at } of changes) {
    insertion(connection).run({
      StoreId: storeId,
      Entity: entity,
      ShopifyId: id,
      Type: type,
      RowId: rowId,
      Columns: columns,
      UpdatedAt: at,
      CreatedAt: now,
      DueAt: now,
      State: announce ? 'waiting' : 'noted',
    });
  }
}

const waiting = and(
  eq(ChangeEvents.StoreId, sql.placeholder('storeId')),
  eq(ChangeEvents.State, 'waiting'),
  lte(ChangeEvents.DueAt, sql.placeholder('now')),
  isNotNull(ChangeEvents.RowId),
);

/** One seek per store: a count of all would grow with the backlog. */
export function storesWithEvents({ db, clock }: Connection): readonly number[] {
  const stores = db.select({ id: Stores.Id }).from(Stores).orderBy(Stores.Id).all();
  const now = clock();
  const first = db.select({ id: ChangeEvents.Id }).from(ChangeEvents).where(waiting).limit(1).prepare();
  return stores.flatMap(({ id }) => (first.all({ storeId: id, now }).length > 0 ? [id] : []));
}

const earlier = alias(ChangeEvents, 'earlier');

const taking = prepared(({ db }) => {
  const beingSent = db
    .select({ id: earlier.Id })
    .from(earlier)
    .where(
      and(
        eq(earlier.StoreId, ChangeEvents.StoreId),
        eq(earlier.Entity, ChangeEvents.Entity),
        eq(earlier.ShopifyId, ChangeEvents.ShopifyId),
        eq(earlier.State, 'waiting'),
        sql`${earlier.Id} < ${ChangeEvents.Id}`,
        sql`${earlier.DueAt} > ${sql.placeholder('now')}`,
      ),
    );
  return db
    .select({
      id: ChangeEvents.Id,
      entity: ChangeEvents.Entity,
      shopifyId: ChangeEvents.ShopifyId,
      rowId: sql<number>`${ChangeEvents.RowId}`,
      type: ChangeEvents.Type,
      columns: ChangeEvents.Columns,
      updatedAt: ChangeEvents.UpdatedAt,
      committedAt: ChangeEvents.CreatedAt,
    })
    .from(ChangeEvents)
    .where(and(waiting, notExists(beingSent)))
    .orderBy(asc(ChangeEvents.Id))
    .limit(sql.placeholder('limit'))
    .prepare();
});

const claim = prepared(({ db }) =>
  db
    .update(ChangeEvents)
    .set({ DueAt: sql`${sql.placeholder('until')}`, Attempts: sql`${ChangeEvents.Attempts} + 1` })
    .where(sql`${ChangeEvents.Id} in ${listed('ids')}`)
    .prepare(),
);

export function takeEvents(
  connection: Connection,
  storeId: number,
  limit: number,
  leaseMs: number,
): readonly WaitingEvent[] {
  const now = connection.clock();
  const events = taking(connection).all({ storeId, limit, now });
  const ids = events.map(({ id }) => id);
  claim(connection).run({ ids: JSON.stringify(ids), until: now + leaseMs });
  return events;
}

/** Whoever took too long may find that another has sent them meanwhile: what was sent is not taken again by being due. */
const settling = prepared(({ db }) => {
  const settle = (to: Readonly<Record<string, unknown>>) =>
    db
      .update(ChangeEvents)
      .set(to)
      .where(
        and(
          eq(ChangeEvents.StoreId, sql.placeholder('storeId')),
          sql`${ChangeEvents.Id} in ${listed('ids')}`,
        ),
      )
      .prepare();
  const now = sql`${sql.placeholder('now')}`;
  return {
    sent: settle({ State: 'sent', SentAt: now }),
    refused: settle({ State: 'refused', SentAt: now }),
    released: settle({ DueAt: now }),
  };
});

export function settleEvents(
  connection: Connection,
  storeId: number,
  taken: readonly number[],
  end: EventsEnd,
): void {
  const now = connection.clock();
  const { sent, refused, released } = settling(connection);
  sent.run({ storeId, now, ids: JSON.stringify(end.sent) });
  refused.run({ storeId, now, ids: JSON.stringify(end.refused) });
  released.run({ storeId, now, ids: JSON.stringify(taken) });
}
