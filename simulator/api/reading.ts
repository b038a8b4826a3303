/**
 * One request's view of a shop: who asks, what time it is, and how old the copies are that answer. It is the
 * context that every resolver gets.
 */
import type { FieldNode } from 'graphql';
import type { Kind, Kinds, Order } from '../model.ts';
import type { Shop } from '../shop.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Without `read_all_orders` an order is visible this long after it was created. */
const ORDERS_VISIBLE_DAYS = 60;

interface Measure {
  parents: number;
  elements: number;
}

export class Reading {
  readonly shop: Shop;
  readonly now: number;
  readonly scopes: ReadonlySet<string>;
  /** Reads by id and unfiltered lists see the shop as it was at this time. */
  readonly replicaAsOf: number;
  /** `query:` filters find objects where they stood at this time. */
  readonly indexAsOf: number;
  /** Orders created before this do not exist for this app. */
  readonly ordersSince: number;
  readonly #measures = new Map<FieldNode, Measure>();

  constructor(shop: Shop) {
    this.shop = shop;
    this.now = shop.clock();
    this.scopes = withImplied(shop.installation.scopes);
    this.replicaAsOf = this.now - shop.consistency.replicaLagMs;
    this.indexAsOf = this.now - shop.consistency.indexLagMs;
    this.ordersSince = this.scopes.has('read_all_orders')
      ? Number.NEGATIVE_INFINITY
      : this.now - ORDERS_VISIBLE_DAYS * DAY_MS;
  }

  get<K extends Kind>(kind: K, gid: string): Kinds[K] | null {
    const found = this.shop.collection(kind).get(gid, this.replicaAsOf);
    return found && this.sees(found) ? found : null;
  }

  order(gid: string): Order | null {
    return this.get('orders', gid);
  }

  sees(object: Kinds[Kind]): boolean {
    return object.__typename !== 'Order' || object.createdAt >= this.ordersSince;
  }

  /** Notes how many elements a field gave to one parent, for the actual cost. */
  measure(field: FieldNode, elements: number): void {
    const measure = this.#measures.get(field);
    if (measure) {
      measure.parents += 1;
      measure.elements += elements;
    } else {
      this.#measures.set(field, { parents: 1, elements });
    }
  }

  sizeOf(field: FieldNode): number | undefined {
    const measure = this.#measures.get(field);
    return measure && measure.elements / measure.parents;
  }
}

/** The right to write is also the right to read. */
function withImplied(scopes: readonly string[]): Set<string> {
  const reads = scopes.filter((scope) => scope.startsWith('write_'));
  return new Set([...scopes, ...reads.map((scope) => scope.replace('write_', 'read_'))]);
}
