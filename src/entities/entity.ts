import type { Columns } from './column.ts';

/**
 * An entity is what Driftless mirrors as one unit: an object that Shopify can read by id, with its children.
 * Everything else (queries, decoding, marking, tables, sweeps, the census) follows from this description.
 */
export interface Entity {
  /** Also the name of the connection at the root of the Admin API. */
  readonly name: string;
  /** In the log. */
  readonly called: { readonly en: string; readonly ja: string };
  /** GraphQL type. */
  readonly type: string;
  /** Root field that counts the objects. */
  readonly countField: string;
  readonly table: string;
  /** Column with the Shopify id. */
  readonly key: string;
  readonly scope: string;
  /** Scopes that some of its topics need beside it. */
  readonly topicScopes: readonly string[];
  /** When it is swept unless its setting says otherwise (see ../schedules.ts): six fields, UTC. */
  readonly sweptAt: string;
  /** Objects read in one `nodes` query. */
  readonly batch: number;
  readonly columns: Columns;
  readonly children: readonly ChildSet[];
  /** By topic of Shopify's `WebhookSubscriptionTopic`. */
  readonly topics: Readonly<Record<string, readonly TopicKey[]>>;
  readonly links: readonly Link[];
  /** Other keys that may be stale once a row of this entity has changed. */
  readonly affects: readonly Reference[];
  /** People whose erasure erases what is personal in this object too. */
  readonly erasedWith: readonly Reference[];
  /** The `updated_at` filter is documented as "matching a whole day" (customers). */
  readonly filterByWholeDay: boolean;
  /** Without `read_all_orders` Shopify hides the objects created more than 60 days ago. */
  readonly windowed: boolean;
}

/** Rows that belong to a parent and are replaced as a whole set. */
export interface ChildSet {
  readonly table: string;
  readonly key: string;
  /** Column with the parent's row id. */
  readonly parent: string;
  readonly type: string;
  /** Field of the parent, and whether it is a connection (paged by cursor) or a plain list with `first`. */
  readonly field: string;
  readonly shape: 'connection' | 'list';
  readonly first: number;
  readonly args?: string;
  readonly columns: Columns;
  /** Field of the parent that tells how many there are: the census compares it with the rows. */
  readonly countField?: string;
  /** Shopify may answer `id: null`; the key is then made of the parent's id and this column. */
  readonly keyFallback?: string;
  readonly children: readonly ChildSet[];
}

/**
 * A key that a webhook body speaks of. `path` is dotted; a numeric id and a GID are both understood.
 * `own`: the body is the object itself, so its `updated_at` is a version to be expected.
 */
export interface TopicKey {
  readonly entity: string;
  readonly path: string;
  readonly own: boolean;
  readonly announces: 'presence' | 'absence';
  /** The id is not the key itself: the keys are those whose row, or child row, holds it in this column. */
  readonly through?: { readonly table: string; readonly column: string };
  /**
   * What finds the change where Shopify has cut the body down to an `id` that is not the key: a sweep unless said, a
   * census where something has gone, a content census where nothing moves `updatedAt`.
   */
  readonly cut?: 'census' | 'content';
}

/** A column filled from another table of the mirror, by its own statement after the commit of either side. */
export interface Link {
  readonly table: string;
  /** Column that holds the Shopify id of the other row. */
  readonly by: string;
  readonly to: string;
  readonly toKey: string;
  /** `{ CustomerId: 'Id' }`: column here ← column there. */
  readonly copies: Readonly<Record<string, string>>;
}

/** The object of `entity` whose id stands in `column` of a row. */
export interface Reference {
  readonly entity: string;
  readonly column: string;
}

/** Every table an entity fills, parents before children. */
export const tablesOf = (entity: Entity): readonly string[] => [
  entity.table,
  ...entity.children.flatMap(function tables(set: ChildSet): readonly string[] {
    return [set.table, ...set.children.flatMap(tables)];
  }),
];

/** The sets of children whose number Shopify tells with the parent. */
export const countedSets = (
  entity: Entity,
): readonly { readonly table: string; readonly parent: string; readonly countField: string }[] =>
  entity.children.flatMap(({ table, parent, countField }) =>
    countField === undefined ? [] : [{ table, parent, countField }],
  );
