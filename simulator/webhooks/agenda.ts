/** What is to be sent when: a binary heap by due time, first come first served within one instant. */
interface Entry<T> {
  readonly dueAt: number;
  readonly sequence: number;
  readonly item: T;
}

export class Agenda<T> {
  #heap: Entry<T>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextDueAt(): number | null {
    return this.#heap[0]?.dueAt ?? null;
  }

  add(dueAt: number, item: T): void {
    const entry = { dueAt, sequence: this.#sequence++, item };
    const heap = this.#heap;
    let hole = heap.push(entry) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (!above || before(above, entry)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = entry;
  }

  /** Removes and returns everything due by `now`, in order. */
  takeDue(now: number): T[] {
    const due: T[] = [];
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      due.push(first.item);
      this.#removeFirst();
    }
    return due;
  }

  /** Forgets the items that are not to be kept. */
  keep(wanted: (item: T) => boolean): void {
    const kept = this.#heap.filter(({ item }) => wanted(item));
    // A sorted array is a heap.
    this.#heap = kept.sort((a, b) => (before(a, b) ? -1 : 1));
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      const left = heap[2 * hole + 1];
      if (!left) break;
      const right = heap[2 * hole + 2];
      const child = right && before(right, left) ? right : left;
      if (before(last, child)) break;
      heap[hole] = child;
      hole = child === left ? 2 * hole + 1 : 2 * hole + 2;
    }
    heap[hole] = last;
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence);
}
