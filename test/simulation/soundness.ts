import { compare } from '../../local/compare.ts';
import { expectedRows } from '../../simulator/expected.ts';
import type { Shop } from '../../simulator/shop.ts';
import { DEFAULT_TIMING } from '../../src/clock.ts';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Lease } from '../../src/lease.ts';
import type { DetectionCommit } from '../../src/run.ts';
import { type Chronicle, changedAt, isGone, type Life, touchedAt } from './chronicle.ts';
import type { CompletedCertificate, Ground, SeenRow } from './ground.ts';
import type { ShownPages, Sight } from './shown.ts';
import { STORE } from './steps.ts';
import { isLinked, isUnversioned } from './unversioned.ts';
import type { Violations } from './violations.ts';

/**
 * R15, of every certificate at the moment that it is completed. What `matched` promises is held against the truth of the
 * shop; what `matched but` promises too, but for the keys and columns that its remarks count.
 *
 * - `exact`: what Shopify last changed more than SETTLE before `FromAt` is mirrored exactly, or buried.
 * - `seen`: no row that was compared is older than the list showed it.
 * - `ends`: once changes and faults have stopped no certificate waits, and the last one says `matched`.
 */

const { settleMs: SETTLE_MS } = DEFAULT_TIMING;
/** What is broken for a crowd is broken. */
const TOLD_MAX = 5;
/** Shopify's clock is read from whole seconds. */
const GRAIN_MS = 2_000;
/** An order this old is hidden from an app without `read_all_orders`, or may be by the time it is read. */
const HIDDEN_MS = 59 * 86_400_000;

export class Soundness {
  readonly #ground: Ground;
  readonly #shop: Shop;
  readonly #chronicle: Chronicle;
  readonly #violations: Violations;
  /** By run: what its census was shown of what it has compared. */
  readonly #sights = new Map<number, Map<string, Sight>>();
  readonly #checked = new Set<number>();
  #told = 0;
  /** Entities of which the app lacked the scope at some time, and orders of which it lacked the older ones. */
  readonly blinded = new Set<EntityName>();

  constructor(ground: Ground, shop: Shop, chronicle: Chronicle, violations: Violations) {
    this.#ground = ground;
    this.#shop = shop;
    this.#chronicle = chronicle;
    this.#violations = violations;
  }

  compared({ entity, kind }: Lease, { runId, census }: DetectionCommit, pages: ShownPages): void {
    if (kind !== 'census' || !census) return;
    const sights = this.#sights.get(runId) ?? new Map<string, Sight>();
    for (const [id, sight] of pages.take(entity, census.compared ? null : census.throughId))
      sights.set(id, sight);
    this.#sights.set(runId, sights);
  }

  async check(): Promise<void> {
    if (this.#ground.completedCount() === this.#checked.size) return;
    for (const certificate of this.#ground.completed()) {
      if (this.#checked.has(certificate.id)) continue;
      this.#checked.add(certificate.id);
      if (certificate.verdict.startsWith('matched')) await this.#hold(certificate);
    }
  }

  async #hold(certificate: CompletedCertificate): Promise<void> {
    const { entity, verdict, unknowable, hidesTheOld, byIndex } = certificate;
    const all = verdict === 'matched';
    // The remarks count keys that they do not name: what was out of sight, and what only the index listed.
    if (!all && (byIndex > 0 || (unknowable > 0 && this.blinded.has(entity) && entity !== 'orders'))) return;
    const leftOut = all ? NOBODY : this.#leftOut(certificate);
    const now = this.#shop.clock();
    const isLeftOut = ({ id, createdAt }: Life): boolean =>
      leftOut.has(id) || (hidesTheOld && createdAt < now - HIDDEN_MS);
    const rows = this.#ground.rows(entity);
    this.#asSeen(certificate, rows, isLeftOut);
    await this.#exactly(certificate, rows, isLeftOut);
  }

  /** Keys that a remark counts and a table names. */
  #leftOut({ entity, runId }: CompletedCertificate): ReadonlySet<string> {
    return new Set([...this.#ground.parked(entity), ...this.#ground.unproven(runId)]);
  }

  #asSeen(
    certificate: CompletedCertificate,
    rows: ReadonlyMap<string, SeenRow>,
    isLeftOut: (life: Life) => boolean,
  ): void {
    for (const [id, sight] of this.#sights.get(certificate.runId) ?? []) {
      const life = this.#chronicle.life(certificate.entity, id)!;
      if (sight.state === 'hidden' || isLeftOut(life)) continue;
      const row = rows.get(id);
      const isLive = row !== undefined && row.deletedAt === null;
      if (sight.state === 'gone') {
        if (isLive) this.#broken(certificate, `${id} is live, and its list did not hold it`);
      } else if (isLive) {
        if (row.updatedAt < sight.updatedAt)
          this.#broken(certificate, `${id} is older than its list showed it`);
      } else if (!isGone(life)) this.#broken(certificate, `${id} is not live, and its list held it`);
    }
  }

  async #exactly(
    certificate: CompletedCertificate,
    rows: ReadonlyMap<string, SeenRow>,
    isLeftOut: (life: Life) => boolean,
  ): Promise<void> {
    const { entity, fromAt, depth } = certificate;
    const before = fromAt - SETTLE_MS - GRAIN_MS;
    const hidden = this.#sights.get(certificate.runId);
    const versions = new Set<string>();
    const contents = new Set<string>();
    for (const life of this.#chronicle.lives(entity)) {
      if (changedAt(life) >= before || isLeftOut(life)) continue;
      if (hidden?.get(life.id)?.state === 'hidden') continue;
      const row = rows.get(life.id);
      const isLive = row !== undefined && row.deletedAt === null;
      if (isGone(life)) {
        if (isLive) this.#broken(certificate, `${life.id} is live, and had been deleted before`);
      } else if (!isLive) this.#broken(certificate, `${life.id} is not live, and had been there before`);
      else {
        versions.add(life.id);
        if (depth === 'content' && touchedAt(life) < before) contents.add(life.id);
      }
    }
    if (versions.size > 0) await this.#fields(certificate, versions, contents);
  }

  async #fields(
    certificate: CompletedCertificate,
    versions: ReadonlySet<string>,
    contents: ReadonlySet<string>,
  ): Promise<void> {
    const { entity, verdict, withheld } = certificate;
    const lacking = new Set(verdict === 'matched' ? [] : withheld);
    const { differences } = await compare(
      this.#ground.database,
      STORE,
      entity,
      expectedRows(this.#shop, entity),
    );
    for (const { id, where } of differences) {
      if (!versions.has(id) || isLinked(where) || isLacking(where, lacking)) continue;
      if (isUnversioned(where) && !contents.has(id)) continue;
      this.#broken(certificate, where);
    }
  }

  /** Everything has stopped: whoever still waits waits for ever. */
  ended(): void {
    for (const entity of this.#ground.waitingCertificates())
      this.#violations.add('R15', `ends: a certificate of ${entity} waits for ever`);
    for (const [entity, verdict] of this.#ground.lastVerdicts())
      if (verdict !== 'matched')
        this.#violations.add(
          'R15',
          `ends: all is still, and the last certificate of ${entity} says ${verdict}`,
        );
  }

  #broken({ entity, verdict, depth }: CompletedCertificate, what: string): void {
    if (this.#told++ < TOLD_MAX)
      this.#violations.add('R15', `a certificate (${depth}) says ${verdict}: ${entity} ${what}`);
  }
}

const NOBODY: ReadonlySet<string> = new Set();

/** `Customers/42.Email` among `Customers.Email` or `Customers.*`. */
const isLacking = (where: string, lacking: ReadonlySet<string>): boolean => {
  const [, table, column] = /^(\w+)\/[\d-]+(?:\.(\w+))?/.exec(where) ?? [];
  return lacking.has(`${table}.${column}`) || lacking.has(`${table}.*`);
};
