import type { Monotonic } from '../src/clock.ts';
import type { Database } from '../src/database.ts';
import type { Lease } from '../src/lease.ts';

/**
 * Leases that end with their process. A census asks for ten minutes, and after a kill nobody could go on with it
 * for as long; a person who starts again is not that patient. So the database is asked for moments, and as long
 * as this process lives it asks again, up to the time that the holder was promised.
 *
 * Messages must stay away longer than a dead holder's lease (`MESSAGE_LEASE_MS`): one that came back earlier
 * would find it busy and be dropped.
 */
const LEASE_MS = 8_000;
const BEAT_MS = 2_500;
export const MESSAGE_LEASE_MS = 15_000;

export function withHeartbeat(database: Database, monotonic: Monotonic): Database {
  const promised = new Map<string, { readonly lease: Lease; readonly until: number }>();
  const promise = (lease: Lease, ms: number) => promised.set(lease.token, { lease, until: monotonic() + ms });
  const moment = (ms: number) => Math.min(ms, LEASE_MS);

  const beat = setInterval(() => {
    for (const { lease, until } of promised.values()) {
      const leftMs = until - monotonic();
      if (leftMs <= 0) promised.delete(lease.token);
      // Where it fails the lease lapses, and the holder's next commit is refused: that is what fencing is for.
      else void database.renewLease(lease, moment(leftMs)).catch(() => {});
    }
  }, BEAT_MS).unref();

  return {
    ...database,
    acquireLease: async (storeId, entity, kind, ms) => {
      const lease = await database.acquireLease(storeId, entity, kind, moment(ms));
      if (lease !== null) promise(lease, ms);
      return lease;
    },
    renewLease: async (lease, ms) => {
      const renewed = await database.renewLease(lease, moment(ms));
      if (renewed) promise(lease, ms);
      return renewed;
    },
    releaseLease: async (lease, options) => {
      const term = promised.get(lease.token);
      promised.delete(lease.token);
      const released = await database.releaseLease(lease, options);
      // Kept, because a mark fell due: the holder goes on.
      if (!released && options?.unlessDue && term) promised.set(lease.token, term);
      return released;
    },
    close: async () => {
      clearInterval(beat);
      await database.close();
    },
  };
}
