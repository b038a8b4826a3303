/**
 * The life of a shop: business events, one at a time or so many a second. Each keeps every total of the shop
 * consistent, moves `updatedAt` where Shopify does, announces the topics that Shopify would, and is logged, so
 * that a test or a benchmark can ask what happened and when.
 *
 * With the same seed, shop and clock the same things happen.
 */
import {
  changeConsent,
  createCustomer,
  deleteCustomer,
  editCustomer,
  mergeCustomers,
  tagCustomer,
} from './changes/customers.ts';
import { Ledger } from './changes/ledger.ts';
import {
  annotateOrder,
  archiveOrder,
  cancelOrder,
  createOrder,
  deleteOrder,
  editOrder,
  fulfilOrder,
  payOrder,
  refundOrder,
  touchOldOrder,
} from './changes/orders.ts';
import {
  addVariants,
  createProduct,
  deleteProduct,
  editProduct,
  removeVariants,
} from './changes/products.ts';
import { Stage, type Subject } from './changes/stage.ts';
import { changeInventory, changeUnitCost } from './changes/stock.ts';
import type { Kind } from './model.ts';
import type { Random } from './random.ts';
import type { Shop } from './shop.ts';

/** Plays one event; null when the shop has nothing that it could happen to. */
type Event = (stage: Stage) => Subject | null;

interface Entry {
  /** How often it happens among a hundred. */
  readonly share: number;
  readonly play: Event;
  /** Makes a new object, so it cannot be wished on one. */
  readonly creates?: boolean;
}

const events = {
  'customer-create': { share: 5, play: createCustomer, creates: true },
  'customer-edit': { share: 10, play: editCustomer },
  'customer-tags': { share: 4, play: tagCustomer },
  'customer-consent': { share: 3, play: changeConsent },
  'customer-delete': { share: 1, play: deleteCustomer },
  'customer-merge': { share: 1, play: mergeCustomers },
  'product-create': { share: 2, play: createProduct, creates: true },
  'product-edit': { share: 8, play: editProduct },
  'product-delete': { share: 1, play: deleteProduct },
  'product-inventory': { share: 8, play: changeInventory },
  'product-unit-cost': { share: 2, play: changeUnitCost },
  'product-add-variants': { share: 2, play: addVariants },
  'product-remove-variants': { share: 2, play: removeVariants },
  'order-create': { share: 16, play: createOrder, creates: true },
  'order-pay': { share: 6, play: payOrder },
  'order-fulfil': { share: 8, play: fulfilOrder },
  'order-edit': { share: 4, play: editOrder },
  'order-annotate': { share: 5, play: annotateOrder },
  'order-old': { share: 2, play: touchOldOrder },
  'order-refund': { share: 5, play: refundOrder },
  'order-cancel': { share: 2, play: cancelOrder },
  'order-archive': { share: 2, play: archiveOrder },
  'order-delete': { share: 1, play: deleteOrder },
} satisfies Record<string, Entry>;

export type What = keyof typeof events;
export const whats = Object.keys(events) as readonly What[];

/** One thing that happened, named after the object it happened to. `id` is decimal, `at` the shop's time in ms. */
export interface Change {
  readonly kind: Kind;
  readonly id: string;
  readonly what: What;
  readonly at: number;
  readonly topics: readonly string[];
}

interface Memory {
  readonly ledger: Ledger;
  readonly log: Change[];
  readonly recent: Map<Kind, { readonly gid: string; readonly at: number }>;
}

/** What is remembered of a shop beside the shop itself. */
const memories = new WeakMap<Shop, Memory>();

function memoryOf(shop: Shop): Memory {
  const known = memories.get(shop);
  if (known) return known;
  const memory: Memory = { ledger: new Ledger(shop), log: [], recent: new Map() };
  memories.set(shop, memory);
  return memory;
}

/** All changes of a shop since it was made, oldest first. */
export function changesOf(shop: Shop): readonly Change[] {
  return memoryOf(shop).log;
}

export interface Wish {
  readonly what?: What;
  /** GID of the object it shall happen to. */
  readonly gid?: string;
}

/** Thrown when what was wished for cannot happen in this shop as it is. */
export class ImpossibleChange extends Error {}

/** Makes one change: the wished one, or any. */
export function change(shop: Shop, random: Random, { what, gid }: Wish = {}): Change {
  if (what !== undefined) return wished(shop, random, what, gid ?? null);
  // A small shop has no order to cancel or customer to delete; then something else happens.
  for (let tries = 0; tries < 100; tries += 1) {
    const made = play(shop, random, any(random), null);
    if (made) return made;
  }
  throw new ImpossibleChange(`Nothing can happen in ${shop.profile.domain}.`);
}

function wished(shop: Shop, random: Random, what: What, gid: string | null): Change {
  const entry: Entry = events[what];
  if (entry.creates && gid !== null) {
    throw new ImpossibleChange(`${what} makes a new object: leave out the id.`);
  }
  const made = play(shop, random, what, gid);
  if (made) return made;
  const to = gid === null ? `anything in ${shop.profile.domain}` : gid;
  throw new ImpossibleChange(`${what} cannot happen to ${to} as it is now.`);
}

const totalShare = whats.reduce((sum, what) => sum + events[what].share, 0);

function any(random: Random): What {
  let left = random.between(0, totalShare - 1);
  for (const what of whats) {
    left -= events[what].share;
    if (left < 0) return what;
  }
  return 'order-create';
}

function play(shop: Shop, random: Random, what: What, wanted: string | null): Change | null {
  const { ledger, log, recent } = memoryOf(shop);
  const now = shop.clock();
  const fresh = [...recent]
    .filter(([, { at }]) => now - at < 1000)
    .map(([kind, { gid }]) => [kind, gid] as const);
  const stage = new Stage({ shop, random, ledger, wanted, recent: new Map(fresh) });
  const subject = events[what].play(stage);
  if (!subject) return null;
  recent.set(subject.kind, { gid: subject.id, at: now });
  const id = subject.id.slice(subject.id.lastIndexOf('/') + 1);
  const made = { kind: subject.kind, id, what, at: stage.at, topics: stage.topics };
  log.push(made);
  return made;
}
