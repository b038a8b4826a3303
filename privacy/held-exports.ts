import { NeedsAttention, Reject, Transient } from '../src/failures.ts';
import type { HeldExport } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';

/** Files with what was held of somebody: gone with the person, with the store, and after a while. */
const KEEP_MS = 30 * 24 * 3_600_000;

type Deps = Pick<Service, 'database' | 'exports'>;

/**
 * Removes files, and answers their names. They are forgotten only by `forgetExports`, after whoever asked has written
 * down that they are gone; a crash in between costs one more attempt.
 */
export async function removeExports(
  { database, exports }: Deps,
  which: (held: HeldExport) => boolean | Promise<boolean>,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const held of await database.heldExports()) {
    if (!(await which(held))) continue;
    if (exports === null)
      throw new NeedsAttention('files of data requests cannot be removed: set EXPORT_DIR to where they are');
    await exports.remove(held.name);
    removed.push(held.name);
  }
  return removed;
}

export async function forgetExports({ database }: Deps, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  for (const { requestId, name } of await database.heldExports())
    if (names.includes(name)) await database.forgetExport(requestId);
}

/**
 * With every tick, and after every file that was written: what has long been sent on goes, and what belongs to somebody
 * who was erased, or to a store that was. An erasure removes the files that are noted when it ends; one that was being
 * written then is noted before it looks here.
 */
export async function removeStale(service: Deps & Pick<Service, 'privacyKey' | 'log'>): Promise<void> {
  const { database, privacyKey, log } = service;
  const isStale = async ({ storeId, subject, heldForMs }: HeldExport): Promise<boolean> => {
    if (heldForMs > KEEP_MS) return true;
    if (!(await database.stores()).some(({ id }) => id === storeId)) return true;
    const key = await privacyKey();
    if (key === null || subject === null) return false;
    return (await database.suppressed(storeId, key.name, [subject])).erasedAt.size > 0;
  };
  try {
    await forgetExports(service, await removeExports(service, isStale));
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    log('exportsNotRemoved', { Cause: error.message });
  }
}
