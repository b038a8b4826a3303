import { Late } from './deadline.ts';

/**
 * How many stores are worked on side by side in this process. A store that is already inside brings its other
 * entities in with it; the others wait in turn, and whoever is inside is told that somebody waits (R7).
 */
export interface Gate {
  /** Throws `Late` when no place was free until `over` is aborted. */
  enter<T>(storeId: number, work: (othersWait: () => boolean) => Promise<T>, over?: AbortSignal): Promise<T>;
}

export function createGate(storesAtOnce: number): Gate {
  const inside = new Map<number, number>();
  const waiting: { readonly storeId: number; readonly admit: () => void }[] = [];

  const hasRoom = (storeId: number) => inside.has(storeId) || inside.size < storesAtOnce;
  const step = (storeId: number, change: 1 | -1) => {
    const count = (inside.get(storeId) ?? 0) + change;
    if (count > 0) inside.set(storeId, count);
    else inside.delete(storeId);
  };
  const admitNext = () => {
    while (waiting.length > 0 && hasRoom(waiting[0]!.storeId)) {
      const next = waiting.shift()!;
      step(next.storeId, 1);
      next.admit();
    }
  };
  const place = async (storeId: number, over?: AbortSignal): Promise<void> => {
    if (waiting.length === 0 && hasRoom(storeId)) return step(storeId, 1);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const mine = { storeId, admit: resolve };
    const giveUp = () => {
      // Admitted already: the place is taken, and given back when the work ends.
      if (!waiting.includes(mine)) return;
      waiting.splice(waiting.indexOf(mine), 1);
      reject(new Late('no place was free in time'));
      // Whoever stood behind may fit where this one did not.
      admitNext();
    };
    waiting.push(mine);
    over?.addEventListener('abort', giveUp, { once: true });
    await promise.finally(() => over?.removeEventListener('abort', giveUp));
  };

  return {
    enter: async (storeId, work, over) => {
      await place(storeId, over);
      try {
        return await work(() => waiting.length > 0);
      } finally {
        step(storeId, -1);
        admitNext();
      }
    },
  };
}
