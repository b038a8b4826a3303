import type { SimulatedShop } from '../../local/simulated.ts';
import { create, edit, remove } from './shop.ts';

/**
 * The differences between the shop and the mirror that a census has to find: of each kind some, at both ends of the ids
 * and spread between. What has vanished stands outermost, because a range without an object at its end is the hard
 * case. What is missing was left out when the mirror was filled, or came into the shop since.
 */
export const OF_EACH_KIND = 7;

const KINDS = ['vanished', 'missing', 'newer'] as const;
type Kind = (typeof KINDS)[number];

/** With fewer customers the places of two censuses would touch each other. */
export const CUSTOMERS_MIN = 100;

export class Planted {
  readonly #kinds: ReadonlyMap<number, Kind>;
  readonly #ids = new Map<string, Kind>();

  /** `from` is the distance to the next end or middle: each census has places of its own. */
  constructor(customers: number, from: number) {
    const last = customers - 1;
    const middles = Array.from({ length: OF_EACH_KIND }, (_, i) =>
      Math.round((i * last) / (OF_EACH_KIND - 1)),
    );
    const inwards = (middle: number, far: number) => (middle * 2 > last ? middle - far : middle + far);
    this.#kinds = new Map(
      middles.flatMap((middle) => KINDS.map((kind, i) => [inwards(middle, from + i), kind] as const)),
    );
  }

  /** Told of each customer, in the order of their ids, what belongs there; undefined where nothing does. */
  visit(index: number, id: string): Kind | undefined {
    const kind = this.#kinds.get(index);
    if (kind !== undefined) this.#ids.set(id, kind);
    return kind;
  }

  async changeThere(shop: SimulatedShop): Promise<void> {
    for (const [id, kind] of this.#ids) {
      if (kind === 'newer') await edit(shop, id);
      if (kind === 'vanished') await remove(shop, id);
    }
  }

  async createThere(shop: SimulatedShop): Promise<void> {
    for (let i = 0; i < OF_EACH_KIND; i++) await create(shop, i);
  }
}
