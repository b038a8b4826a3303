/**
 * Where one change takes place: the shop, one instant, chance, and a way to choose what changes and to announce
 * what happened. All announcements of one stage are one event to Shopify: they share `X-Shopify-Event-Id`.
 */
import type { Kind, Kinds } from '../model.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import type { Ledger } from './ledger.ts';

export interface Subject {
  readonly kind: Kind;
  /** GID. */
  readonly id: string;
}

export interface StageSetting {
  readonly shop: Shop;
  readonly random: Random;
  readonly ledger: Ledger;
  /** The object that the change is wanted on; null to choose one. */
  readonly wanted: string | null;
  /** Objects that changed within this second: good ones to change again. */
  readonly recent: ReadonlyMap<Kind, string>;
}

const PROBES = 40;
/** How often the choice falls on what has changed within this second. */
const AGAIN = 0.45;

/** Couriers that know it put announcements with one event id under one `X-Shopify-Event-Id`. */
interface EventCourier {
  announce(topic: string, payload: object, eventId?: string): void;
}

export class Stage {
  readonly shop: Shop;
  readonly random: Random;
  readonly ledger: Ledger;
  /** Milliseconds, with microseconds: Shopify's `updated_at` has them inside. */
  readonly at: number;
  readonly topics: string[] = [];
  readonly #eventId: string;
  readonly #setting: StageSetting;

  constructor(setting: StageSetting) {
    this.#setting = setting;
    this.shop = setting.shop;
    this.random = setting.random;
    this.ledger = setting.ledger;
    this.at = Math.floor(setting.shop.clock()) + setting.random.between(0, 999) / 1000;
    this.#eventId = setting.random.uuid();
  }

  announce(topic: string, payload: object): void {
    this.topics.push(topic);
    const courier: EventCourier = this.shop.courier;
    courier.announce(topic, payload, this.#eventId);
  }

  /** The wanted object if it fits, else one at random that does; null if the shop has none. */
  choose<K extends Kind>(kind: K, fits: (object: Kinds[K]) => boolean = () => true): Kinds[K] | null {
    const collection = this.shop.collection(kind);
    const { wanted, recent } = this.#setting;
    if (wanted !== null) {
      const object = collection.current(wanted);
      return object && fits(object) ? object : null;
    }
    const again = recent.get(kind);
    if (again !== undefined && this.random.chance(AGAIN)) {
      const object = collection.current(again);
      if (object && fits(object)) return object;
    }
    return this.#search(kind, fits);
  }

  /** For the second object of a change: any that fits, whatever was wanted for the first. */
  chooseAnother<K extends Kind>(kind: K, fits: (object: Kinds[K]) => boolean): Kinds[K] | null {
    return this.#search(kind, fits);
  }

  #search<K extends Kind>(kind: K, fits: (object: Kinds[K]) => boolean): Kinds[K] | null {
    const collection = this.shop.collection(kind);
    const { size } = collection;
    if (size === 0) return null;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const object = collection.at(this.random.between(0, size - 1));
      if (object && fits(object)) return object;
    }
    const start = this.random.between(0, size - 1);
    for (let step = 0; step < size; step += 1) {
      const object = collection.at((start + step) % size);
      if (object && fits(object)) return object;
    }
    return null;
  }
}
