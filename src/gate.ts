/**
 * How many stores are worked on side by side in this process. A store that is already inside brings its other
 * entities in with it; the others wait in turn, and whoever is inside is told that somebody waits (R7).
 */
export interface Gate {
  enter<T>(storeId: number, work: (othersWait: () => boolean) => Promise<T>): Promise<T>;
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
  const place = async (storeId: number): Promise<void> => {
    if (waiting.length === 0 && hasRoom(storeId)) step(storeId, 1);
    else await new Promise<void>((admit) => waiting.push({ storeId, admit }));
  };

  return {
    enter: async (storeId, work) => {
      await place(storeId);
      try {
        return await work(() => waiting.length > 0);
      } finally {
        step(storeId, -1);
        admitNext();
      }
    },
  };
}
