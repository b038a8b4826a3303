import type { Database } from '../src/database.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import type { Store, StoreStatus } from '../src/store.ts';

/** Where a store is in its life, judged by what the database says and nothing that a process remembers. */
export type Phase = 'unreached' | 'mirroring' | 'living';

/** How many objects Shopify counts, as far as it was asked. */
export type Sizes = Readonly<Partial<Record<EntityName, number>>>;

/** Entities that the app was not granted. Empty while Shopify has not been asked. */
export const closedTo = ({ settings }: Store): readonly EntityName[] =>
  settings.scopes.length === 0
    ? []
    : ENTITY_NAMES.filter((name) => !settings.scopes.includes(entityOf(name).scope));

export async function phaseOf(
  database: Pick<Database, 'syncState'>,
  store: Store,
  status: StoreStatus,
  sizes: Sizes = {},
): Promise<Phase> {
  if (store.shopId === null) return 'unreached';
  const closed = closedTo(store);
  const open = ENTITY_NAMES.filter((name) => !closed.includes(name));
  const states = await Promise.all(open.map((name) => database.syncState(store.id, name)));
  if (states.some(({ watermark }) => watermark === null)) return 'mirroring';
  const complete = open.every((name) => rowsOf(status, name) >= (sizes[name] ?? Number.POSITIVE_INFINITY));
  return complete || mostlyRead(status) ? 'living' : 'mirroring';
}

/** Live objects of one entity in the mirror. */
export const rowsOf = ({ rows }: StoreStatus, name: EntityName): number => rows[entityOf(name).table] ?? 0;

export const rowsOfAll = (status: StoreStatus): number =>
  ENTITY_NAMES.reduce((sum, name) => sum + rowsOf(status, name), 0);

/**
 * No more than one in a hundred is still to be read, or read again: a store that trades always has a few marks,
 * and a reject keeps its own.
 */
const mostlyRead = (status: StoreStatus): boolean =>
  status.marksWaiting - status.rejects <= rowsOfAll(status) / 100;
