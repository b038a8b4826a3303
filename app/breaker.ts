import type { Monotonic } from '../src/clock.ts';
import type { Database } from '../src/database.ts';
import { LoginRefused, Reject, Transient } from '../src/failures.ts';

/**
 * The database, opened by whoever needs it first, and spared while it is away. An outage meets every delivery, bell,
 * sweep and tick of the process; if each tried for itself, a database that just comes back would be met by all of
 * them, each with retries of its own, and each delivery would hold an invocation until its time-out. So after a few
 * failures in a row everybody is refused at once, and one call in half a minute is let through to see.
 *
 * One is enough: whatever was refused is sent again half a minute later at the earliest, so nothing would be done
 * sooner if more were asked. And a few in a row, not the first, because a single one may be a deadlock or a lost
 * connection, which says nothing about the next.
 *
 * One that no longer takes the login is opened anew, by its address as it then stands: the password was changed.
 */
const FAILURES_IN_A_ROW = 3;
export const PROBE_EVERY_MS = 30_000;

export function withBreaker(open: () => Promise<Database>, monotonic: Monotonic): Database {
  let opening: Promise<Database> | null = null;
  let failures = 0;
  let reason = '';
  let askAt = Number.NEGATIVE_INFINITY;

  const opened = (): Promise<Database> => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  const refuseWhileAway = () => {
    if (failures < FAILURES_IN_A_ROW) return;
    const now = monotonic();
    if (now < askAt)
      throw new Transient(`the database is away: ${reason}`, { retryAfterMs: Math.ceil(askAt - now) });
    // This call is the one that is let through; the next one's turn comes later, however this one ends.
    askAt = now + PROBE_EVERY_MS;
  };

  const call = async (name: string | symbol, args: readonly unknown[]): Promise<unknown> => {
    refuseWhileAway();
    const present = opened();
    try {
      const database = await present;
      const operation: unknown = Reflect.get(database, name);
      if (typeof operation !== 'function') throw new TypeError(`the database has no ${String(name)}`);
      const result: unknown = await operation.apply(database, args);
      failures = 0;
      return result;
    } catch (error) {
      if (error instanceof LoginRefused && opening === present) leave(present);
      note(error);
      throw error;
    }
  };

  /** Whoever is still at work with it may finish. */
  const leave = (present: Promise<Database>) => {
    opening = null;
    present.then((database) => database.close()).catch(() => {});
  };

  const note = (error: unknown) => {
    // One that cannot even be opened, whatever the reason, is away as well.
    const isAway = error instanceof Transient || (error instanceof Reject && opening === null);
    failures = isAway ? failures + 1 : 0;
    if (!isAway) return;
    reason = error.message;
    if (failures === FAILURES_IN_A_ROW) askAt = monotonic() + PROBE_EVERY_MS;
  };

  const close = async () => await (await opening?.catch(() => null))?.close();
  return new Proxy({} as Database, {
    // Whoever awaits this object asks it for `then`, and is answered that it is no promise.
    get: (_, name) =>
      name === 'then' ? undefined : name === 'close' ? close : (...args: unknown[]) => call(name, args),
  });
}
