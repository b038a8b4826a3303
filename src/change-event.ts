import { type EntityName, entityOf } from './entities/registry.ts';
import type { Store } from './store.ts';

/**
 * What those are told who build on the mirror: which row became different, in which columns, never what is in them
 * (R12): whoever may read the mirror reads it there, and gets the present state and not one of many on its way.
 */
export type ChangeType = 'created' | 'changed' | 'deleted';

/** An event of the outbox. */
export interface WaitingEvent {
  /** Grows with time within a key, and mostly across keys. */
  readonly id: number;
  readonly entity: EntityName;
  readonly shopifyId: string;
  readonly rowId: number;
  readonly type: ChangeType;
  /** Columns of a live row that became different; null where nobody compared them. */
  readonly columns: readonly string[] | null;
  /** Shopify's `updated_at` of the object, or when its absence was read. */
  readonly updatedAt: number;
  /** When the row was committed, by the database's clock. */
  readonly committedAt: number;
}

/** What became of events that were taken, by their ids. */
export interface EventsEnd {
  readonly sent: readonly number[];
  /** The topic will never take them. */
  readonly refused: readonly number[];
}

/** CloudEvents 1.0. `id` is that of the outbox: an event that is sent twice has the same one twice. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly store: string;
    readonly shopifyId: string;
    readonly rowId: number;
    /** Of two events of one object the later one has the greater number. */
    readonly sequence: number;
    readonly updatedAt: string;
    /**
     * `Title`, `ProductVariants.Price`, and `ProductVariants.*` where rows came or went. Empty for what was created or
     * deleted, which is all columns. Links to rows of other objects are not told: those have events of their own.
     */
    readonly changed: readonly string[];
  };
}

const TYPES: Readonly<Record<ChangeType, string>> = {
  created: 'Created',
  changed: 'Updated',
  deleted: 'Deleted',
};

export function cloudEventOf({ domain }: Pick<Store, 'domain'>, event: WaitingEvent): CloudEvent {
  const { id, entity, shopifyId, rowId, type, columns, updatedAt, committedAt } = event;
  return {
    // With its time: numbers begin anew in a database that is made anew.
    id: `${id}-${committedAt.toString(36)}`,
    source: `/driftless/${domain}`,
    type: `Driftless.${entityOf(entity).type}.${TYPES[type]}`,
    subject: `${entity}/${shopifyId}`,
    time: new Date(committedAt).toISOString(),
    data: {
      store: domain,
      shopifyId,
      rowId,
      sequence: id,
      updatedAt: new Date(updatedAt).toISOString(),
      changed: columns ?? [],
    },
  };
}
