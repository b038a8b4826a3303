import { compare } from '../../local/compare.ts';
import type { Change, What } from '../../simulator/changes.ts';
import { expectedRows } from '../../simulator/expected.ts';
import type { Kind } from '../../simulator/model.ts';
import type { Shop } from '../../simulator/shop.ts';
import type { Ground } from './ground.ts';
import type { Violations } from './violations.ts';

/**
 * R4: what was delivered takes effect without any sweep or census. A change whose deliveries were not lost is
 * remembered with the version that it made, or with the column that it moved without one; when queues and marks have
 * come to rest, the mirror must have it.
 */
interface Version {
  readonly kind: Kind;
  readonly id: string;
  /** Null for a deletion. */
  readonly updatedAt: number | null;
}

/** Announced without a version: only a read that is late enough proves them. */
const HINTED: Partial<Record<What, RegExp>> = {
  'customer-tags': /\.Tags /,
  'customer-consent': /\.Accepts/,
};

export class Announced {
  readonly #shop: Shop;
  readonly #versions = new Map<string, Version>();
  readonly #hints = new Map<string, { readonly kind: Kind; readonly id: string; readonly column: RegExp }>();

  constructor(shop: Shop) {
    this.#shop = shop;
  }

  note({ kind, id, topics, what }: Change, lost: boolean): void {
    const column = HINTED[what];
    if (column !== undefined) {
      if (lost) this.#hints.delete(`${what} ${id}`);
      else this.#hints.set(`${what} ${id}`, { kind, id, column });
    }
    // A merge moves the same columns of whoever is kept, and nobody has heard of it.
    if (lost && what === 'customer-merge')
      for (const [key, hint] of this.#hints) if (hint.id === id) this.#hints.delete(key);
    // An inventory item names its product only to those who have mirrored it.
    if (lost || topics.every((topic) => topic === 'inventory_items/update')) return;
    const object = this.#objectOf(kind, id);
    const updatedAt = object === undefined ? null : Math.floor(object.updatedAt / 1_000) * 1_000;
    this.#versions.set(`${kind} ${id}`, { kind, id, updatedAt });
  }

  async check(ground: Ground, storeId: number, violations: Violations): Promise<void> {
    for (const [key, version] of this.#versions) {
      const row = ground.rows(version.kind).get(version.id);
      const buried = row !== undefined && row.deletedAt !== null;
      if (version.updatedAt === null) {
        if (row !== undefined && !buried) violations.add('R4', `${key} was announced as deleted and is live`);
      } else if (!buried && !(row === undefined && this.#objectOf(version.kind, version.id) === undefined)) {
        if (row === undefined || row.updatedAt < version.updatedAt)
          violations.add('R4', `${key} was announced and is not mirrored`);
      }
    }
    if (this.#hints.size === 0) return;
    const { differences } = await compare(
      ground.database,
      storeId,
      'customers',
      expectedRows(this.#shop, 'customers'),
    );
    for (const { id, column } of this.#hints.values())
      for (const difference of differences)
        if (difference.id === id && column.test(difference.where))
          violations.add('R4', `${difference.where}, though it was announced`);
  }

  #objectOf(kind: Kind, id: string): { readonly updatedAt: number } | undefined {
    return [...this.#shop.collection(kind).values()].find((object) => object.id.endsWith(`/${id}`));
  }
}
