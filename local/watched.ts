import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import { exactCount } from '../src/shopify/heads.ts';
import type { Store, StoreStatus } from '../src/store.ts';
import { brief, count, living, mirroring, type StoreView } from './figures.ts';
import { closedTo, type Phase, phaseOf } from './phase.ts';
import type { Screen } from './screen.ts';

/** One store as this process sees it: its phase, what is worth saying about it, and its picture. */
export class Watched {
  phase: Phase | null = null;
  readonly #service: Service;
  readonly #screen: Screen;
  #view: StoreView | null = null;
  #sizes: Partial<Record<EntityName, number>> = {};
  #mirroringSince = 0;
  #rowsAtFirst: number | null = null;

  constructor(service: Service, screen: Screen) {
    this.#service = service;
    this.#screen = screen;
  }

  async look(store: Store): Promise<void> {
    const { database } = this.#service;
    const status = await database.status(store.id);
    this.#view = viewOf(store, status, this.#sizes);
    this.#rowsAtFirst ??= rowsOf(this.#view);
    // Once mirrored it lives: that a census marks many keys at once is part of it.
    if (this.phase !== 'living') this.#enter(store, await phaseOf(database, store, status));
  }

  /** Lines to be shown; fewer when it is one of several. */
  picture(oneOfSeveral: boolean): readonly string[] {
    const { paint } = this.#screen;
    if (this.#view === null || this.phase === null || this.phase === 'unreached') return [];
    if (oneOfSeveral) return [brief(this.#view, this.phase, paint)];
    return this.phase === 'mirroring'
      ? mirroring(this.#view, this.#service.clock() - this.#mirroringSince, paint)
      : living(this.#view, paint);
  }

  #enter(store: Store, phase: Phase): void {
    const before = this.phase;
    this.phase = phase;
    if (phase === before || phase === 'unreached' || this.#view === null) return;
    const now = this.#service.clock();
    const rows = rowsOf(this.#view);
    const say = (text: string) => this.#screen.say(`${store.domain}: ${text}`);
    if (phase === 'mirroring') {
      this.#mirroringSince = now;
      say(
        this.#rowsAtFirst ? `going on with its first mirror, after ${count(rows)} objects …` : 'mirroring …',
      );
      void this.#measure(store);
    } else if (before === 'mirroring')
      say(`mirrored, ${count(rows)} objects, in ${((now - this.#mirroringSince) / 1_000).toFixed(1)} s.`);
    else say(`${count(rows)} objects are mirrored already; going on from there.`);
  }

  /** How much there is to mirror. Where Shopify does not say, there is no bar. */
  async #measure(store: Store): Promise<void> {
    const api = this.#service.adminOf(store);
    for (const name of ENTITY_NAMES) {
      try {
        const { count } = await exactCount(api, store, entityOf(name));
        if (count !== null) this.#sizes = { ...this.#sizes, [name]: count };
      } catch (error) {
        if (!(error instanceof Reject || error instanceof Transient)) throw error;
      }
    }
  }
}

const viewOf = (store: Store, status: StoreStatus, sizes: StoreView['sizes']): StoreView => {
  const { attention, brakeHeld, withheld } = store.settings;
  return {
    domain: store.domain,
    status,
    sizes,
    closed: closedTo(store),
    attention: [
      ...(attention === null ? [] : [attention]),
      ...(brakeHeld.length === 0
        ? []
        : [
            `more ${brakeHeld.join(', ')} look deleted than is plausible: check the app's scopes, then release`,
          ]),
      ...(withheld.length === 0 ? [] : [`Shopify withholds ${withheld.join(', ')}: known values are kept`]),
    ],
  };
};

const rowsOf = ({ status }: StoreView): number =>
  ENTITY_NAMES.reduce((sum, name) => sum + (status.rows[entityOf(name).table] ?? 0), 0);
