import type { Database } from '../src/database.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import type { Store, StoreStatus } from '../src/store.ts';

/** Where a store is in its life, judged by what the database says and nothing that a process remembers. */
export type Phase = 'unreached' | 'mirroring' | 'living';

/** Entities that the app was not granted. Empty while Shopify has not been asked. */
export const closedTo = ({ settings }: Store): readonly EntityName[] =>
  settings.scopes.length === 0
    ? []
    : ENTITY_NAMES.filter((name) => !settings.scopes.includes(entityOf(name).scope));

export async function phaseOf(
  database: Pick<Database, 'syncState'>,
  store: Store,
  status: StoreStatus,
): Promise<Phase> {
  if (store.shopId === null) return 'unreached';
  const closed = closedTo(store);
  const open = ENTITY_NAMES.filter((name) => !closed.includes(name));
  const states = await Promise.all(open.map((name) => database.syncState(store.id, name)));
  if (states.some(({ watermark }) => watermark === null)) return 'mirroring';
  return mostlyRead(status) ? 'living' : 'mirroring';
}

/**
 * A first mirror is over when no more than one in a hundred is still to be read: a store that trades meanwhile
 * always has a few marks, and a reject keeps its own.
 */
const mostlyRead = ({ marksWaiting, rejects, rows }: StoreStatus): boolean => {
  const all = ENTITY_NAMES.reduce((sum, name) => sum + (rows[entityOf(name).table] ?? 0), 0);
  return marksWaiting - rejects <= all / 100;
};
