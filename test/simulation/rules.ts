import type { Shop } from '../../simulator/shop.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';
import { gid } from '../../src/ids.ts';
import type { Lease } from '../../src/lease.ts';
import type { RefreshCommit } from '../../src/mark.ts';
import type { DetectionCommit } from '../../src/run.ts';
import { assertConserved } from '../../src/tally.ts';
import type { Ground, SeenRow } from './ground.ts';
import type { PostOffice } from './post-office.ts';
import type { Violations } from './violations.ts';

/**
 * The rules that hold after every single step (design §3). The checker sees the tables and the shop's truth; it
 * trusts nothing that the product says of itself.
 */
export class Rules {
  readonly #ground: Ground;
  readonly #shop: Shop;
  readonly #office: PostOffice;
  readonly #violations: Violations;
  readonly #rows = new Map<EntityName, ReadonlyMap<string, SeenRow>>();
  /** Webhook ids that nobody but a forger used. */
  readonly forged = new Set<string>();
  /** GIDs that the index never shows: R5 promises nothing for them. */
  readonly omitted = new Set<string>();
  /** The app was gone, or an operator paused the store. */
  mayRest = false;
  /** The app was not shown orders of more than 60 days for a while: no index told of them. */
  hidTheOld = false;
  /** GIDs of customers whose erasure Shopify asked for, with those of the orders that were theirs then. */
  readonly asked = new Map<string, readonly string[]>();
  #erased: ReadonlySet<string> = new Set();
  /** Writes that came too late, under a lease that was lost. */
  fenced = 0;
  /** Censuses that ended with the brake on. */
  held = 0;
  /** The furthest that index or replica were behind in this run. */
  lagMs = 0;

  constructor(ground: Ground, shop: Shop, office: PostOffice, violations: Violations) {
    this.#ground = ground;
    this.#shop = shop;
    this.#office = office;
    this.#violations = violations;
  }

  check(): void {
    const marks = this.#ground.marks();
    for (const name of ENTITY_NAMES) {
      const rows = this.#ground.rows(name);
      this.#neverBackwards(name, rows);
      this.#notBuriedAlive(name, rows);
      this.#rows.set(name, rows);
    }
    this.#watermarks(marks);
    for (const run of this.#ground.leakingRuns())
      this.#violations.add('R11', `the ${run} does not account for every key it saw`);
    this.#onlyShopifySpeaks();
    if (!this.mayRest && this.#ground.resting() > 0)
      this.#violations.add('R8', 'the store rests, and its app was never gone');
    this.#staysErased();
  }

  /** R2. A tombstone never rises here: Shopify gives no id twice, and no replica lags as long as SETTLE. */
  #neverBackwards(name: EntityName, rows: ReadonlyMap<string, SeenRow>): void {
    for (const [id, was] of this.#rows.get(name) ?? []) {
      const is = rows.get(id);
      const key = `${name} ${id}`;
      if (is === undefined) this.#violations.add('R2', `the row of ${key} is gone`);
      else if (was.deletedAt !== null) {
        if (is.deletedAt === null) this.#violations.add('R2', `${key} rose from the dead`);
      } else if (is.deletedAt === null) {
        if (is.updatedAt < was.updatedAt) this.#violations.add('R2', `${key} went back in time`);
        if (is.updatedAt === was.updatedAt && is.readAt < was.readAt)
          this.#violations.add('R2', `${key} was overwritten by an earlier read`);
      }
    }
  }

  /** R10. */
  #notBuriedAlive(name: EntityName, rows: ReadonlyMap<string, SeenRow>): void {
    const { type } = entityOf(name);
    for (const [id, { deletedAt }] of rows)
      if (deletedAt !== null && this.#shop.collection(name).current(gid(type, id)) !== null)
        this.#violations.add('R10', `${name} ${id} was buried alive`);
  }

  /** R5, sharper than promised: not OVERLAP but the furthest that this run's answers lagged. */
  #watermarks(marks: ReadonlyMap<string, string>): void {
    for (const [name, watermark] of this.#ground.watermarks()) {
      if (watermark === null) continue;
      const before = watermark - this.lagMs - GRAIN_MS;
      const rows = this.#rows.get(name);
      for (const { id: global, updatedAt, createdAt } of this.#shop.collection(name).values()) {
        const id = decimal(global);
        if (this.hidTheOld && name === 'orders' && createdAt < watermark - HIDDEN_MS) continue;
        if (updatedAt >= before || this.omitted.has(global) || marks.has(`${name} ${id}`)) continue;
        const row = rows?.get(id);
        if (row === undefined || row.updatedAt < Math.floor(updatedAt / 1_000) * 1_000)
          this.#violations.add('R5', `the watermark passed ${name} ${id}`);
      }
    }
  }

  /** R12. */
  #staysErased(): void {
    if (this.asked.size === 0) return;
    const { keys, telling } = this.#ground.erased();
    for (const key of telling) this.#violations.add('R12', `${key} was erased and tells of somebody`);
    for (const key of this.#erased)
      if (!keys.has(key)) this.#violations.add('R12', `${key} was erased and is not any more`);
    this.#erased = keys;
  }

  /**
   * R12, once all requests are done: the customers, and the orders that were theirs when it was asked. What came to
   * them since then without a word, as by a merge, is known when everything has been read again.
   */
  erasedAsAsked(after: 'requests' | 'census' | 'content'): void {
    const came = [...this.#shop.orders.values()].flatMap(({ id, customerGid }) =>
      after === 'content' && customerGid !== null && this.asked.has(customerGid) ? [id] : [],
    );
    const wanted = [
      ...[...this.asked.keys()].map((gid) => ({ name: 'customers' as const, table: 'Customers', gid })),
      ...[...this.asked.values(), came]
        .flat()
        .map((gid) => ({ name: 'orders' as const, table: 'Orders', gid })),
    ];
    for (const { name, table, gid } of wanted)
      if (this.#ground.rows(name).has(decimal(gid)) && !this.#erased.has(`${table} ${decimal(gid)}`))
        this.#violations.add('R12', `the erasure of ${table} ${decimal(gid)} was asked for, and it is not`);
  }

  /** R8. */
  #onlyShopifySpeaks(): void {
    if (this.forged.size === 0) return;
    const traces = this.#ground.webhookIds().filter((id) => this.forged.has(id));
    const queued = this.#office
      .texts('signals')
      .filter((text) => [...this.forged].some((id) => text.includes(id)));
    if (traces.length + queued.length > 0) this.#violations.add('R8', 'a forged delivery left a trace');
  }

  /** R6 and R11 around one commit of a refresh: what was raised during the read is as it was. */
  async refreshed<T>(lease: Lease, commit: RefreshCommit, carryOut: () => Promise<T>): Promise<T> {
    const before = this.#ground.marks();
    const result = await carryOut();
    const after = this.#ground.marks();
    const implied = new Set(commit.raises.map(({ entity, id }) => `${entity} ${id}`));
    for (const { id, sequence, mark } of commit.verdicts) {
      const key = `${lease.entity} ${id}`;
      const stood = before.get(key);
      if (stood !== undefined && stood !== sequence && !implied.has(key) && after.get(key) !== stood)
        this.#violations.add('R6', `the mark of ${key} was raised during the read, and is gone`);
      if (mark.do === 'keep' && stood === sequence && !after.has(key))
        this.#violations.add('R11', `${key} was deferred, and its mark is gone`);
    }
    for (const key of implied)
      if (!after.has(key))
        this.#violations.add('R6', `the mark that a written row implied on ${key} is missing`);
    this.#conserved(commit);
    return result;
  }

  /** R11 around one commit of a detector: whatever was deferred is marked. */
  async detected(lease: Lease, commit: DetectionCommit, carryOut: () => Promise<unknown>): Promise<void> {
    await carryOut();
    if (commit.certificate?.held) this.held++;
    const marks = this.#ground.marks();
    for (const id of [...commit.raises.map((raise) => raise.id), ...commit.hold])
      if (!marks.has(`${lease.entity} ${id}`))
        this.#violations.add('R11', `${lease.entity} ${id} was found stale and is not marked`);
    this.#conserved(commit);
  }

  #conserved({ tally }: Pick<RefreshCommit, 'tally'>): void {
    try {
      assertConserved(tally);
    } catch {
      this.#violations.add('R11', 'a batch lost a key');
    }
  }
}

/** Shopify's clock is read from whole seconds, and so are versions. */
const GRAIN_MS = 2_000;
const HIDDEN_MS = 59 * 86_400_000;

const decimal = (gid: string): string => gid.slice(gid.lastIndexOf('/') + 1);
