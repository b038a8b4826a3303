import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import { API_VERSION } from '../src/shopify/documents.ts';
import type { Signal } from './signal.ts';

/**
 * Deliveries in another version of the Admin API than the one that bodies are understood in: their keys may stand
 * elsewhere one day. Said once an hour for each store, in the log and in its status. The header is not signed, so it
 * decides nothing.
 */
const EVERY_MS = 3_600_000;

type Deps = Pick<Service, 'database' | 'directory' | 'clock' | 'monotonic' | 'log'>;

const saidAt = new WeakMap<Deps['database'], Map<number, number>>();

export async function noteVersion(
  { database, directory, clock, monotonic, log }: Deps,
  storeId: number,
  { apiVersion: version }: Signal,
): Promise<void> {
  if (version === null || version === API_VERSION) return;
  const said = saidAt.get(database) ?? new Map<number, number>();
  saidAt.set(database, said);
  const now = monotonic();
  if (now - (said.get(storeId) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
  said.set(storeId, now);
  log('versionOdd', { StoreId: storeId, Version: version, Expected: API_VERSION });
  try {
    // A signal may have waited for hours, and its store have been erased meanwhile.
    const store = await directory.byId(storeId);
    if (store !== null) await database.updateSettings(storeId, { otherVersion: { version, at: clock() } });
  } catch (error) {
    // The signal is marked; that its version was odd can be told by a later one.
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    said.delete(storeId);
  }
}
