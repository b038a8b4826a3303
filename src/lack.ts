import type { Columns } from './entities/column.ts';
import type { ChildSet, Entity } from './entities/entity.ts';
import { ENTITY_NAMES, entityOf } from './entities/registry.ts';
import type { Store } from './store.ts';

/**
 * A lack: a column of a row, or of its child rows, whose value is not known, with the reason. The row says so itself
 * (its column `Lacks`), because no batch knows of the rows of others: what the latest batch happened to see tells nothing
 * of a row that was read an hour ago. A row keeps an old value under a lack; a new row has null.
 */
export type LackReason =
  /** The app has no scope for it: Shopify was not asked. */
  | 'scope'
  /** Shopify denies the field to this app, in every object: see `denial.ts`. */
  | 'denied'
  /** Shopify answered an error instead of the value: it is asked again. */
  | 'error'
  /** Shopify told a value that the column cannot hold: it is null, and asking again changes nothing. */
  | 'unfit';

/** By `Table.Column`; `Table.*` where a whole list of children is not known. Sorted by name. */
export type Lacks = Readonly<Record<string, LackReason>>;

/** How many live rows of an entity lack a column. */
export interface Lacking {
  readonly column: string;
  readonly reason: LackReason;
  readonly rows: number;
}

/** Where several objects lack one column for different reasons, the one that is most worth another look is told. */
const RANK: Readonly<Record<LackReason, number>> = { error: 3, denied: 2, scope: 1, unfit: 0 };

export const stronger = (a: LackReason | undefined, b: LackReason): LackReason =>
  a === undefined || RANK[b] > RANK[a] ? b : a;

/** Characters that the column `Lacks` holds. */
export const LACKS_MAX = 4_000;

/** Null where nothing is lacking. Sorted, and short enough for its column: else whole tables stand for their columns. */
export function lacksOf(found: Iterable<readonly [string, LackReason]>): Lacks | null {
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) return null;
  const lacks = Object.fromEntries(sorted);
  if (JSON.stringify(lacks).length <= LACKS_MAX) return lacks;
  const tables = new Map<string, LackReason>();
  for (const [name, reason] of sorted) {
    const all = `${tableOf(name)}.*`;
    tables.set(all, stronger(tables.get(all), reason));
  }
  return Object.fromEntries(tables);
}

export const lacksText = (lacks: Lacks | null): string | null =>
  lacks === null ? null : JSON.stringify(lacks);

/** What `lacksText` made. */
export const readLacks = (text: string | null): Lacks | null =>
  text === null ? null : (JSON.parse(text) as Lacks);

/** Whether two rows lack the same, whatever the reasons: else their content cannot be compared. */
export const lackTheSame = (a: Lacks | null, b: Lacks | null): boolean =>
  Object.keys(a ?? {}).join() === Object.keys(b ?? {}).join();

/** Whether a mark must stay because of it (R9): what may be told at the next look. */
export const asksAgain = (lacks: Lacks | null): boolean => Object.values(lacks ?? {}).includes('error');

/**
 * Whether at least one of the lacking columns may be read now: its scope is granted now, nothing says any more that it
 * is denied, or an error had been in the way.
 */
export const maySeeNow = (lacks: Lacks | null, store: Pick<Store, 'settings'>, entity: Entity): boolean =>
  Object.entries(lacks ?? {}).some(([name, reason]) => mayBeSeen(name, reason, store, entity));

function mayBeSeen(
  name: string,
  reason: LackReason,
  { settings }: Pick<Store, 'settings'>,
  entity: Entity,
): boolean {
  switch (reason) {
    case 'unfit':
      return false;
    case 'error':
      return true;
    case 'denied':
      return settings.denied[name]?.since == null;
    case 'scope':
      return (scopesOf(entity).get(name) ?? []).every((scope) => settings.scopes.includes(scope));
  }
}

/** Whether scopes open a table or column of the entity, or objects that were out of sight. */
export const isOpenedBy = (entity: Entity, scopes: readonly string[]): boolean =>
  [...scopesOf(entity).values()].flat().some((scope) => scopes.includes(scope)) ||
  (entity.windowed && scopes.includes('read_all_orders'));

/** Tables that no scope of the store opens: no row can say that it lacks something. */
export const closedTables = ({ settings: { scopes } }: Pick<Store, 'settings'>): readonly string[] =>
  ENTITY_NAMES.map(entityOf).flatMap(({ scope, table }) => (scopes.includes(scope) ? [] : [`${table}.*`]));

/** The scopes without which a column, or a whole table, cannot be read. */
function scopesOf(entity: Entity): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const add = (table: string, columns: Columns, children: readonly ChildSet[]): void => {
    found.set(`${table}.*`, [entity.scope]);
    for (const [name, { scope, hidden }] of Object.entries(columns))
      found.set(`${table}.${name}`, [
        entity.scope,
        ...(scope === null ? [] : [scope]),
        ...(hidden === null ? [] : [hidden.without]),
      ]);
    for (const set of children) add(set.table, set.columns, set.children);
  };
  add(entity.table, entity.columns, entity.children);
  return found;
}

const tableOf = (name: string): string => name.slice(0, name.indexOf('.'));
