import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { Reject, Transient } from '../src/failures.ts';
import { privacyAttention } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import { exactCount } from '../src/shopify/heads.ts';
import type { Store, StoreStatus } from '../src/store.ts';
import { brief, count, living, mirroring, type StoreView } from './figures.ts';
import { closedTo, type Phase, phaseOf, rowsOfAll, type Sizes } from './phase.ts';
import type { Screen } from './screen.ts';

/** One store as this process sees it: its phase, what is worth saying about it, and its picture. */
export class Watched {
  phase: Phase | null = null;
  readonly #service: Service;
  readonly #screen: Screen;
  #view: StoreView | null = null;
  #sizes: Sizes = {};
  /** Whether an earlier start knew it. */
  readonly #known: boolean;
  readonly #since: number;

  constructor(service: Service, screen: Screen, known: boolean) {
    this.#service = service;
    this.#screen = screen;
    this.#known = known;
    this.#since = service.monotonic();
  }

  async look(store: Store): Promise<void> {
    const { database } = this.#service;
    const status = await database.status(store.id);
    this.#view = viewOf(store, status, this.#sizes, this.#service.clock());
    // Once mirrored it lives: that a census marks many keys at once is part of it.
    if (this.phase !== 'living') this.#enter(store, await phaseOf(database, store, status, this.#sizes));
  }

  /** Lines to be shown; fewer when it is one of several. */
  picture(oneOfSeveral: boolean): readonly string[] {
    const { paint } = this.#screen;
    if (this.#view === null || this.phase === null || this.phase === 'unreached') return [];
    if (oneOfSeveral) return [brief(this.#view, this.phase, paint)];
    return this.phase === 'mirroring'
      ? mirroring(this.#view, this.#service.monotonic() - this.#since, paint)
      : living(this.#view, paint);
  }

  #enter(store: Store, phase: Phase): void {
    const before = this.phase;
    this.phase = phase;
    if (phase === before || phase === 'unreached' || this.#view === null) return;
    const rows = count(rowsOfAll(this.#view.status));
    const say = (text: string) => this.#screen.say(`${store.domain}: ${text}`);
    if (phase === 'mirroring') {
      say(this.#known ? `going on with its first mirror, after ${rows} objects …` : 'mirroring …');
      void this.#measure(store);
    } else if (before === null && this.#known)
      say(`${rows} objects are mirrored already; going on from there.`);
    else {
      const seconds = (this.#service.monotonic() - this.#since) / 1_000;
      say(`mirrored, ${rows} objects, in ${seconds.toFixed(1)} s.`);
    }
  }

  /** How much there is to mirror. Where Shopify does not say, there is no bar. */
  async #measure(store: Store): Promise<void> {
    const api = this.#service.adminOf(store);
    for (const name of ENTITY_NAMES) {
      try {
        const { count: size } = await exactCount(api, store, entityOf(name));
        if (size !== null) this.#sizes = { ...this.#sizes, [name]: size };
      } catch (error) {
        if (!(error instanceof Reject || error instanceof Transient)) throw error;
      }
    }
  }
}

const viewOf = (store: Store, status: StoreStatus, sizes: Sizes, now: number): StoreView => {
  const { attention, identity, brakeHeld, otherVersion, answersVersion } = store.settings;
  const lacking = status.lacking.map(({ column, reason, rows }) => `${column} (${reason}, ${rows} rows)`);
  return {
    domain: store.domain,
    status,
    sizes,
    closed: closedTo(store),
    attention: [
      ...(attention === null ? [] : [attention]),
      ...(identity === null || identity.says === attention ? [] : [identity.says]),
      ...(store.unheard === 0
        ? []
        : [`${store.unheard} deliveries came while it rested: a census finds what they were about`]),
      ...(brakeHeld.length === 0
        ? []
        : [
            `more ${brakeHeld.join(', ')} look deleted than is plausible: check the app's scopes, then release`,
          ]),
      ...(otherVersion === null
        ? []
        : [
            `webhooks come in version ${otherVersion.version} of the Admin API: set the app's webhook version`,
          ]),
      ...(answersVersion === null
        ? []
        : [`Shopify answers in version ${answersVersion.version} of the Admin API: update Driftless`]),
      ...privacyAttention(status.privacy, now),
      ...(lacking.length === 0 ? [] : [`not known: ${lacking.join(', ')}; what was known before is kept`]),
    ],
  };
};
